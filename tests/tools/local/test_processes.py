from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.local import records
from tools.local.data_folder import LocalError, Place
from tools.local.processes import Children, Interrupt, Stopped

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def interrupt() -> Iterator[Interrupt]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield Interrupt()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def children(interrupt: Interrupt, place: Place) -> Iterator[Children]:
    made = Children(interrupt, run=place.var / "run", log=place.var / "log")
    yield made
    made.stop()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_child_that_dies_is_said_with_its_last_lines(
    children: Children, eventually: Eventually
) -> None:
    child = children.start(
        "worker", python("print('out of luck'); raise SystemExit(3)"), os.environ
    )
    eventually(lambda: child.popen.poll() is not None)
    with pytest.raises(LocalError, match=r"worker ended by itself \(exit status 3\)") as said:
        children.check()
    assert "out of luck" in str(said.value)


def test_stop_ends_a_child_that_will_not_and_its_own_children(
    children: Children, place: Place, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.local.processes.STOP_PATIENCE_S", 0.5)
    note = place.var / "log" / "grandchild"
    code = (
        "import pathlib, signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "held = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"pathlib.Path({str(note)!r}).write_text(str(held.pid)); time.sleep(600)"
    )
    child = children.start("web", python(code), os.environ)
    eventually(lambda: note.exists() and note.read_text())
    grandchild = records.Process.of(int(note.read_text()))
    assert grandchild is not None
    children.stop()
    assert child.popen.returncode == -signal.SIGKILL
    eventually(lambda: not grandchild.alive())


def test_child_is_out_of_reach_of_the_terminals_ctrl_c(children: Children) -> None:
    child = children.start("web", python("import time; time.sleep(600)"), os.environ)
    assert os.getpgid(child.popen.pid) != os.getpgid(0)


def test_what_a_killed_launcher_left_is_ended_before_the_next_start(
    children: Children, place: Place, eventually: Eventually
) -> None:
    left = subprocess.Popen(python("import time; time.sleep(600)"), start_new_session=True)
    process = records.Process.of(left.pid)
    assert process is not None
    run = place.var / "run"
    records.write(run, "web", process)
    path = run / "web.json"
    path.write_text(path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194305'))
    children.start("web", python("import time; time.sleep(600)"), os.environ)
    assert left.wait(timeout=60) == -signal.SIGTERM


def test_number_given_to_another_program_is_not_ours(place: Place) -> None:
    mine = records.Process.of(os.getpid())
    assert mine is not None
    records.write(place.var / "run", "web", records.Process(mine.pid, mine.started - 1))
    assert records.read(place.var / "run", "web") is None
    assert not (place.var / "run" / "web.json").exists()


def test_damaged_record_is_no_record(place: Place) -> None:
    path = place.var / "run" / "web.json"
    path.write_text("{half")
    assert records.read(place.var / "run", "web") is None


def test_signal_becomes_a_stop_at_the_next_look(children: Children, interrupt: Interrupt) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        children.check()
    interrupt.number = 0


def test_failed_step_is_an_error_with_its_words(children: Children) -> None:
    with pytest.raises(LocalError, match="no such table"):
        children.run("migrate", python("raise SystemExit('no such table')"), os.environ)


def test_log_stays_where_the_owner_reads_it(children: Children, place: Place) -> None:
    children.run("seed", python("print('made')"), os.environ)
    assert (place.var / "log" / "seed.log").read_text() == "made\n"
    assert Path(place.var / "log").stat().st_mode & 0o077 == 0
