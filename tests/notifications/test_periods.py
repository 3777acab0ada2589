"""A reader gets one email when a period opens after the washout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.audit.models import Event
from studies.cases.models import Case
from studies.mail import letters
from studies.mail.models import OutgoingMail
from studies.notifications.models import Notification
from studies.notifications.periods import find_opened_periods, write_period_mails
from studies.notifications.writing import notify
from studies.readers.members import set_active
from studies.readers.models import Membership, User
from studies.sessions.models import Reading, ReadingList
from studies.sessions.study_lifecycle import pause_study
from tests.mail.smtp_server import body
from tests.make import make_reader
from tests.notifications.conftest import send_all

pytestmark = pytest.mark.django_db
WASHOUT = timedelta(days=28)


@pytest.fixture
def read_period_1(cast, addresses, inbox, noon, submit) -> Any:
    """Let both readers finish period 1 a washout and an hour ago."""
    cast.assign_cases()
    for reader in (cast.reader, cast.other_reader):
        submit(reader, 1, noon - WASHOUT - timedelta(hours=1))
    return cast


def recipients(mails: list[OutgoingMail]) -> list[str]:
    return sorted(mail.address for mail in mails)


def test_each_reader_gets_one_mail_when_period_2_opens(read_period_1, inbox, noon):
    mails = write_period_mails(noon)
    assert recipients(mails) == ["rita@example.org", "rolf@example.org"]
    assert write_period_mails(noon) == write_period_mails(noon + timedelta(hours=5)) == []
    send_all()
    assert len(inbox.messages) == 2
    message = inbox.messages[0]
    assert message["Subject"] == "Period 2 is open in Guides trial"
    assert "/studies/guides-trial/read" in body(message, "plain")
    assert message["List-Unsubscribe"] is not None


def test_mail_is_not_repeated_after_it_was_removed_from_the_outbox(read_period_1, noon):
    write_period_mails(noon)
    OutgoingMail.objects.all().delete()
    assert write_period_mails(noon + timedelta(hours=1)) == []


def test_no_mail_during_the_washout(read_period_1, noon):
    assert write_period_mails(noon - timedelta(hours=2)) == []


def test_no_mail_while_period_1_is_unfinished(read_period_1, noon):
    last = Reading.objects.filter(reading_list__reader=read_period_1.reader).first()
    Reading.objects.filter(pk=last.pk).update(state="open", submitted_at=None)
    assert recipients(write_period_mails(noon)) == ["rolf@example.org"]


def test_excluded_case_does_not_keep_period_1_unfinished(read_period_1, noon):
    reading = Reading.objects.filter(reading_list__reader=read_period_1.reader).first()
    Reading.objects.filter(pk=reading.pk).update(state="waiting", submitted_at=None, opened_at=None)
    Case.objects.filter(pk=reading.case_id).update(state="excluded", reason_text="for a test")
    assert "rita@example.org" in recipients(write_period_mails(noon))


def test_reopened_reading_keeps_its_washout(read_period_1, noon, submit):
    """Submitted again yesterday, so that the washout starts again for the period."""
    submit(read_period_1.reader, 1, noon - timedelta(days=1))
    assert recipients(write_period_mails(noon)) == ["rolf@example.org"]


def test_no_mail_to_a_reader_who_has_started_the_period(read_period_1, noon):
    first = Reading.objects.filter(
        reading_list__reader=read_period_1.reader, reading_list__period=2
    ).first()
    Reading.objects.filter(pk=first.pk).update(state="open", opened_at=noon)
    assert recipients(write_period_mails(noon)) == ["rolf@example.org"]


def test_period_that_opened_long_ago_is_no_news(read_period_1, noon):
    assert write_period_mails(noon + timedelta(days=8)) == []
    assert len(write_period_mails(noon + timedelta(days=6))) == 2


def test_mail_waits_for_the_morning_of_the_reader(read_period_1, noon):
    for reader, zone in ((read_period_1.reader, "Asia/Tokyo"), (read_period_1.other_reader, "UTC")):
        reader.user.time_zone = zone
        reader.user.save()
    # 21:00 in Tokyo.
    assert recipients(write_period_mails(noon)) == ["rolf@example.org"]
    assert write_period_mails(noon + timedelta(hours=10, minutes=59)) == []
    assert recipients(write_period_mails(noon + timedelta(hours=11))) == ["rita@example.org"]


@pytest.mark.parametrize(
    "change",
    [
        {"confirmed_email": ""},
        {"wants_period_mails": False},
        {"is_active": False},
    ],
)
def test_no_mail_to_those_who_want_none_or_left(read_period_1, noon, change):
    user = read_period_1.reader.user
    for name, value in change.items():
        setattr(user, name, value)
    user.save()
    assert recipients(write_period_mails(noon)) == ["rolf@example.org"]


def test_no_mail_to_deactivated_readers_and_in_paused_studies(read_period_1, noon):
    Membership.objects.filter(pk=read_period_1.reader.pk).update(active=False)
    assert recipients(write_period_mails(noon)) == ["rolf@example.org"]
    Notification.objects.all().delete()
    OutgoingMail.objects.all().delete()
    pause_study(study=read_period_1.study, by=read_period_1.coordinator)
    assert write_period_mails(noon) == []


def test_no_mail_before_the_certification(read_period_1, noon):
    read_period_1.study.certification_required = True
    read_period_1.study.save()
    assert write_period_mails(noon) == []


def test_mail_reveals_neither_arm_nor_case_nor_other_people(read_period_1, inbox, noon):
    write_period_mails(noon)
    send_all()
    hidden = [case.label for case in Case.objects.all()]
    hidden += [case.patient.label for case in Case.objects.all()]
    hidden += ["guided", "unguided", "AAC", "Hospital", "clara", "rolf", "R01", "R02"]
    [message] = [m for m in inbox.messages if "rita" in m["To"]]
    text = f"{message['Subject']} {body(message, 'plain')} {body(message, 'html')}"
    assert [word for word in hidden if word in text] == []


def test_mails_to_both_sequences_are_alike(cast, addresses, inbox, noon, submit):
    """Readers start with different arms, which the emails must not show."""
    third = make_reader(cast.study, cast.site, "rosa")
    User.objects.filter(username="rosa").update(confirmed_email="rosa@example.org")
    cast.assign_cases(6)
    for reader in (cast.reader, cast.other_reader, third):
        submit(reader, 1, noon - WASHOUT - timedelta(hours=1))
    arms = ReadingList.objects.filter(period=2).values_list("arm", flat=True)
    assert len(set(arms)) == 2
    write_period_mails(noon)
    send_all()
    texts = {body(message, "plain").partition("Unsubscribe")[0] for message in inbox.messages}
    assert (len(inbox.messages), len(texts)) == (3, 1)


def test_finding_opened_periods_takes_one_query(read_period_1, noon):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert len(list(find_opened_periods(noon))) == 2
    assert len(captured) == 1


def test_number_of_queries_does_not_grow_with_readers_notified_before(read_period_1, noon, submit):
    write_period_mails(noon)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as captured:
            write_period_mails(noon)
        counts.append(len(captured))
        make_reader(read_period_1.study, read_period_1.site, f"reader{number}")
    assert counts[0] == counts[1]


def test_notification_is_in_the_audit_trail_without_the_address(read_period_1, noon):
    write_period_mails(noon)
    events = Event.objects.filter(action="member.notified").order_by("subject")
    assert [(event.subject, event.data) for event in events] == [
        (label, {"kind": "period_open", "about": "batch 1, period 2"}) for label in ("R01", "R02")
    ]


def test_queued_mail_is_not_sent_to_a_member_who_was_deactivated_meanwhile(
    read_period_1, inbox, noon
):
    write_period_mails(noon)
    cast = read_period_1
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    send_all()
    assert inbox.recipients == ["rolf@example.org"]
    cancelled = OutgoingMail.objects.get(state="cancelled")
    assert (cancelled.address, cancelled.text) == ("rita@example.org", "")
    assert cancelled.last_error == "The member was deactivated."


def test_nothing_is_written_to_a_member_who_was_deactivated_after_the_search(read_period_1, noon):
    member = read_period_1.reader
    set_active(membership=member, active=False, by=read_period_1.coordinator)
    letter = letters.period_open(study="Guides trial", period=2, path="/studies/guides/")
    kind = OutgoingMail.Kind.PERIOD_OPEN
    assert notify(membership=member, kind=kind, key="late", letter=letter) is None
    assert not OutgoingMail.objects.exists()
    assert not Notification.objects.exists()


def test_deactivation_cancels_no_mail_of_other_members_and_studies(read_period_1, noon):
    write_period_mails(noon)
    cast = read_period_1
    # Member 1 and member 12 have keys that begin alike.
    key = f"period_open {cast.reader.pk}9 another"
    OutgoingMail.objects.filter(address="rolf@example.org").update(key=key)
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    assert OutgoingMail.objects.get(key=key).state == "queued"
