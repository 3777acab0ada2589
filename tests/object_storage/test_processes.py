"""A worker and a web process, started as in production, on one bucket."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.error
import urllib.request

import pytest

from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.cases.models import Case
from studies.cases.queueing import queue_analysis
from studies.cases.review import release_case
from studies.cases.upload.ingest import ingest_file
from tests.make import make_site, make_study, make_user
from tests.running import Running
from tools import ports


@pytest.mark.django_db(transaction=True)
def test_worker_and_web_process_work_on_the_same_bucket(bucket, settings, tmp_path):
    running = Running(settings, tmp_path, **bucket.variables)
    port = ports.saved_port(tmp_path / "port")
    coordinator = make_user("clara")
    study = make_study(coordinator)
    write_dicom(generate(4711, partial=0.0, odd_count=0.0), tmp_path / "phantom.dcm")
    case = ingest_file(
        study=study,
        site=make_site(study),
        data=(tmp_path / "phantom.dcm").read_bytes(),
        name="phantom.dcm",
        uploader=coordinator,
    ).case
    if case.state == Case.State.PENDING_REVIEW:
        release_case(case=case, actor=coordinator)
    queue_analysis(case)
    try:
        running.worker()
        running.web(port)
        deadline = time.monotonic() + 240
        health: dict[str, str] = {}
        while (case.state, health.get("status")) != (Case.State.READY, "ok"):
            assert case.state != Case.State.FAILED, case.reason_text
            assert time.monotonic() < deadline, running.last_words()
            time.sleep(0.1)
            case.refresh_from_db()
            with contextlib.suppress(OSError):
                address = f"http://127.0.0.1:{port}/readyz"
                with urllib.request.urlopen(address, timeout=20) as answer:
                    health = json.load(answer)
    finally:
        running.stop()
    assert set(health.values()) == {"ok"}
