"""Real processes of VerteRead on the test's database and folders."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

BASE = Path(__file__).resolve().parents[1]


class Running:
    """Starts workers and web servers; what still runs at the end is killed."""

    def __init__(self, settings: Any, logs: Path, **environment: str) -> None:
        if not settings.CELERY_BROKER_URL:
            pytest.skip("needs a broker: python -m tools.local run --throwaway -- pytest")
        database = connection.settings_dict
        address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
        self.logs = logs
        self._started: list[subprocess.Popen[bytes]] = []
        self._environment = os.environ | {
            "DATABASE_URL": f"postgres://{address}/{database['NAME']}",
            "VERTEREAD_STORAGE": str(settings.STORAGE),
            "VERTEREAD_SPOOL": str(settings.SPOOL),
            "OMP_NUM_THREADS": "1",
            **environment,
        }

    def worker(self) -> subprocess.Popen[bytes]:
        arguments = ["--concurrency", "1", "--pool", "prefork", "-l", "info"]
        return self._start("worker", "celery", "-A", "studies.celery", "worker", *arguments)

    def web(self, port: int) -> subprocess.Popen[bytes]:
        return self._serve("pages", port, "--workers", "1")

    def uploads(self, port: int) -> subprocess.Popen[bytes]:
        return self._serve("uploads", port)

    def _serve(self, kind: str, port: int, *more: str) -> subprocess.Popen[bytes]:
        options = ["-c", f"python:studies.serving.{kind}", "--bind", f"127.0.0.1:{port}", *more]
        return self._start(kind, "gunicorn", *options)

    def kill(self) -> None:
        for process in reversed(self._started):
            kill(process)

    def stop(self) -> None:
        """Kill the processes, and wait until the database has ended their connections."""
        self.kill()
        _wait_until_none(of="true")

    def last_words(self) -> str:
        return last_words(self.logs)

    def _start(self, name: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=BASE,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append(process)
        return process


def last_words(logs: Path) -> str:
    """The ends of the logs, for a test that failed."""
    return "\n".join(
        f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        for log in sorted(logs.glob("*.log"))
    )


def wait_until_idle() -> None:
    """Wait until no other process works on the test's database, whose rows are removed next."""
    _wait_until_none(of="state <> 'idle'")


def _wait_until_none(*, of: str) -> None:
    """Wait for connections of others to the test's database, which would be in the way."""
    deadline = time.monotonic() + 30
    while _other_sessions(of) and time.monotonic() < deadline:
        time.sleep(0.05)


def _other_sessions(of: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            f"AND pid <> pg_backend_pid() AND {of}"
        )
        return int(cursor.fetchone()[0])


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 a process and all that it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
