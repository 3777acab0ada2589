"""Readers who could read and did not are reminded, a limited number of times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.audit.models import Event
from studies.mail.models import OutgoingMail
from studies.notifications.models import Notification
from studies.notifications.reminders import find_idle_readers, write_reminders
from studies.protocol.models import Study
from studies.readers.account_mail.addresses import remove_address
from studies.readers.account_mail.subscriptions import change_subscriptions
from studies.readers.accounts import deactivate_account
from studies.sessions.models import Reading, ReadingList
from tests.mail.smtp_server import body
from tests.make import make_reader
from tests.notifications.conftest import send_all

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def idle(cast, addresses, inbox, noon) -> Any:
    """Assign cases and open the study ten days ago; remind after 7 days, twice at most."""
    cast.assign_cases()
    change(cast.study, reminder_after_days=7, reminder_limit=2, state_changed_at=noon - 10 * DAY)
    ReadingList.objects.update(assigned_at=noon - 10 * DAY)
    return cast


def change(study: Study, **fields: Any) -> None:
    Study.objects.filter(pk=study.pk).update(**fields)


def remind(now: datetime) -> list[str]:
    """Write reminders, as of that time, and return the recipients."""
    mails = write_reminders(now)
    Notification.objects.filter(key=now.date().isoformat()).update(created_at=now)
    return sorted(mail.address for mail in mails)


BOTH = ["rita@example.org", "rolf@example.org"]


def test_reminders_are_off_by_default(cast, addresses, inbox, noon):
    cast.assign_cases()
    change(cast.study, state_changed_at=noon - 90 * DAY)
    ReadingList.objects.update(assigned_at=noon - 90 * DAY)
    assert write_reminders(noon) == []


def test_idle_reader_is_reminded_with_the_number_of_days(idle, inbox, noon):
    assert remind(noon) == BOTH
    send_all()
    message = inbox.messages[0]
    assert message["Subject"] == "Cases are waiting in Guides trial"
    assert "have not read any for 7 days or longer" in " ".join(body(message, "plain").split())


def test_next_reminder_follows_after_as_many_days_until_the_limit(idle, noon):
    reminded = []
    for day in range(40):
        now = noon + day * DAY
        if remind(now):
            reminded.append(day)
    assert reminded == [0, 7]


def test_count_starts_again_when_the_reader_reads(idle, noon):
    for day in (0, 7):
        assert remind(noon + day * DAY) == BOTH
    assert remind(noon + 14 * DAY) == []
    first = Reading.objects.filter(reading_list__reader=idle.reader, reading_list__period=1).first()
    read_at = noon + 15 * DAY
    Reading.objects.filter(pk=first.pk).update(
        state="submitted", opened_at=read_at, submitted_at=read_at
    )
    assert remind(noon + 21 * DAY) == []
    assert remind(noon + 22 * DAY) == ["rita@example.org"]


def test_recent_opening_counts_as_activity(idle, noon):
    first = Reading.objects.filter(reading_list__reader=idle.reader, reading_list__period=1).first()
    Reading.objects.filter(pk=first.pk).update(state="open", opened_at=noon - DAY)
    assert remind(noon) == ["rolf@example.org"]


def test_washout_is_no_idle_time(idle, noon, submit):
    submit(idle.reader, 1, noon - 10 * DAY)
    assert remind(noon) == ["rolf@example.org"]
    # The washout of 28 days ends on day 18; seven days later the reader counts as idle.
    assert "rita@example.org" not in remind(noon + 24 * DAY)
    assert "rita@example.org" in remind(noon + 25 * DAY)


def test_reader_who_has_read_all_is_not_reminded(idle, noon, submit):
    for period in (1, 2):
        submit(idle.reader, period, noon - 60 * DAY)
    assert remind(noon) == ["rolf@example.org"]


def test_pause_is_no_idle_time(idle, noon):
    change(idle.study, state_changed_at=noon - 2 * DAY)
    assert remind(noon) == []
    change(idle.study, state="paused", state_changed_at=noon - 20 * DAY)
    assert remind(noon) == []


def test_new_reading_list_is_not_followed_by_a_reminder_at_once(idle, noon):
    ReadingList.objects.filter(reader=idle.reader).update(assigned_at=noon - DAY)
    assert remind(noon) == ["rolf@example.org"]


def test_reminder_waits_for_the_day_of_the_reader(idle, noon):
    idle.reader.user.time_zone = "America/Los_Angeles"
    idle.reader.user.save()
    assert remind(noon) == ["rolf@example.org"]
    assert remind(noon + timedelta(hours=5)) == ["rita@example.org"]


def test_repeated_job_writes_one_reminder_a_day(idle, noon):
    assert len(write_reminders(noon)) == 2
    Notification.objects.update(created_at=noon - 30 * DAY)
    assert write_reminders(noon) == []


@pytest.mark.parametrize("change_", [{"confirmed_email": ""}, {"wants_reminders": False}])
def test_no_reminder_to_those_who_want_none(idle, noon, change_):
    for name, value in change_.items():
        setattr(idle.reader.user, name, value)
    idle.reader.user.save()
    assert remind(noon) == ["rolf@example.org"]


def test_finding_idle_readers_takes_one_query(idle, noon):
    for number in range(3):
        make_reader(idle.study, idle.site, f"reader{number}")
    with CaptureQueriesContext(connection) as captured:
        assert len(find_idle_readers(noon)) == 2
    assert len(captured) == 1


def test_coordinator_sets_reminders_while_readers_read(idle, client_of, inbox):
    client = client_of(idle.coordinator)
    form = {"reminder_after_days": "5", "reminder_limit": "4"}
    address = f"/studies/{idle.study.slug}/people/reminders"
    page = client.post(address, form, format="multipart", follow=True).content.decode()
    assert "Readers are reminded after 5 days without reading." in page
    idle.study.refresh_from_db()
    assert (idle.study.reminder_after_days, idle.study.reminder_limit) == (5, 4)
    assert Event.objects.filter(action="study.reminders_changed").count() == 1


@pytest.mark.parametrize("form", [{"reminder_after_days": "400"}, {"reminder_limit": "0"}])
def test_reminders_out_of_range_are_refused_with_the_reason(idle, client_of, inbox, form):
    sent = {"reminder_after_days": "5", "reminder_limit": "4", **form}
    address = f"/studies/{idle.study.slug}/people/reminders"
    page = client_of(idle.coordinator).post(address, sent, format="multipart", follow=True)
    assert "Ensure this value is" in page.content.decode()
    idle.study.refresh_from_db()
    assert (idle.study.reminder_after_days, idle.study.reminder_limit) == (7, 2)


def test_no_mail_without_a_reminder_that_is_due(idle, noon):
    assert remind(noon - 4 * DAY) == []
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("event", ["deactivated", "address removed", "unsubscribed"])
def test_queued_reminder_is_not_sent_to_those_who_no_longer_get_mails(idle, noon, event):
    """The mail server may have been away when the reminder was written."""
    assert remind(noon) == BOTH
    user = idle.reader.user
    if event == "deactivated":
        deactivate_account(user=user, by=idle.coordinator)
    elif event == "address removed":
        remove_address(user=user)
    else:
        change_subscriptions(user=user, wants_reminders=False)
    states = dict(OutgoingMail.objects.values_list("address", "state"))
    assert states == {"rita@example.org": "cancelled", "rolf@example.org": "queued"}
