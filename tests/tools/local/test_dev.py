"""`make dev` reloads its processes when code changes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.local import dev
from tools.local.dev import DevelopmentProcesses, Sources
from tools.local.processes import Children, Interrupt
from tools.local.workspace import LocalError, Workspace

Eventually = Callable[[Callable[[], object]], None]
WAITS = [sys.executable, "-c", "import time; time.sleep(600)"]
FAILS = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "studies").mkdir()
    (tmp_path / "inference").mkdir()
    (tmp_path / "studies" / "a.py").write_text("a = 1\n")
    return tmp_path


@pytest.fixture
def children(workspace: Workspace) -> Iterator[Children]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    started = Children(Interrupt(), run=workspace.var / "run", log=workspace.var / "log")
    yield started
    started.stop()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def running(
    code: Path, workspace: Workspace, children: Children, monkeypatch: pytest.MonkeyPatch
) -> DevelopmentProcesses:
    """Start the processes of `make dev`, each replaced by one that waits."""
    monkeypatch.setattr(dev, "CHECK_EVERY_S", 0)
    monkeypatch.setattr(dev, "worker_command", lambda python: WAITS)
    monkeypatch.setattr(dev, "vite_command", lambda frontend, port: WAITS)
    monkeypatch.setattr(dev, "reloading_command", lambda python, port: WAITS)
    development = DevelopmentProcesses(code)
    development.start(children, os.environ, 8000)
    return development


def worker_of(development: DevelopmentProcesses) -> int:
    assert development._worker is not None
    return development._worker.popen.pid


def test_saved_added_and_removed_files_are_changes(
    code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "CHECK_EVERY_S", 0)
    sources = Sources([code / "studies"])
    assert not sources.changed()
    file = code / "studies" / "a.py"
    os.utime(file, ns=(1, 1))
    assert sources.changed() and not sources.changed()
    (code / "studies" / "b.py").touch()
    assert sources.changed() and not sources.changed()
    file.unlink()
    assert sources.changed() and not sources.changed()
    (code / "studies" / "notes.txt").touch()
    assert not sources.changed()


def test_only_the_worker_restarts_after_a_change(
    code: Path, running: DevelopmentProcesses, children: Children
) -> None:
    first = worker_of(running)
    others = [child.popen.pid for child in children._children if child.name != "worker"]
    running.watch(children)
    assert worker_of(running) == first
    (code / "inference" / "b.py").touch()
    running.watch(children)
    assert worker_of(running) != first
    assert not Path(f"/proc/{first}").exists()
    assert others == [child.popen.pid for child in children._children if child.name != "worker"]


def test_worker_that_cannot_start_waits_for_the_next_change(
    code: Path,
    running: DevelopmentProcesses,
    children: Children,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(dev, "worker_command", lambda python: FAILS)
    (code / "studies" / "b.py").touch()
    running.watch(children)
    assert running._worker is not None
    popen = running._worker.popen
    eventually(lambda: popen.poll() is not None)
    running.watch(children)
    running.watch(children)
    assert capsys.readouterr().out.count("The worker has ended") == 1
    monkeypatch.setattr(dev, "worker_command", lambda python: WAITS)
    os.utime(code / "studies" / "b.py", ns=(1, 1))
    running.watch(children)
    assert running._worker.popen.poll() is None


def test_run_stops_if_the_dev_server_ends(
    running: DevelopmentProcesses, children: Children, eventually: Eventually
) -> None:
    (vite,) = [child for child in children._children if child.name == "vite"]
    vite.popen.kill()
    eventually(lambda: vite.popen.poll() is not None)
    with pytest.raises(LocalError, match="vite ended unexpectedly"):
        running.watch(children)


def test_pages_get_the_address_of_the_dev_server(code: Path, workspace: Workspace) -> None:
    development = DevelopmentProcesses(code)
    environment = development.environment(workspace)
    port = int((workspace.var / "run" / "vite-port").read_text())
    assert environment == {
        "VERTEREAD_DEBUG": "1",
        "VERTEREAD_VITE_SERVER": f"http://127.0.0.1:{port}",
    }
    assert str(port) in dev.vite_command(code / "frontend", port)
