"""The health check of a worker's container: ``python -m studies.monitoring.worker_health``.

A worker that is connected to the broker touches a file every few seconds. If the file is old
although the broker can be reached, the worker is stuck and needs a restart. While the broker is
unavailable a restart would not help, so the worker counts as healthy; it reconnects by itself.

The standard library is enough: the check runs every minute and must not load Django.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

# Several missed touches of the file, so that a busy worker is not restarted.
HEARTBEAT_LIMIT_SECONDS = 90
CONNECT_SECONDS = 5
DEFAULT_PORT = 6379


def main() -> int:
    """Print the state of the worker; return 0 when it is healthy."""
    heartbeat_file = os.environ.get("VERTEREAD_HEARTBEAT_FILE", "")
    if not heartbeat_file:
        print("VERTEREAD_HEARTBEAT_FILE is not set.", file=sys.stderr)  # noqa: T201
        return 2
    problem = problem_of(Path(heartbeat_file), os.environ.get("CELERY_BROKER_URL", ""))
    print(problem or "The worker is healthy.")  # noqa: T201
    return 1 if problem else 0


def problem_of(heartbeat_file: Path, broker_url: str) -> str:
    """Return why the worker needs a restart, or an empty string."""
    age_seconds = _age_seconds(heartbeat_file)
    if age_seconds is not None and age_seconds < HEARTBEAT_LIMIT_SECONDS:
        return ""
    if not _can_connect(broker_url):
        return ""
    if age_seconds is None:
        return "The worker has not sent a heartbeat since it started."
    return f"The worker sent its last heartbeat {age_seconds:.0f} seconds ago."


def _age_seconds(heartbeat_file: Path) -> float | None:
    try:
        return time.time() - heartbeat_file.stat().st_mtime
    except FileNotFoundError:
        return None


def _can_connect(broker_url: str) -> bool:
    parts = urlsplit(broker_url)
    address = (parts.hostname or "localhost", parts.port or DEFAULT_PORT)
    try:
        with socket.create_connection(address, timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
