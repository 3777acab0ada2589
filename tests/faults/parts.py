"""Every process of VerteRead on throwaway data: killed, stopped and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tests.faults.disk import SmallDisk
from tools import ports
from tools.local import records
from tools.local.broker import Broker
from tools.local.postgres import Postgres
from tools.local.secrets import load_secrets
from tools.local.workspace import Workspace

CLONE = Path(__file__).resolve().parents[2]
NAMES = ("web", "uploads", "worker", "broker", "database")


class Parts:
    """Web server, upload server, two workers, broker and database."""

    def __init__(self, workspace: Workspace, *, stale_after_s: int) -> None:
        # Throwaway servers skip fsync and would lose acknowledged commits when they are killed.
        workspace = replace(workspace, throwaway=False)
        self.workspace = workspace
        secrets = load_secrets(workspace.var)
        self._database, self._broker = Postgres(workspace, secrets), Broker(workspace, secrets)
        self._popen: dict[str, subprocess.Popen[bytes]] = {}
        self._database.start()
        self._broker.start()
        self.disk = SmallDisk(workspace.var / "disk")
        for name in ("storage", "spool"):
            (self.disk.folder / name).mkdir()
        self.port = ports.saved_port(workspace.var / "run" / "web-port")
        self.uploads_port = ports.saved_port(workspace.var / "run" / "uploads-port")
        self.environment: Mapping[str, str] = os.environ | {
            "DATABASE_URL": self._database.url,
            "CELERY_BROKER_URL": self._broker.url,
            "DJANGO_SETTINGS_MODULE": "studies.settings",
            "VERTEREAD_SECRET_KEY": secrets.secret_key,
            "VERTEREAD_STORAGE": str(self.disk.folder / "storage"),
            "VERTEREAD_SPOOL": str(self.disk.folder / "spool"),
            "VERTEREAD_STALE_AFTER_S": str(stale_after_s),
            "OMP_NUM_THREADS": "1",
        }

    def start(self, part: str) -> None:
        """Start a part that is not running, on the port and data that it had."""
        if part == "database":
            self._database.start()
        elif part == "broker":
            self._broker.start()
        elif part == "web":
            self._serve("web", "pages", self.port)
        elif part == "uploads":
            self._serve("uploads", "uploads", self.uploads_port)
        else:
            for name in ("worker", "worker-2"):
                if name not in self._popen or self._popen[name].poll() is not None:
                    self._start(name, "celery", "-A", "studies.celery", "worker", "-l", "info")

    def send(self, part: str, number: signal.Signals) -> None:
        """Send a signal to every process of a part; of the two workers to the first only."""
        for pid in self._pids(part):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if number == signal.SIGKILL and part in self._popen:
            self._popen[part].wait()

    def stop(self) -> None:
        for popen in self._popen.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(popen.pid, signal.SIGKILL)
            popen.wait()
        self._broker.stop()
        self._database.stop()
        self.disk.remove()

    def _serve(self, name: str, kind: str, port: int) -> None:
        bind = f"127.0.0.1:{port}"
        self._start(name, "gunicorn", "-c", f"python:studies.serving.{kind}", "--bind", bind)

    def _start(self, name: str, module: str, *arguments: str) -> None:
        with (self.workspace.var / "log" / f"{name}.log").open("ab") as log:
            self._popen[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=CLONE,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _pids(self, part: str) -> list[int]:
        if part in self._popen:
            first = self._popen[part].pid
        else:
            record = records.read(
                self.workspace.var / "run", "postgres" if part == "database" else part
            )
            if record is None:
                return []
            first = record.process.pid
        return [first, *_descendants(first)]


def _descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    below = list(parents.get(pid, []))
    for child in below:
        below.extend(parents.get(child, []))
    return below
