"""Coordinators get counts of submitted readings on Mondays, without scores or arms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from studies.cases.models import Case
from studies.mail.models import OutgoingMail
from studies.notifications.summaries import count_readings, write_summaries
from studies.notifications.tasks import notify_members
from studies.readers.models import Membership
from studies.sessions.models import Reading
from studies.sessions.progress import get_reader_progress
from tests.mail.smtp_server import body
from tests.notifications.conftest import send_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def monday() -> datetime:
    """Noon of the next Monday by UTC."""
    today = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return today + timedelta(days=(7 - today.weekday()) % 7)


@pytest.fixture
def reading(cast, addresses, inbox, monday, submit) -> Any:
    """Let one reader finish period 1 on Sunday and the other a month ago."""
    cast.assign_cases()
    submit(cast.reader, 1, monday - timedelta(days=1))
    submit(cast.other_reader, 1, monday - timedelta(days=30))
    return cast


def recipients(mails: list[OutgoingMail]) -> list[str]:
    return sorted(mail.address for mail in mails)


def test_each_coordinator_gets_one_summary_a_week(reading, monday):
    assert recipients(write_summaries(monday)) == ["clara@example.org", "sita@example.org"]
    assert write_summaries(monday) == write_summaries(monday + timedelta(hours=2)) == []
    assert write_summaries(monday + timedelta(days=1)) == []
    assert len(write_summaries(monday + timedelta(days=7))) == 2


def test_summary_counts_as_the_page_does(reading, monday):
    coordinator = Membership.objects.get(user=reading.coordinator)
    rows = count_readings(coordinator, monday)
    counts = [(row.label, row.submitted, row.assigned) for row in rows]
    page = [(row.label, row.read, row.total) for row in get_reader_progress(coordinator)]
    assert counts == page == [("R01", 3, 6), ("R02", 3, 6)]
    assert [row.last_week for row in rows] == [3, 0]


def test_excluded_cases_do_not_count(reading, monday):
    reading_of_r01 = Reading.objects.filter(reading_list__reader=reading.reader).first()
    Case.objects.filter(pk=reading_of_r01.case_id).update(state="excluded", reason_text="test")
    coordinator = Membership.objects.get(user=reading.coordinator)
    assert [row.assigned for row in count_readings(coordinator, monday)] == [4, 4]


def test_site_coordinator_sees_the_readers_of_the_site_only(reading, inbox, monday):
    write_summaries(monday)
    send_all()
    texts = {message["To"].partition("@")[0]: body(message, "plain") for message in inbox.messages}
    assert "R01" in texts["sita"]
    assert "R02" not in texts["sita"]
    assert "3 of 6 readings" in texts["sita"]
    assert "6 of 12 readings" in texts["clara"]
    assert "R02" in texts["clara"]


def test_summary_names_no_person_arm_case_or_score(reading, inbox, monday):
    write_summaries(monday)
    send_all()
    hidden = [case.label for case in Case.objects.all()]
    hidden += ["guided", "rita", "rolf", "Hospital", "kappa", "AAC", "period"]
    for message in inbox.messages:
        for kind in ("plain", "html"):
            assert [word for word in hidden if word in body(message, kind)] == []


def test_monday_is_that_of_the_recipient(reading, monday):
    reading.coordinator.time_zone = "Pacific/Auckland"
    reading.coordinator.save()
    # Monday morning in Auckland is Sunday evening by UTC.
    sunday_evening = monday - timedelta(hours=14)
    assert recipients(write_summaries(sunday_evening)) == ["clara@example.org"]
    assert recipients(write_summaries(monday)) == ["sita@example.org"]


def test_no_summary_before_cases_are_assigned_or_when_unwanted(cast, addresses, inbox, monday):
    assert write_summaries(monday) == []
    cast.assign_cases()
    cast.coordinator.wants_summaries = False
    cast.coordinator.save()
    assert recipients(write_summaries(monday)) == ["sita@example.org"]


def test_readers_and_statisticians_get_no_summary(reading, monday):
    addresses = recipients(write_summaries(monday))
    assert not {"rita@example.org", "rolf@example.org", "stan@example.org"} & set(addresses)


def test_job_does_nothing_without_a_mail_server(reading, settings):
    settings.MAIL = {}
    assert notify_members() == 0
    assert not OutgoingMail.objects.exists()


def test_job_queues_what_it_writes(
    reading, monday, monkeypatch, django_capture_on_commit_callbacks
):  # fmt: skip
    sent: list[Any] = []
    monkeypatch.setattr("studies.mail.queueing.send", lambda task, pk: sent.append(pk))
    monkeypatch.setattr("studies.notifications.tasks.timezone.now", lambda: monday)
    with django_capture_on_commit_callbacks(execute=True):
        # Two summaries, and period 2 of the reader who finished period 1 thirty days ago.
        assert notify_members() == 3
        assert notify_members() == 0
    assert sorted(sent) == sorted(OutgoingMail.objects.values_list("pk", flat=True))
