"""A worker killed in the middle of its work, for real: a process, a signal, and the broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.cases.ingest import take_in_file
from studies.cases.models import Case
from studies.cases.queueing import queue_analysis
from studies.cases.review import release_case
from studies.reports.models import BootstrapRun
from tests.make import Cast, make_site, make_study, make_user
from tests.reports.asked import ask, shown
from tests.reports.played import lock, submit_everything
from tests.running import Running, kill

PATIENCE_S = 240


@pytest.fixture
def running(settings: Any, tmp_path: Path) -> Iterator[Running]:
    made = Running(settings, tmp_path)
    yield made
    made.stop()


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


@pytest.mark.django_db(transaction=True)
def test_case_is_analysed_although_its_worker_was_killed_at_it(
    running: Running, tmp_path: Path
) -> None:
    coordinator = make_user("clara")
    study = make_study(coordinator)
    write_dicom(generate(4711, partial=0.0, odd_count=0.0), tmp_path / "phantom.dcm")
    upload = take_in_file(
        study=study,
        site=make_site(study),
        data=(tmp_path / "phantom.dcm").read_bytes(),
        name="phantom.dcm",
        uploader=coordinator,
    )
    assert upload.case is not None
    case = release_case(case=upload.case, actor=coordinator)
    queue_analysis(case)
    first = running.worker()
    wait_for(case, Case.State.ANALYSING)
    kill(first)
    case.refresh_from_db()
    assert case.state == Case.State.ANALYSING
    running.worker()
    wait_for(case, Case.State.READY)
    assert case.landmark_sets.count() == 1


@pytest.mark.django_db(transaction=True)
def test_bootstrap_whose_worker_was_killed_is_asked_for_again(
    running: Running, cast: Cast, client_of: Any
) -> None:
    cast.deal(6)
    submit_everything(cast)
    lock(cast)
    client = client_of(cast.statistician)
    assert ask(client, cast).status_code == 201
    BootstrapRun.objects.update(resamples=20_000_000)
    first = running.worker()
    wait_until(lambda: BootstrapRun.objects.get().resamples_done > 0)
    kill(first)
    BootstrapRun.objects.update(resamples=2000)
    assert BootstrapRun.objects.get().state == BootstrapRun.State.COMPUTING
    assert ask(client, cast).status_code == 200
    BootstrapRun.objects.update(heard_at=timezone.now() - timedelta(seconds=61))
    assert BootstrapRun.LOST[BootstrapRun.State.COMPUTING] in shown(client, cast)
    assert ask(client, cast).status_code == 201
    running.worker()
    wait_until(lambda: BootstrapRun.objects.get().state == BootstrapRun.State.DONE)
    assert BootstrapRun.objects.get().attempts == 2
