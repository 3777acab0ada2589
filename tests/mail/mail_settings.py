"""Settings of a mail server for tests."""

from __future__ import annotations

from typing import Any

from studies.mail.sending import SERVER

ADDRESS = "https://verteread.example.org"


def use_server(settings: Any, port: int, **options: Any) -> None:
    """Let emails go to a port of this machine, without waiting for an earlier failure."""
    SERVER.record_success()
    settings.BASE_URL = ADDRESS
    settings.MAIL = {
        "host": "127.0.0.1",
        "port": port,
        "use_tls": False,
        "use_ssl": False,
        "timeout": 10,
        "sender": "VerteRead <verteread@example.org>",
        "username": "",
        "password": "",
        **options,
    }
