"""A worker killed in the middle of a part of a fine-tuning run: another one continues exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studies.fine_tuning import evaluation
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import queue_fine_tuning
from studies.fine_tuning.runs import begin_part
from studies.fine_tuning.training import train_part
from tests.fine_tuning.corrected_cases import ingest_corrected_phantom
from tests.fine_tuning.requests import ask
from tests.make import Cast
from tests.running import Running, kill

pytestmark = pytest.mark.slow
SEEDS = range(3_100_000, 3_100_004)
STEPS = 24
THREADS = "1"
"""The same for all processes, because another number of threads gives other weights."""
PATIENCE_S = 900


@pytest.fixture
def running(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Running]:
    stack = Running(settings, tmp_path, VERTEREAD_STALE_AFTER_S="4", OMP_NUM_THREADS=THREADS)
    yield stack
    stack.stop()


@pytest.fixture
def run(cast: Cast, tmp_path: Path) -> FineTuningRun:
    for seed in SEEDS:
        ingest_corrected_phantom(cast.study, cast.site, cast.coordinator, seed, tmp_path)
    run = ask(cast, name="interrupted")
    FineTuningRun.objects.filter(pk=run.pk).update(steps=STEPS)
    return run


def wait_until(running: Running, run: FineTuningRun, so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        assert run.state != "failed", f"{run.failure}\n{running.last_words()}"
        assert time.monotonic() < deadline, running.last_words()
        time.sleep(0.1)
        run.refresh_from_db()


def test_run_whose_worker_was_killed_in_mid_part_continues_to_the_same_weights(
    running: Running, cast: Cast, run: FineTuningRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", THREADS)
    monkeypatch.setattr(evaluation, "PHANTOMS", 1)
    # The first part stores the state after one step.
    assert not train_part(run=begin_part(pk=str(run.pk)), part_s=0)
    run.refresh_from_db()
    saved = run.saved_state.name
    queue_fine_tuning(run)
    first = running.worker()
    wait_until(running, run, lambda: run.step > 1)
    kill(first)
    run.refresh_from_db()
    # It was killed at work: nothing of its part is stored.
    assert (run.state, run.saved_state.name) == ("training", saved)
    assert 1 < run.step < STEPS
    running.worker()
    wait_until(running, run, lambda: run.state == "done")
    assert run.attempts == 3
    # Without heartbeats, a worker would take over the run that this process trains next.
    running.kill()
    # An uninterrupted run gives the same weights, which are registered once.
    FineTuningRun.objects.filter(pk=run.pk).update(fingerprint="")
    whole = ask(cast, name="uninterrupted")
    FineTuningRun.objects.filter(pk=whole.pk).update(steps=STEPS)
    assert train_part(run=begin_part(pk=str(whole.pk)), part_s=PATIENCE_S)
    whole.refresh_from_db()
    assert whole.result == run.result
    assert whole.saved_state.name == run.saved_state.name == ""
