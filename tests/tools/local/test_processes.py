from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.local import records
from tools.local.processes import Children, Interrupt, Stopped
from tools.local.workspace import LocalError, Workspace

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def interrupt() -> Iterator[Interrupt]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield Interrupt()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def children(interrupt: Interrupt, workspace: Workspace) -> Iterator[Children]:
    started = Children(interrupt, run=workspace.var / "run", log=workspace.var / "log")
    yield started
    started.stop()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_unexpected_end_is_reported_with_the_last_lines(
    children: Children, eventually: Eventually
) -> None:
    child = children.start(
        "worker", python("print('out of luck'); raise SystemExit(3)"), os.environ
    )
    eventually(lambda: child.popen.poll() is not None)
    with pytest.raises(LocalError, match=r"worker ended unexpectedly \(exit status 3\)") as failure:
        children.check()
    assert "out of luck" in str(failure.value)


def test_stop_kills_a_child_that_ignores_sigterm_and_its_children(
    children: Children,
    workspace: Workspace,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tools.local.processes.STOP_PATIENCE_S", 0.5)
    note = workspace.var / "log" / "grandchild"
    code = (
        "import pathlib, signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); time.sleep(600)"
    )
    child = children.start("web", python(code), os.environ)
    eventually(lambda: note.exists() and note.read_text())
    grandchild = records.Process.of(int(note.read_text()))
    assert grandchild is not None
    children.stop()
    assert child.popen.returncode == -signal.SIGKILL
    eventually(lambda: not grandchild.alive())


def test_child_does_not_receive_ctrl_c_of_the_terminal(children: Children) -> None:
    child = children.start("web", python("import time; time.sleep(600)"), os.environ)
    assert os.getpgid(child.popen.pid) != os.getpgid(0)


def test_process_of_a_killed_launcher_is_stopped_before_the_next_start(
    children: Children, workspace: Workspace, eventually: Eventually
) -> None:
    orphan = subprocess.Popen(python("import time; time.sleep(600)"), start_new_session=True)
    process = records.Process.of(orphan.pid)
    assert process is not None
    run = workspace.var / "run"
    records.write(run, "web", process)
    path = run / "web.json"
    path.write_text(path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194305'))
    children.start("web", python("import time; time.sleep(600)"), os.environ)
    assert orphan.wait(timeout=60) == -signal.SIGTERM


def test_reused_process_id_is_not_ours(workspace: Workspace) -> None:
    mine = records.Process.of(os.getpid())
    assert mine is not None
    records.write(workspace.var / "run", "web", records.Process(mine.pid, mine.started - 1))
    assert records.read(workspace.var / "run", "web") is None
    assert not (workspace.var / "run" / "web.json").exists()


def test_damaged_record_is_ignored(workspace: Workspace) -> None:
    path = workspace.var / "run" / "web.json"
    path.write_text("{half")
    assert records.read(workspace.var / "run", "web") is None


def test_signal_stops_the_run_at_the_next_check(children: Children, interrupt: Interrupt) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        children.check()
    interrupt.number = 0


def test_failed_step_is_reported_with_its_output(children: Children) -> None:
    with pytest.raises(LocalError, match="no such table"):
        children.run("migrate", python("raise SystemExit('no such table')"), os.environ)


def test_log_is_readable_by_its_owner_only(children: Children, workspace: Workspace) -> None:
    children.run("seed", python("print('done')"), os.environ)
    assert (workspace.var / "log" / "seed.log").read_text() == "done\n"
    assert Path(workspace.var / "log").stat().st_mode & 0o077 == 0
