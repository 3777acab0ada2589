"""Choose ports on this machine, and reuse them at the next start if they are still free."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

DEFAULT_PORT = 8000


def port_setting(environment: Mapping[str, str]) -> int:
    """Return the web server's port from VERTEREAD_PORT.

    Raises
    ------
    ValueError
        If the variable is not a port number. The message is for users.
    """
    text = environment.get("VERTEREAD_PORT") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError(f"VERTEREAD_PORT must be a port number from 1 to 65535, not {text!r}.")
    return int(text)


def is_free(port: int) -> bool:
    """Return whether a server could listen on a port of 127.0.0.1."""
    with socket.socket() as trial:
        # A port whose last connections are in TIME_WAIT counts as free, as it does for servers.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def saved_port(record: Path) -> int:
    """Return the port saved in a file; if there is none or it is in use, save a free one."""
    if record.exists():
        text = record.read_text().strip()
        if text.isdigit() and is_free(int(text)):
            return int(text)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    record.write_text(f"{port}\n")
    return port
