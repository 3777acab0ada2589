"""`make dev`: run the platform and reload code when it changes.

Django's development server reloads itself, Vite's dev server sends changed modules to the browser,
and the launcher restarts the worker.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import ports
from tools.local.demo import print_step, worker_command
from tools.local.processes import Child, Children
from tools.local.workspace import Workspace

PYTHON_FOLDERS = ("inference", "studies")
# Often enough for people; `watch` itself is called several times per second.
CHECK_EVERY_S = 1.0


class Sources:
    """The Python files in some folders, to detect changes."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._state = self._read()
        self._read_at = time.monotonic()

    def changed(self) -> bool:
        """Return whether a file was added, removed or saved since the last check."""
        if time.monotonic() - self._read_at < CHECK_EVERY_S:
            return False
        before, self._state = self._state, self._read()
        self._read_at = time.monotonic()
        return before != self._state

    def _read(self) -> dict[Path, int]:
        times: dict[Path, int] = {}
        for folder in self._folders:
            for path in folder.rglob("*.py"):
                try:
                    times[path] = path.stat().st_mtime_ns
                except FileNotFoundError:  # an editor is replacing the file
                    continue
        return times


class DevelopmentProcesses:
    """The processes of `make dev`."""

    def __init__(self, checkout: Path) -> None:
        self._frontend = checkout / "frontend"
        self._sources = Sources([checkout / name for name in PYTHON_FOLDERS])
        self._vite_port = 0
        self._environment: Mapping[str, str] = {}
        self._worker: Child | None = None
        # Report the end of a worker once, not at every check.
        self._end_reported = False

    def environment(self, workspace: Workspace) -> Mapping[str, str]:
        # Saved, so that open pages find the server again after a restart.
        self._vite_port = ports.saved_port(workspace.var / "run" / "vite-port")
        server = f"http://127.0.0.1:{self._vite_port}"
        return {"VERTEREAD_DEBUG": "1", "VERTEREAD_VITE_SERVER": server}

    def start(self, children: Children, environment: Mapping[str, str], port: int) -> None:
        print_step("Starting the worker, Django's server and Vite's dev server")
        self._environment = environment
        self._start_worker(children)
        children.start("vite", vite_command(self._frontend, self._vite_port), environment)
        children.start("web", reloading_command(sys.executable, port), environment)

    def watch(self, children: Children) -> None:
        """Restart the worker when Python code changes, also after it has ended."""
        children.check()
        if self._worker is None:
            return
        # A change during the restart is noticed at the next check, because the file times were read
        # before the worker started.
        if self._sources.changed():
            print_step("Python code has changed. Restarting the worker")
            children.end(self._worker)
            self._start_worker(children)
        elif self._worker.popen.poll() is not None and not self._end_reported:
            self._end_reported = True
            print_step(
                f"The worker has ended (log: {self._worker.log}). "
                "It restarts after the next change."
            )

    def _start_worker(self, children: Children) -> None:
        command = worker_command(sys.executable)
        self._worker = children.start("worker", command, self._environment, may_end=True)
        self._end_reported = False


def vite_command(frontend: Path, port: int) -> list[str]:
    """Return the command of Vite's dev server. The port is fixed, because pages refer to it."""
    return [
        *("npm", "--prefix", str(frontend), "run", "dev", "--"),
        *("--host", "127.0.0.1", "--port", str(port), "--strictPort"),
    ]


def reloading_command(python: str, port: int) -> list[str]:
    """Return the command of Django's development server."""
    return [python, "manage.py", "runserver", f"127.0.0.1:{port}"]
