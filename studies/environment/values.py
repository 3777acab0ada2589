"""Settings from environment variables; an invalid value prevents start-up with a message.

Every function raises ImproperlyConfigured for an invalid value.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRET_LENGTH = 43
"""Characters of 32 random bytes in base64."""
SECRET_VARIETY = 10
"""Different characters that a random key has at least."""
ENCRYPTION_KEY_BYTES = 32
EXAMPLE_SECRET = "change-me"
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def text(name: str, default: str = "") -> str:
    """Return the value as it is."""
    return os.environ.get(name, default)


def whole_number(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number that is not below ``least``."""
    value = os.environ.get(name, "")
    if not value:
        return default
    if not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number of at least {least}.")
    return int(value)


def switch(name: str, default: bool) -> bool:
    """Return True for 1 and False for 0."""
    value = os.environ.get(name, "")
    if not value:
        return default
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1.")
    return value == "1"


def choice(name: str, *options: str) -> str:
    """Return the option that is set; the first when none is."""
    value = os.environ.get(name, "") or options[0]
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}.")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Return the items of a list that is separated by commas."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def folder(name: str, default: Path) -> Path:
    """Return the absolute path of a folder."""
    return Path(os.environ.get(name) or default).expanduser().absolute()


def check_required(*names: str) -> None:
    """Raise ImproperlyConfigured unless each setting has a value."""
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(f"{' and '.join(missing)} must be set: see README.md, Settings.")


def secret_key(name: str) -> str:
    """Return a secret that is long and random enough; empty when it is not set."""
    value = os.environ.get(name, "")
    if not value:
        return ""
    if value.startswith(EXAMPLE_SECRET):
        problem = "still has the value of the example"
    elif len(value) < SECRET_LENGTH:
        problem = f"is too short: at least {SECRET_LENGTH} characters are needed"
    elif len(set(value)) < SECRET_VARIETY:
        problem = "is not random: it repeats a few characters"
    else:
        return value
    raise ImproperlyConfigured(f"{name} {problem}. Create a new one with: openssl rand -hex 32")


def encryption_keys(name: str) -> list[str]:
    """Return the Fernet keys of a list separated by commas; empty when it is not set."""
    keys = words(name, [])
    for key in keys:
        try:
            usable = len(base64.urlsafe_b64decode(key)) == ENCRYPTION_KEY_BYTES
        except ValueError:
            usable = False
        if not usable:
            # Without the value, which may be a mistyped key.
            raise ImproperlyConfigured(
                f"{name} must contain one or more keys of 32 bytes in URL-safe base64, separated "
                "by commas. Create one with: openssl rand -base64 32 | tr '+/' '-_'"
            )
    return keys


def database(name: str, *, idle_transaction_s: int) -> dict[str, Any]:
    """Return Django's settings for a ``postgres://user:password@host:port/name`` address.

    The server ends a session that is idle inside a transaction for ``idle_transaction_s`` seconds,
    so that a suspended process does not hold its locks forever; 0 is no limit. Without the address
    the settings still load, so that commands without a database can run.
    """
    url = os.environ.get(name, "")
    if not url:
        return {"ENGINE": "django.db.backends.dummy"}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} must look like postgres://user:password@host:5432/database."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **_idle_limit(idle_transaction_s)},
    }


def _idle_limit(seconds: int) -> dict[str, str]:
    if not seconds:
        return {}
    return {"options": f"-c idle_in_transaction_session_timeout={seconds}s"}


def base_url(name: str) -> str:
    """Return the public address of VerteRead, such as https://verteread.example.org."""
    value = os.environ.get(name, "")
    if not value:
        return ""
    parts = _web_address(name, value, example="https://verteread.example.org")
    if parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} has the path {parts.path}. VerteRead cannot run under a path: use a separate "
            "host name, such as https://verteread.example.org."
        )
    return f"{parts.scheme}://{parts.netloc}"


def dev_server(name: str) -> str:
    """Return the address of Vite's dev server, such as http://127.0.0.1:5173; empty without one."""
    value = os.environ.get(name, "")
    if not value:
        return ""
    parts = _web_address(name, value, example="http://127.0.0.1:5173")
    if parts.path.strip("/") or parts.port is None:
        raise ImproperlyConfigured(f"{name} must be an address with a port and without a path.")
    return f"{parts.scheme}://{parts.netloc}"


def vite(server: str, *, manifest: Path) -> dict[str, Any]:
    """Return the options of django-vite: a dev server's address, or the manifest of a build."""
    if not server:
        return {"manifest_path": manifest}
    parts = urlsplit(server)
    return {
        "dev_mode": True,
        "dev_server_protocol": parts.scheme,
        "dev_server_host": parts.hostname,
        "dev_server_port": parts.port,
    }


def object_storage(prefix: str) -> dict[str, Any]:
    """Return the options of `studies.storage.object_storage`; empty when no bucket is named."""
    parts = ("BUCKET", "ENDPOINT", "REGION", "ACCESS_KEY", "SECRET_KEY")
    given = {part: value for part in parts if (value := os.environ.get(prefix + part, ""))}
    if not given:
        return {}
    _check_bucket(prefix, given)
    if ("ACCESS_KEY" in given) != ("SECRET_KEY" in given):
        raise ImproperlyConfigured(
            f"Set both {prefix}ACCESS_KEY and {prefix}SECRET_KEY, or neither to use the "
            "credentials of the platform."
        )
    options: dict[str, Any] = {"bucket_name": given["BUCKET"]}
    if "ENDPOINT" in given:
        options["endpoint_url"] = _endpoint(f"{prefix}ENDPOINT", given["ENDPOINT"])
    if "REGION" in given:
        options["region_name"] = given["REGION"]
    if "ACCESS_KEY" in given:
        options |= {"access_key": given["ACCESS_KEY"], "secret_key": given["SECRET_KEY"]}
    return options


def _check_bucket(prefix: str, given: dict[str, str]) -> None:
    if "BUCKET" not in given:
        raise ImproperlyConfigured(
            f"{prefix}{next(iter(given))} is set but {prefix}BUCKET is not. Name the bucket, or "
            f"remove every {prefix} variable to store files in VERTEREAD_STORAGE."
        )
    if not BUCKET_NAME.fullmatch(given["BUCKET"]):
        raise ImproperlyConfigured(
            f"{prefix}BUCKET must be the name of a bucket: 3 to 63 lower-case letters, digits, "
            "dots and hyphens."
        )


def _endpoint(name: str, value: str) -> str:
    parts = _web_address(name, value, example="https://s3.example.org")
    if parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} must not have a path. Name the bucket in VERTEREAD_S3_BUCKET."
        )
    return f"{parts.scheme}://{parts.netloc}"


def _web_address(name: str, value: str, *, example: str) -> SplitResult:
    """Split an http(s) address that has neither credentials nor a query."""
    try:
        parts = urlsplit(value)
        usable = parts.port is None or parts.port > 0
    except ValueError:
        usable = False
    if not (
        usable
        and parts.scheme in {"http", "https"}
        and parts.hostname
        and "@" not in parts.netloc
        and not set(value) & set("?# \\")
    ):
        raise ImproperlyConfigured(
            f"{name} must be an address such as {example}, with http:// or https:// in front "
            "and no username and no query."
        )
    return parts
