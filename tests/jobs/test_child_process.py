"""Work in a child process: the worker does not grow, and reports how the child ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings as real_settings

from studies.jobs.child_process import run_in_child_process

MEGABYTE = 2**20


def write_process_id(path: str) -> None:
    Path(path).write_text(str(os.getpid()))


def fill_memory(path: str) -> None:
    Path(path).write_bytes(b"x" * len(bytes(150 * MEGABYTE)))


def wait_for_limit(path: str) -> None:
    Path(path).touch()
    try:
        time.sleep(60)
    except SoftTimeLimitExceeded:
        Path(path).write_text("time is up")


def die(path: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.fixture(autouse=True)
def _apart(settings: Any) -> None:
    settings.RUN_IN_CHILD_PROCESS = True


@pytest.mark.slow
def test_work_runs_in_another_process_which_returns_its_memory(tmp_path):
    run_in_child_process(write_process_id, str(tmp_path / "pid"))
    assert int((tmp_path / "pid").read_text()) != os.getpid()
    before = resident_mb()
    run_in_child_process(fill_memory, str(tmp_path / "large"))
    assert (tmp_path / "large").stat().st_size == 150 * MEGABYTE
    assert resident_mb() < before + 50


def test_soft_time_limit_reaches_the_work(tmp_path):
    path = tmp_path / "waiting"

    def exceeded(number: int, frame: Any) -> None:
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, exceeded)

    def alarm_once_it_waits() -> None:
        while not path.exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGALRM)

    timer = Timer(0, alarm_once_it_waits)
    timer.start()
    try:
        run_in_child_process(wait_for_limit, str(path))
    finally:
        timer.join()
        signal.signal(signal.SIGALRM, before)
    assert path.read_text() == "time is up"


def test_killed_process_is_noted_and_leaves_the_worker_alive(tmp_path, caplog):
    run_in_child_process(die, str(tmp_path))
    assert f"ended with {-signal.SIGKILL}" in caplog.text


def test_process_ends_when_its_worker_is_gone(tmp_path):
    path = tmp_path / "waiting"
    command = [
        sys.executable,
        "-m",
        "studies.jobs.child_process",
        f"{__name__}:wait_for_limit",
        str(path),
    ]
    process = subprocess.Popen(command, cwd=real_settings.BASE_DIR, stdin=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 1
    assert path.read_text() == ""
