"""Stale work is requeued once, by any worker, and no more often than allowed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone

from studies.cases.models import Case
from studies.cases.queueing import ANALYSES, LOCATE_LANDMARKS
from studies.cases.tasks import locate_landmarks_task
from studies.celery import app
from studies.fine_tuning.queueing import CHECK_MODEL, FINE_TUNE, TRAINING
from studies.jobs import requeue
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.queue import queue_length, send
from studies.jobs.requeue import count_missing_messages, requeue_stale_work
from studies.reports.models import ReportRun
from studies.reports.tasks import MAKE_REPORT, REPORTS
from studies.sessions.study_lifecycle import PREPARE_SNAPSHOT
from tests.jobs.concurrency import at_once
from tests.make import Cast, make_case

STALE = timedelta(seconds=61)


@pytest.fixture
def sent(monkeypatch: Any) -> list[tuple[str, str]]:
    """What was sent to a broker whose queues are empty."""
    messages: list[tuple[str, str]] = []

    def send_task(name: str, args: list[str], **options: Any) -> None:
        messages.append((name, *args))

    monkeypatch.setattr(app, "send_task", send_task)
    monkeypatch.setattr(requeue, "queue_length", lambda name: 0)
    return messages


def make_cases(cast: Cast, number: int, *, state: str, silent_for: timedelta = STALE) -> list[Case]:
    cases = [make_case(cast.study, cast.site, state=state) for _ in range(number)]
    Case.objects.update(heard_at=timezone.now() - silent_for)
    return cases


def make_run(cast: Cast, **fields: Any) -> ReportRun:
    return ReportRun.objects.create(
        study=cast.study, by=cast.coordinator, snapshot_at=timezone.now(), **fields
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["received", "analysing"])
def test_stale_cases_are_queued_once_by_three_workers(cast, sent, state):
    cases = make_cases(cast, 5, state=state)
    at_once(*[requeue_stale_work] * 3)
    task = locate_landmarks_task.name
    assert sorted(sent) == sorted((task, str(case.pk)) for case in cases)
    assert set(Case.objects.values_list("state", flat=True)) == {"received"}
    requeue_stale_work()
    assert len(sent) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["received", "analysing"])
def test_case_that_was_heard_of_is_left_alone(cast, sent, state):
    make_cases(cast, 1, state=state, silent_for=timedelta(seconds=50))
    assert requeue_stale_work() == 0
    assert not sent


@pytest.mark.django_db
def test_case_that_was_broken_off_too_often_fails_with_a_reason(cast, sent):
    make_cases(cast, 1, state="analysing")
    Case.objects.update(attempts=MAX_ATTEMPTS)
    requeue_stale_work()
    case = Case.objects.get()
    assert (case.state, case.reason_code) == ("failed", "analysis_failed")
    assert case.reason_text == (
        "The analysis was interrupted 3 times because its worker stopped. Run it again."
    )
    assert not sent


@pytest.mark.django_db
def test_report_whose_worker_was_killed_is_queued_again_and_fails_at_last(cast, sent):
    run = make_run(cast, state="making", attempts=1, heard_at=timezone.now() - STALE)
    requeue_stale_work()
    run.refresh_from_db()
    assert (run.state, sent) == ("queued", [(MAKE_REPORT, str(run.pk))])
    ReportRun.objects.update(state="making", attempts=MAX_ATTEMPTS, heard_at=timezone.now() - STALE)
    requeue_stale_work()
    run.refresh_from_db()
    assert run.state == "failed"
    assert "interrupted 3 times" in run.failure


@pytest.mark.parametrize(
    ("waiting", "messages", "missing"), [(5, 0, 5), (5, 5, 0), (5, 3, 2), (2, 9, 0)]
)
def test_rows_without_a_message_are_counted(waiting, messages, missing):
    assert count_missing_messages(waiting=waiting, messages=messages) == missing


@pytest.mark.django_db
def test_cases_that_wait_in_a_long_queue_are_not_queued_twice(cast, sent, monkeypatch):
    make_cases(cast, 3, state="received")
    lengths = {ANALYSES: 3, REPORTS: 0}
    monkeypatch.setattr(requeue, "queue_length", lengths.__getitem__)
    requeue_stale_work()
    assert not sent
    lengths[ANALYSES] = 2
    requeue_stale_work()
    assert len(sent) == 1


@pytest.mark.django_db
def test_nothing_is_sent_while_the_broker_is_away(cast, sent, monkeypatch):
    make_cases(cast, 2, state="received")
    monkeypatch.setattr(requeue, "queue_length", lambda name: None)
    assert requeue_stale_work() == 0


def test_messages_that_wait_at_a_real_broker_are_counted(settings):
    if not settings.CELERY_BROKER_URL:
        pytest.skip("needs a broker: python -m tools.local run --throwaway -- pytest")
    before = queue_length(ANALYSES), queue_length(REPORTS)
    assert None not in before
    try:
        assert send(LOCATE_LANDMARKS, "a")
        assert send(MAKE_REPORT, "b")
        assert send(MAKE_REPORT, "c")
        assert (queue_length(ANALYSES), queue_length(REPORTS)) == (before[0] + 1, before[1] + 2)
    finally:
        app.control.purge()


def test_worker_takes_from_every_queue_by_default(settings):
    other = Celery("other")
    other.config_from_object("django.conf:settings", namespace="CELERY")
    assert set(other.amqp.queues.consume_from) == {ANALYSES, REPORTS, TRAINING, "mail"}
    routed = {
        name: other.amqp.router.route({}, name)["queue"].name for name in other.conf.task_routes
    }
    files = ("make_report", "write_workbook", "write_package")
    reports = (*files, "compute_bootstrap", PREPARE_SNAPSHOT)
    training = dict.fromkeys((CHECK_MODEL, FINE_TUNE), TRAINING)
    assert routed == dict.fromkeys(reports, REPORTS) | training | {"send_mail": "mail"}
    assert other.amqp.router.route({}, LOCATE_LANDMARKS)["queue"].name == ANALYSES
