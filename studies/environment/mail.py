"""Settings of the mail server from environment variables."""

from __future__ import annotations

import os
import re
from email.utils import parseaddr
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from studies.environment.values import choice, whole_number

MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The usual port of a mail server by the security of the connection."""
MAIL_ADDRESS = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+")


def mail_server(prefix: str, *, base_url: str) -> dict[str, Any]:
    """Return how emails are sent; empty when no mail server is named.

    Parameters
    ----------
    base_url
        Public address of VerteRead, which links in emails need.
    """
    parts = ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "FROM", "TIMEOUT_S")
    given = [part for part in parts if os.environ.get(prefix + part)]
    host = os.environ.get(f"{prefix}HOST", "")
    if not host:
        if given:
            raise ImproperlyConfigured(
                f"{prefix}{given[0]} is set but {prefix}HOST is not. Name the mail server, or "
                f"remove every {prefix} variable to send no emails."
            )
        return {}
    if not base_url:
        raise ImproperlyConfigured(
            f"{prefix}HOST is set but VERTEREAD_BASE_URL is not. Links in emails need it."
        )
    if set(host) & set("/:@ "):
        raise ImproperlyConfigured(f"{prefix}HOST must be a host name, such as smtp.example.org.")
    security = choice(f"{prefix}SECURITY", *MAIL_PORTS)
    port = whole_number(f"{prefix}PORT", MAIL_PORTS[security], least=1)
    if port > 65535:
        raise ImproperlyConfigured(f"{prefix}PORT must be at most 65535.")
    return {
        "host": host,
        "port": port,
        "use_tls": security == "starttls",
        "use_ssl": security == "tls",
        "timeout": whole_number(f"{prefix}TIMEOUT_S", 10, least=1),
        "sender": _mail_sender(f"{prefix}FROM"),
        **_mail_account(prefix, encrypted=security != "none"),
    }


def _mail_sender(name: str) -> str:
    value = os.environ.get(name, "")
    if "\n" in value or "\r" in value or not MAIL_ADDRESS.fullmatch(parseaddr(value)[1]):
        raise ImproperlyConfigured(
            f"{name} must be the sender of emails, such as verteread@example.org or "
            "VerteRead <verteread@example.org>."
        )
    return value


def _mail_account(prefix: str, *, encrypted: bool) -> dict[str, str]:
    account = {part: os.environ.get(prefix + part, "") for part in ("USER", "PASSWORD")}
    if bool(account["USER"]) != bool(account["PASSWORD"]):
        raise ImproperlyConfigured(f"Set both {prefix}USER and {prefix}PASSWORD, or neither.")
    if account["USER"] and not encrypted:
        raise ImproperlyConfigured(
            f"{prefix}SECURITY is none, so {prefix}PASSWORD would be sent unencrypted. Use "
            "starttls or tls, or remove user and password."
        )
    return {"username": account["USER"], "password": account["PASSWORD"]}
