"""The pool of sandbox processes survives any misbehaviour of a job."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from inference.sandbox.job import Refusal
from inference.sandbox.limits import MIB, Limits
from inference.sandbox.pool import Pool, SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed

BASE = Path(__file__).resolve().parents[3]
TASKS = "tests.inference.sandbox.tasks"
LIMITS = Limits(memory_bytes=400 * MIB, cpu_s=2, wall_s=60, output_bytes=8 * MIB, jobs=5)


@pytest.fixture
def pool():
    pool = Pool(TASKS, limits=LIMITS, size=2)
    yield pool
    pool.close()


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid):
    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    return False


def test_answer_has_values_and_bytes(pool):
    answer = pool.run("echo", {"number": 3}, b"12345")
    assert (answer.values["number"], answer.part(0)) == (3, b"12345")


def test_part_is_read_in_pieces_and_into_memory(pool):
    data = os.urandom(3 << 20)
    answer = pool.run("echo", {}, data)
    assert b"".join(answer.pieces(0)) == data
    assert [len(piece) for piece in answer.pieces(0)] == [1 << 20] * 3
    target = bytearray(len(data))
    answer.fill(0, memoryview(target))
    assert target == data
    with pytest.raises(ValueError, match="another size"):
        answer.fill(0, memoryview(bytearray(9)))
    with pytest.raises(ValueError, match="fewer parts"):
        answer.size(1)


def test_process_is_reused_and_replaced_after_its_last_job(pool):
    pids = [pool.run("echo", {}, b"").values["pid"] for _ in range(12)]
    assert [len(set(pids[start : start + 5])) for start in (0, 5)] == [1, 1]
    assert len(set(pids)) == 3


def test_process_stays_warm_in_a_parent_with_a_large_memory(pool):
    ballast = b"x" * (500 * MIB)
    pids = {pool.run("echo", {}, b"").values["pid"] for _ in range(LIMITS.jobs)}
    assert len(ballast) and len(pids) == 1


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ("die", "died"),
        ("spin", "time"),
        ("swell", "memory"),
        ("pour", "output"),
        ("stumble", "error"),
        ("lie_about_sizes", "died"),
        ("answer_at_length", "died"),
        ("chatter", "died"),
    ],
)
def test_misbehaviour_is_reported_and_the_next_job_runs(task, reason, pool):
    with pytest.raises(SandboxFailed) as failed:
        pool.run(task, {}, b"")
    assert failed.value.reason == reason
    assert "DOE" not in str(failed.value)
    assert pool.run("echo", {}, b"x").part(0) == b"x"


def test_stage_and_its_facts_are_reported_if_the_process_ends(pool):
    with pytest.raises(SandboxFailed) as failed:
        pool.run("die", {}, b"")
    assert (failed.value.stage, failed.value.facts) == ("pixels", {"name": "a.dcm"})


def test_job_that_waits_is_ended_by_the_time_limit():
    pool = Pool(TASKS, limits=Limits(wall_s=3), size=1)
    with pytest.raises(SandboxFailed) as failed:
        pool.run("sleep", {"seconds": 1000}, b"")
    assert failed.value.reason == "time"
    assert not pool.pids()


def test_process_is_reused_after_a_refusal(pool):
    pid = pool.run("echo", {}, b"").values["pid"]
    with pytest.raises(Refusal) as caught:
        pool.run("refuse", {}, b"")
    assert (caught.value.code, caught.value.text) == ("a_code", "A sentence.")
    assert pool.run("echo", {}, b"").values["pid"] == pid


def test_killed_idle_process_is_replaced(pool):
    pid = pool.run("echo", {}, b"").values["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid))
    assert pool.run("echo", {}, b"").values["pid"] != pid


def test_process_killed_during_a_job_fails_only_that_job(pool, tmp_path):
    started = tmp_path / "started"
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(pool.run, "sleep", {"seconds": 1000, "started": str(started)}, b"")
        wait_until(started.exists)
        (pid,) = pool.pids()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SandboxFailed) as failed:
            job.result()
    assert (failed.value.reason, failed.value.stage) == ("died", "sleep")
    assert pool.run("echo", {}, b"x").part(0) == b"x"


def test_eight_threads_share_two_processes(pool):
    with ThreadPoolExecutor(8) as threads:
        parts = [
            answer.part(0)
            for answer in threads.map(lambda n: pool.run("echo", {}, str(n).encode()), range(40))
        ]
        assert len(pool.pids()) <= 2
    assert parts == [str(n).encode() for n in range(40)]


def test_waiting_for_a_process_is_limited(pool):
    short = Pool(TASKS, limits=LIMITS, size=1, wait_s=0.2)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(short.run, "sleep", {"seconds": 3}, b"")
        wait_until(short.pids)
        with pytest.raises(SandboxBusy):
            short.run("echo", {}, b"")
        job.result()
    short.close()


def test_pool_whose_tasks_cannot_be_loaded_is_broken():
    with pytest.raises(SandboxBroken):
        Pool("tests.no_such_module", size=1).run("echo", {}, b"")


def test_sandbox_inherits_no_secrets(pool, monkeypatch):
    monkeypatch.setenv("VERTEREAD_SECRET_KEY", "x")
    assert "VERTEREAD_SECRET_KEY" not in pool.run("peek", {}, b"").values["environment"]


@pytest.mark.skipif(os.geteuid() == 0, reason="RLIMIT_NPROC does not apply to root")
def test_sandbox_cannot_start_processes(pool):
    with pytest.raises(SandboxFailed):
        pool.run("spawn", {}, b"")


def test_sandbox_ends_with_the_process_that_started_it():
    program = (
        "from inference.sandbox.pool import Pool\n"
        f"pool = Pool({TASKS!r}, size=1)\n"
        "print(pool.run('echo', {}, b'').values['pid'], flush=True)\n"
        "pool.run('sleep', {'seconds': 1000}, b'')\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=BASE, stdout=subprocess.PIPE, text=True
    )
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_running(pid))
    parent.stdout.close()


def test_fork_starts_with_an_empty_pool(pool):
    pid = pool.run("echo", {}, b"").values["pid"]
    child = os.fork()
    if child == 0:
        other = pool.run("echo", {}, b"").values["pid"]
        pool.close()
        os._exit(0 if other != pid else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pool.run("echo", {}, b"").values["pid"] == pid
