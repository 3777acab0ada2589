"""Claims: one worker at a time, signs of life, and nothing written by one that lost its claim."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from studies.audit.models import Event
from studies.cases.models import Case
from studies.jobs import requeue
from studies.jobs.claims import ClaimLost, claim, send_heartbeats
from studies.jobs.requeue import requeue_stale_work
from studies.reports import report_runs
from studies.reports.models import ReportRun
from studies.reports.report_runs import begin_report, fail_report, make_files
from studies.reports.tasks import make_report_task
from tests.make import Cast, make_case
from tests.reports.submitted_study import lock, submit_everything


@pytest.fixture
def run(cast: Cast) -> ReportRun:
    cast.assign_cases(2)
    submit_everything(cast)
    lock(cast)
    return ReportRun.objects.create(
        study=cast.study, by=cast.coordinator, snapshot_at=cast.study.locked_at
    )


def stored_reports(settings: Any) -> list[str]:
    return sorted(path.suffix for path in Path(settings.STORAGE).rglob("reports/*"))


def lose_claim(run: ReportRun) -> ReportRun:
    """Let another worker take the run over, as after a minute without a heartbeat."""
    ReportRun.objects.update(heard_at=timezone.now() - timedelta(seconds=61))
    requeue_stale_work()
    taken = begin_report(pk=str(run.pk))
    assert taken is not None
    return taken


@pytest.mark.django_db
def test_waiting_case_is_claimed_once(cast):
    case = make_case(cast.study, cast.site, state="received")
    claimed = claim(Case.objects.all(), case.pk)
    assert (claimed.state, claimed.attempts) == ("analysing", 1)
    assert claim(Case.objects.all(), case.pk) is None


@pytest.mark.django_db
def test_report_is_made_once_by_two_workers(run, settings, monkeypatch):
    make_document = report_runs.make_document

    def meanwhile(*args: Any, **options: Any) -> Any:
        make_report_task(str(run.pk))
        return make_document(*args, **options)

    monkeypatch.setattr(report_runs, "make_document", meanwhile)
    make_report_task(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("done", 1)
    assert Event.objects.filter(action="report.made").count() == 1
    assert stored_reports(settings) == [".csv", ".html", ".pdf"]


@pytest.mark.django_db
def test_worker_that_lost_its_report_writes_nothing_and_leaves_no_file(run, settings, monkeypatch):
    monkeypatch.setattr(requeue, "send", Mock(return_value=True))
    first = begin_report(pk=str(run.pk))
    written = report_runs.html_of

    def late(document: Any) -> Any:
        lose_claim(run)
        return written(document)

    with monkeypatch.context() as stopped, pytest.raises(ClaimLost):
        stopped.setattr(report_runs, "html_of", late)
        make_files(run=first)
    fail_report(run=first, reason="late")
    run.refresh_from_db()
    assert (run.state, run.attempts, run.failure) == ("making", 2, "")
    assert stored_reports(settings) == []
    make_files(run=run)
    run.refresh_from_db()
    assert run.state == "done"
    assert stored_reports(settings) == [".csv", ".html", ".pdf"]


@pytest.mark.django_db
def test_files_of_a_killed_attempt_are_replaced(run, settings):
    name = run.document.field.generate_filename(run, "report.pdf")
    run.document.storage.save(name, ContentFile(b"half a report"))
    make_report_task(str(run.pk))
    run.refresh_from_db()
    assert run.document.name == name
    assert stored_reports(settings) == [".csv", ".html", ".pdf"]


@pytest.mark.django_db(transaction=True)
def test_worker_gives_signs_of_life_while_it_works(cast, settings):
    settings.STALE_AFTER_S = 0.2
    case = claim(Case.objects.all(), make_case(cast.study, cast.site, state="received").pk)
    begun, deadline = case.heard_at, time.monotonic() + 30
    with send_heartbeats(case):
        while case.heard_at == begun and time.monotonic() < deadline:
            time.sleep(0.02)
            case.refresh_from_db()
    assert case.heard_at > begun
