"""A worker killed in the middle of an analysis, for real: a process, a signal, and the broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.cases.ingest import take_in_file
from studies.cases.models import Case
from studies.cases.review import release_case
from studies.cases.tasks import queue_analysis
from tests.make import make_site, make_study, make_user
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
