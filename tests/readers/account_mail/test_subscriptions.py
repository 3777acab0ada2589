"""People choose their emails; one click in a mail program ends them (RFC 8058)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from studies.audit.models import Event
from studies.mail import letters
from studies.mail.models import OutgoingMail
from studies.mail.outbox import create_mail
from studies.mail.sending import send_mail
from studies.readers.account_mail.subscriptions import FIELDS, unsubscribe_path
from tests.mail.mail_settings import ADDRESS
from tests.mail.smtp_server import body

pytestmark = pytest.mark.django_db
Kind = OutgoingMail.Kind


def test_only_mails_about_reading_can_be_switched_off():
    assert set(FIELDS) == {Kind.PERIOD_OPEN, Kind.REMINDER, Kind.SUMMARY}


@pytest.mark.parametrize("kind", FIELDS)
def test_mail_program_unsubscribes_with_one_post(cast, inbox, kind):
    user = cast.reader.user
    mail = create_mail(
        kind=kind,
        key="test",
        address="rita@example.org",
        letter=letters.reminder(study="Guides trial", days=7, path="/studies/guides-trial/"),
        valid_for=timedelta(days=1),
        unsubscribe_path=unsubscribe_path(user, kind),
    )
    send_mail(pk=str(mail.pk))
    [message] = inbox.messages
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # A long header is folded before the address.
    link = message["List-Unsubscribe"].strip()
    assert link.startswith(f"<{ADDRESS}/mail/unsubscribe/")
    assert link.strip("<>") in body(message, "plain")
    assert link.strip("<>") in body(message, "html")
    # As a mail program sends it: without cookies and without a CSRF token.
    program = Client(enforce_csrf_checks=True)
    path = link.strip("<>").removeprefix(ADDRESS)
    for _ in range(2):
        answer = program.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    user.refresh_from_db()
    wanted = {name: getattr(user, name) for name in FIELDS.values()}
    assert wanted == {name: name != FIELDS[kind] for name in FIELDS.values()}
    assert Event.objects.filter(action="account.mail_preferences_changed").count() == 1


def test_opening_the_link_alone_changes_nothing(cast, client):
    path = unsubscribe_path(cast.reader.user, Kind.REMINDER)
    assert "Stop receiving this kind of email" in client.get(path).content.decode()
    cast.reader.user.refresh_from_db()
    assert cast.reader.user.wants_reminders


def test_page_names_neither_person_nor_study(cast, client):
    page = client.get(unsubscribe_path(cast.reader.user, Kind.REMINDER)).content.decode()
    assert "rita" not in page
    assert "Guides trial" not in page


def test_altered_link_is_not_found(cast, client):
    path = unsubscribe_path(cast.reader.user, Kind.REMINDER)
    answer = client.post(f"{path[:-3]}abc")
    assert answer.status_code == 404
    assert "This link is not complete" in answer.content.decode()


def test_profile_changes_each_kind(cast, client, inbox):
    user = cast.reader.user
    user.email = user.confirmed_email = "rita@example.org"
    user.save()
    client.force_login(user)
    assert client.get("/profile").content.decode().count("checked") == 3
    client.post("/profile/mails", {"wants_reminders": "on"})
    user.refresh_from_db()
    assert (user.wants_period_mails, user.wants_reminders, user.wants_summaries) == (
        False,
        True,
        False,
    )


def test_mail_without_a_choice_has_no_unsubscribe_header(cast, inbox):
    mail = create_mail(
        kind=Kind.INVITATION,
        key="test",
        address="rita@example.org",
        letter=letters.invitation(study="T", role="reader", path="/", expires="1 Dec 2026"),
        valid_for=timedelta(days=1),
    )
    send_mail(pk=str(mail.pk))
    assert inbox.messages[0]["List-Unsubscribe"] is None
