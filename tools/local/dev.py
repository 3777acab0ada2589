"""`make dev`: the platform with code that reloads as it changes.

Django's server reloads itself, Vite's dev server sends changed modules to the browser, and the
worker is started again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.local import ports
from tools.local.data_folder import Place
from tools.local.demo import say, worker_command
from tools.local.processes import Child, Children

PYTHON_FOLDERS = ("inference", "studies")
LOOK_EVERY_S = 1.0


class Sources:
    """The Python files below some folders, to tell whether one has changed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._state = self._read()
        self._read_at = time.monotonic()

    def changed(self) -> bool:
        """Return whether a file was added, removed or saved since the last answer."""
        if time.monotonic() - self._read_at < LOOK_EVERY_S:
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
                except FileNotFoundError:  # an editor that is saving it
                    continue
        return times


class Development:
    """The processes of `make dev`."""

    def __init__(self, clone: Path) -> None:
        self._frontend = clone / "frontend"
        self._sources = Sources([clone / name for name in PYTHON_FOLDERS])
        self._vite_port = 0
        self._environment: Mapping[str, str] = {}
        self._worker: Child | None = None
        self._said_ended = False

    def environment(self, place: Place) -> Mapping[str, str]:
        self._vite_port = ports.remembered(place.var / "run" / "vite-port")
        server = f"http://127.0.0.1:{self._vite_port}"
        return {"VERTEREAD_DEBUG": "1", "VERTEREAD_VITE_SERVER": server}

    def start(self, children: Children, environment: Mapping[str, str], port: int) -> None:
        say("Starting the worker, Django's server and Vite's dev server")
        self._environment = environment
        self._start_worker(children)
        children.start("vite", vite_command(self._frontend, self._vite_port), environment)
        children.start("web", reloading_command(sys.executable, port), environment)

    def watch(self, children: Children) -> None:
        """Start the worker again when Python code has changed, also after it ended by itself."""
        children.check()
        if self._worker is None:
            return
        if self._sources.changed():
            say("Python code has changed: starting the worker again")
            children.end(self._worker)
            self._start_worker(children)
        elif self._worker.popen.poll() is not None and not self._said_ended:
            self._said_ended = True
            say(f"The worker has ended: see {self._worker.log}. It starts again after a change.")

    def _start_worker(self, children: Children) -> None:
        command = worker_command(sys.executable)
        self._worker = children.start("worker", command, self._environment, may_end=True)
        self._said_ended = False


def vite_command(frontend: Path, port: int) -> list[str]:
    """Return the command of Vite's dev server; pages name its port, so it must have that one."""
    return [
        *("npm", "--prefix", str(frontend), "run", "dev", "--"),
        *("--host", "127.0.0.1", "--port", str(port), "--strictPort"),
    ]


def reloading_command(python: str, port: int) -> list[str]:
    return [python, "manage.py", "runserver", f"127.0.0.1:{port}"]
