"""An email that was cancelled before it was sent is written again if it is still due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.mail.models import OutgoingMail
from studies.mail.outbox import begin_mail, cancel_expired_mails
from studies.notifications.cancelled import forget_cancelled
from studies.notifications.models import Notification
from studies.notifications.periods import write_period_mails
from studies.notifications.tasks import notify_members
from studies.readers.account_mail.subscriptions import change_subscriptions
from studies.readers.accounts import deactivate_account, reactivate_account
from studies.readers.members import set_active
from tests.make import make_user
from tests.notifications.conftest import send_all

pytestmark = pytest.mark.django_db
KINDS = ("period_open", "reminder", "summary")


@pytest.fixture
def opened(cast, addresses, inbox, noon, submit) -> Any:
    """Write to both readers that period 2 is open; the emails wait for the mail server."""
    cast.assign_cases()
    for reader in (cast.reader, cast.other_reader):
        submit(reader, 1, noon - timedelta(days=28, hours=1))
    assert len(write_period_mails(noon)) == 2
    return cast


def write_again(now: datetime) -> list[str]:
    """Write the emails that are due; return their recipients."""
    forget_cancelled(now)
    return sorted(mail.address for mail in write_period_mails(now))


def test_reactivated_reader_gets_the_email_that_a_deactivation_cancelled(opened, inbox, noon):
    set_active(membership=opened.reader, active=False, by=opened.coordinator)
    assert write_again(noon) == []
    set_active(membership=opened.reader, active=True, by=opened.coordinator)
    assert write_again(noon) == ["rita@example.org"]
    assert write_again(noon + timedelta(hours=1)) == []
    send_all()
    assert sorted(inbox.recipients) == ["rita@example.org", "rolf@example.org"]
    assert {message["Subject"] for message in inbox.messages} == {
        "Period 2 is open in Guides trial"
    }


def test_email_is_written_again_after_each_deactivation(opened, inbox, noon):
    for _ in range(3):
        for active in (False, True):
            set_active(membership=opened.reader, active=active, by=opened.coordinator)
        assert write_again(noon) == ["rita@example.org"]
    send_all()
    assert sorted(inbox.recipients) == ["rita@example.org", "rolf@example.org"]
    assert OutgoingMail.objects.filter(state="cancelled").count() == 3


def test_email_that_was_sent_before_the_deactivation_is_not_repeated(opened, inbox, noon):
    send_all()
    for active in (False, True):
        set_active(membership=opened.reader, active=active, by=opened.coordinator)
    assert write_again(noon) == []


def test_email_that_is_being_sent_during_the_deactivation_is_not_repeated(opened, noon):
    mail = OutgoingMail.objects.get(address="rita@example.org")
    assert begin_mail(pk=str(mail.pk)) is not None
    for active in (False, True):
        set_active(membership=opened.reader, active=active, by=opened.coordinator)
    assert write_again(noon) == []


def test_reader_reactivated_after_a_week_gets_no_old_news(opened, noon):
    for active in (False, True):
        set_active(membership=opened.reader, active=active, by=opened.coordinator)
    assert write_again(noon + timedelta(days=8)) == []


def test_person_who_wants_these_emails_again_gets_the_cancelled_one(opened, noon):
    for wanted in (False, True):
        change_subscriptions(user=opened.reader.user, wants_period_mails=wanted)
        opened.reader.user.refresh_from_db()
        assert write_again(noon) == (["rita@example.org"] if wanted else [])


def test_reactivated_account_gets_the_cancelled_email(opened, noon):
    admin = make_user("root", is_superuser=True)
    deactivate_account(user=opened.reader.user, by=admin)
    assert write_again(noon) == []
    reactivate_account(user=opened.reader.user, by=admin)
    assert write_again(noon) == ["rita@example.org"]


def test_email_that_expired_while_the_mail_server_was_away_is_written_again(opened, noon):
    OutgoingMail.objects.update(expires_at=timezone.now())
    cancel_expired_mails()
    assert write_again(noon + timedelta(days=2)) == ["rita@example.org", "rolf@example.org"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_notification_is_forgotten_with_its_cancelled_email(opened, kind, noon):
    """The key in the outbox is composed in SQL here, and in Python where emails are written."""
    Notification.objects.update(kind=kind)
    for mail in OutgoingMail.objects.all():
        mail.key = mail.key.replace("period_open", kind)
        mail.kind = kind
        mail.save(update_fields=["key", "kind"])
    set_active(membership=opened.reader, active=False, by=opened.coordinator)
    assert forget_cancelled(noon) == 1
    assert Notification.objects.get().membership_id == opened.other_reader.pk
    assert forget_cancelled(noon) == 0


def test_the_regular_job_forgets_cancelled_emails(opened, noon, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: noon)
    for active in (False, True):
        set_active(membership=opened.reader, active=active, by=opened.coordinator)
    assert notify_members() == 1
    assert notify_members() == 0


def test_forgetting_takes_one_query_without_cancelled_emails(opened, noon):
    with CaptureQueriesContext(connection) as captured:
        assert forget_cancelled(noon) == 0
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 1
