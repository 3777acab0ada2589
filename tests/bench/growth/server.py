"""A web server as it runs in production, and the processor time that it and PostgreSQL take."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg2

TICKS = os.sysconf("SC_CLK_TCK")
START_S = 120


class Server:
    """Gunicorn with two processes of four threads, as the container starts it."""

    def __init__(self, *, cwd: Path, env: dict[str, str], log: Path) -> None:
        self.port = _free_port()
        options = [
            *("--workers", "2", "--threads", "4", "--timeout", "180", "--no-control-socket"),
            *("--bind", f"127.0.0.1:{self.port}"),
        ]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "studies.wsgi", *options],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._postmaster = _postmaster(env["DATABASE_URL"])
        self._wait()

    def cpu_s(self) -> float:
        """Processor seconds of the web server and of PostgreSQL so far."""
        return _cpu_s(self._process.pid) + _cpu_s(self._postmaster)

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.request("GET", "/accounts/login/")
                connection.getresponse().read()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            finally:
                connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _postmaster(address: str) -> int:
    connection: Any = psycopg2.connect(address)
    try:
        return int(_fields(connection.get_backend_pid())[1])
    finally:
        connection.close()


def _cpu_s(root: int) -> float:
    """Of a process, of its children, and of those that it has waited for."""
    ticks = sum(int(value) for value in _fields(root)[11:15])
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = _fields(int(folder.name))
        except OSError:
            continue
        if int(fields[1]) == root:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
