"""A worker killed in the middle of its work, for real: a process, a signal, and the broker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.cases.models import Case
from studies.cases.queueing import queue_analysis
from studies.cases.review import release_case
from studies.cases.upload.ingest import ingest_file
from studies.reports.models import BootstrapRun
from tests.make import Cast, make_site, make_study, make_user
from tests.reports.bootstrap.requests import request_intervals
from tests.reports.submitted_study import lock, submit_everything
from tests.running import Running, kill

PATIENCE_S = 240


@pytest.fixture
def running(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Running]:
    stack = Running(settings, tmp_path, VERTEREAD_STALE_AFTER_S="4")
    yield stack
    stack.stop()


def wait_for(case: Case, *states: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while case.state not in states:
        assert case.state != Case.State.FAILED, case.reason_text
        assert time.monotonic() < deadline, f"the case is still {case.state}"
        time.sleep(0.02)
        case.refresh_from_db()


def wait_until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < deadline, f"the bootstrap is still {BootstrapRun.objects.get()}"
        time.sleep(0.05)


@pytest.fixture
def case(transactional_db: None, tmp_path: Path) -> Case:
    """A phantom that waits for its analysis."""
    coordinator = make_user("clara")
    study = make_study(coordinator)
    write_dicom(generate(4711, partial=0.0, odd_count=0.0), tmp_path / "phantom.dcm")
    upload = ingest_file(
        study=study,
        site=make_site(study),
        data=(tmp_path / "phantom.dcm").read_bytes(),
        name="phantom.dcm",
        uploader=coordinator,
    )
    assert upload.case is not None
    return release_case(case=upload.case, actor=coordinator)


def test_case_whose_worker_was_killed_is_analysed_by_another_without_a_restart(
    running: Running, case: Case
) -> None:
    queue_analysis(case)
    first = running.worker()
    wait_for(case, Case.State.ANALYSING)
    os.killpg(first.pid, signal.SIGSTOP)
    running.worker()
    wait_for(case, Case.State.READY)
    kill(first)
    case.refresh_from_db()
    assert (case.landmark_sets.count(), case.attempts) == (1, 2)


@pytest.mark.slow
def test_case_that_was_taken_in_while_the_broker_was_away_is_analysed_without_a_restart(
    running: Running, case: Case
) -> None:
    running.worker()
    wait_for(case, Case.State.READY)
    assert case.attempts == 1


@pytest.mark.slow
def test_bootstrap_whose_worker_was_killed_is_computed_by_the_next(
    running: Running, cast: Cast, client_of: Any
) -> None:
    cast.assign_cases(6)
    submit_everything(cast)
    lock(cast)
    client = client_of(cast.statistician)
    assert request_intervals(client, cast).status_code == 201
    BootstrapRun.objects.update(resamples=20_000_000)
    first = running.worker()
    wait_until(lambda: BootstrapRun.objects.get().resamples_done > 0)
    kill(first)
    BootstrapRun.objects.update(resamples=2000)
    assert BootstrapRun.objects.get().state == BootstrapRun.State.COMPUTING
    running.worker()
    wait_until(lambda: BootstrapRun.objects.get().state == BootstrapRun.State.DONE)
    assert BootstrapRun.objects.get().attempts == 2
