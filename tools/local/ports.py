"""Free ports on this machine, the same ones at the next start where they are still free."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

DEFAULT_PORT = 8000


def chosen(given: Mapping[str, str]) -> int:
    """Return the web server's port from VERTEREAD_PORT; raises ValueError with a sentence."""
    text = given.get("VERTEREAD_PORT") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError(f"VERTEREAD_PORT must be a port number from 1 to 65535, not {text!r}.")
    return int(text)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of 127.0.0.1."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered(record: Path) -> int:
    """The port noted in the file, or another free one, noted there, when that is taken."""
    if record.exists():
        text = record.read_text().strip()
        if text.isdigit() and is_free(int(text)):
            return int(text)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    record.write_text(f"{port}\n")
    return port
