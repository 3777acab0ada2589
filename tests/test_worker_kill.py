"""A worker killed in the middle of an analysis, for real: a process, a signal, and the broker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.cases.ingest import take_in_file
from studies.cases.models import Case
from studies.cases.review import release_case
from studies.cases.tasks import queue_analysis
from tests.make import make_site, make_study, make_user

PATIENCE_S = 240
BASE = Path(__file__).resolve().parents[1]


@pytest.fixture
def start_worker(settings: Any, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start real workers on the test's database and folders; what still runs is killed."""
    if not settings.CELERY_BROKER_URL:
        pytest.skip("needs a broker: python -m studies.local run --throwaway -- pytest")
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{address}/{database['NAME']}",
        "VERTEREAD_STORAGE": str(settings.STORAGE),
        "VERTEREAD_SPOOL": str(settings.SPOOL),
        "OMP_NUM_THREADS": "1",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        arguments = ["--concurrency", "1", "--pool", "prefork", "-l", "info"]
        with (tmp_path / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "studies.celery", "worker", *arguments],
                cwd=BASE,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Kill -9 the worker and its pool at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def wait_for(case: Case, *states: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while case.state not in states:
        assert case.state != Case.State.FAILED, case.reason_text
        assert time.monotonic() < deadline, f"the case is still {case.state}"
        time.sleep(0.02)
        case.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_case_is_analysed_although_its_worker_was_killed_at_it(
    start_worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    coordinator = make_user("clara")
    study = make_study(coordinator)
    write_dicom(generate(4711), tmp_path / "phantom.dcm")
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
    first = start_worker()
    wait_for(case, Case.State.ANALYSING)
    kill(first)
    case.refresh_from_db()
    assert case.state == Case.State.ANALYSING
    start_worker()
    wait_for(case, Case.State.READY)
    assert case.landmark_sets.count() == 1
