"""Free ports on this machine, the same ones at the next start where they are still free."""

from __future__ import annotations

import socket
from pathlib import Path


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
