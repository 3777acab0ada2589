"""Emails are delivered to a real SMTP server, once, or state why they were not."""

from __future__ import annotations

import ssl
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from studies.jobs import requeue
from studies.jobs.requeue import requeue_stale_work
from studies.jobs.rounds import ROUNDS
from studies.mail import letters
from studies.mail.links import PLACEHOLDER, derive_token, new_nonce
from studies.mail.models import OutgoingMail
from studies.mail.outbox import (
    DELAYS_MINUTES,
    MAX_ATTEMPTS,
    begin_mail,
    cancel_expired_mails,
    cancel_mail,
    cancel_mails_to,
    create_mail,
    postpone_mail,
    purge_old_mails,
)
from studies.mail.sending import SERVER, send_mail
from studies.mail.tasks import send_mail_task
from tests.mail.mail_settings import ADDRESS, use_server
from tests.mail.smtp_server import (
    ACCOUNT,
    body,
    check_password,
    free_port,
    make_certificate,
    smtp_server,
)

pytestmark = pytest.mark.django_db
Kind, State = OutgoingMail.Kind, OutgoingMail.State


def write_mail(**fields: Any) -> OutgoingMail:
    options: dict[str, Any] = {
        "kind": Kind.PERIOD_OPEN,
        "key": f"test {uuid4()}",
        "address": "rita@example.org",
        "letter": letters.period_open(study="Guides trial", period=2, path="/studies/guides/"),
        "valid_for": timedelta(days=2),
        **fields,
    }
    mail = create_mail(**options)
    assert mail is not None
    return mail


def attempt(mail: OutgoingMail) -> OutgoingMail:
    """Make the next attempt as if it were due and the server not known to be away."""
    SERVER.record_success()
    OutgoingMail.objects.filter(pk=mail.pk).update(not_before=timezone.now())
    send_mail(pk=str(mail.pk))
    mail.refresh_from_db()
    return mail


def test_mail_arrives_as_text_and_html_with_a_complete_link(inbox):
    mail = attempt(write_mail())
    assert (mail.state, mail.last_error) == (State.SENT, "")
    [message] = inbox.messages
    assert inbox.recipients == ["rita@example.org"]
    assert message["Subject"] == "Period 2 is open in Guides trial"
    assert message["From"] == "VerteRead <verteread@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] is not None
    assert f"{ADDRESS}/studies/guides/" in body(message, "plain")
    assert f'href="{ADDRESS}/studies/guides/"' in body(message, "html")


def test_mail_that_was_sent_is_not_sent_again(inbox):
    mail = attempt(write_mail())
    attempt(mail)
    assert len(inbox.messages) == 1


def test_second_mail_about_the_same_is_not_written():
    write_mail(key="period 2 of R01")
    second = create_mail(
        kind=Kind.PERIOD_OPEN,
        key="period 2 of R01",
        address="rita@example.org",
        letter=letters.period_open(study="Another", period=2, path="/"),
        valid_for=timedelta(days=2),
    )
    assert second is None
    assert OutgoingMail.objects.count() == 1


def test_every_attempt_has_the_same_message_id(inbox):
    mail = write_mail()
    inbox.data_answer = "451 Try again later"
    attempt(mail)
    inbox.data_answer = "250 OK"
    attempt(mail)
    assert inbox.messages[0]["Message-ID"] == f"<{mail.pk}@example.org>"


def test_text_is_erased_when_the_mail_is_finished(inbox):
    mail = attempt(write_mail())
    assert (mail.text, mail.html, mail.link_nonce) == ("", "", "")


def test_secret_link_is_in_the_mail_and_never_in_the_database(inbox):
    nonce = new_nonce()
    letter = letters.password_reset(username="rita", path=f"/reset/{PLACEHOLDER}")
    mail = write_mail(kind=Kind.PASSWORD_RESET, letter=letter, nonce=nonce)
    token = derive_token(nonce)
    assert token not in str(OutgoingMail.objects.values())
    attempt(mail)
    for kind in ("plain", "html"):
        assert f"{ADDRESS}/reset/{token}" in body(inbox.messages[0], kind)
        assert PLACEHOLDER not in body(inbox.messages[0], kind)
    stored = str(OutgoingMail.objects.values())
    assert token not in stored
    assert nonce not in stored


def test_token_depends_on_the_secret_key(settings):
    nonce = new_nonce()
    before = derive_token(nonce)
    settings.SECRET_KEY = "another key " * 5
    assert derive_token(nonce) != before


def test_rejected_address_fails_at_once_with_the_code(inbox):
    inbox.recipient_answer = "550 No such user rita@example.org"
    mail = attempt(write_mail())
    assert mail.state == State.FAILED
    assert mail.last_error == "The mail server rejected the address (code 550)."
    assert mail.attempts == 1


def test_rejected_content_fails_at_once_with_the_code(inbox):
    inbox.data_answer = "554 Looks like spam"
    mail = attempt(write_mail())
    assert (mail.state, mail.attempts) == (State.FAILED, 1)
    assert mail.last_error == "The mail server rejected the email (code 554)."


@pytest.mark.parametrize("answer", ["recipient_answer", "data_answer"])
def test_temporary_answer_is_followed_by_another_attempt(inbox, answer):
    setattr(inbox, answer, "451 Greylisted")
    mail = attempt(write_mail())
    assert (mail.state, mail.attempts) == (State.QUEUED, 1)
    assert mail.last_error == "The mail server answered with the code 451."
    setattr(inbox, answer, "250 OK")
    assert attempt(mail).state == State.SENT


def test_attempts_are_further_and_further_apart_until_the_mail_fails(settings):
    use_server(settings, free_port())
    mail, waits = write_mail(), []
    for _ in range(MAX_ATTEMPTS - 1):
        before = timezone.now()
        attempt(mail)
        assert mail.state == State.QUEUED
        waits.append(round((mail.not_before - before).total_seconds() / 60))
    assert waits == list(DELAYS_MINUTES) == sorted(DELAYS_MINUTES)
    assert attempt(mail).state == State.FAILED
    assert mail.last_error == "The mail server could not be reached (ConnectionRefusedError)."


def test_mail_is_not_sent_before_its_next_attempt_is_due(inbox):
    mail = write_mail()
    OutgoingMail.objects.update(not_before=timezone.now() + timedelta(minutes=5))
    send_mail(pk=str(mail.pk))
    assert inbox.messages == []


def test_server_that_does_not_answer_ends_with_a_timeout(inbox, settings):
    settings.MAIL |= {"timeout": 0.3}
    inbox.silent = True
    mail = attempt(write_mail())
    assert (mail.state, mail.last_error) == (
        State.QUEUED,
        "The mail server did not answer in time.",
    )


def test_other_mails_wait_without_an_attempt_while_the_server_is_away(settings):
    use_server(settings, free_port())
    first, second = write_mail(), write_mail()
    send_mail(pk=str(first.pk))
    send_mail(pk=str(second.pk))
    second.refresh_from_db()
    assert (second.state, second.attempts) == (State.QUEUED, 0)


def test_mails_wait_while_no_server_is_configured(settings):
    settings.BASE_URL, settings.MAIL = ADDRESS, {}
    mail = write_mail()
    send_mail(pk=str(mail.pk))
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (State.QUEUED, 0)


def test_mail_is_cancelled_when_it_expired_before_it_was_sent(inbox):
    mail = attempt(write_mail(valid_for=timedelta(seconds=-1)))
    assert mail.state == State.CANCELLED
    assert mail.last_error == "It expired before it could be sent."
    assert inbox.messages == []


def test_cancelled_mail_is_not_sent(inbox):
    mail = write_mail()
    assert cancel_mail(mail=mail, reason="The invitation was withdrawn.")
    assert attempt(mail).state == State.CANCELLED
    assert inbox.messages == []


def test_mail_whose_message_was_lost_is_queued_again_once_it_is_due(inbox, monkeypatch):
    sent: list[str] = []
    monkeypatch.setattr(requeue, "send", lambda task, pk: sent.append(str(pk)) is None)
    monkeypatch.setattr(requeue, "queue_length", lambda name: 0)
    due, later = write_mail(), write_mail()
    OutgoingMail.objects.update(heard_at=timezone.now() - timedelta(hours=1))
    OutgoingMail.objects.filter(pk=later.pk).update(not_before=timezone.now() + timedelta(hours=1))
    kinds = [kind for kind in requeue.KINDS if kind.task == send_mail_task.name]
    requeue_stale_work(kinds)
    assert sent == [str(due.pk)]


def test_mail_of_a_killed_worker_is_sent_by_another(inbox, monkeypatch):
    mail = write_mail()
    OutgoingMail.objects.update(
        state=State.SENDING, attempts=1, heard_at=timezone.now() - timedelta(hours=1)
    )
    monkeypatch.setattr(requeue, "send", lambda task, pk: send_mail(pk=str(pk)) is None)
    kinds = [kind for kind in requeue.KINDS if kind.task == send_mail_task.name]
    requeue_stale_work(kinds)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, len(inbox.messages)) == (State.SENT, 2, 1)


def test_old_mails_are_removed_and_unsent_ones_stay(inbox, settings):
    settings.MAIL_KEEP_DAYS = 30
    old, recent, waiting = attempt(write_mail()), attempt(write_mail()), write_mail()
    OutgoingMail.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=99))
    assert purge_old_mails() == 1
    assert set(OutgoingMail.objects.all()) == {recent, waiting}


def test_connection_is_encrypted_and_signed_in(settings, tmp_path, monkeypatch):
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # How operators name a private certificate authority.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    with smtp_server(authenticator=check_password, **options) as (inbox, port):
        use_server(settings, port, use_tls=True, **ACCOUNT)
        assert attempt(write_mail()).state == State.SENT
        assert (inbox.encrypted, inbox.authenticated) == ([True], [True])
        use_server(settings, port, use_tls=True, username="verteread", password="wrong")
        mail = attempt(write_mail())
        assert mail.state == State.QUEUED
        assert mail.last_error == "The mail server answered with the code 535."


def test_certificate_of_an_unknown_authority_is_refused(settings, tmp_path):
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with smtp_server(tls_context=context) as (inbox, port):
        use_server(settings, port, use_tls=True)
        mail = attempt(write_mail())
        assert mail.state == State.QUEUED
        assert "could not be reached (SSLCertVerificationError)" in mail.last_error
        assert inbox.messages == []


def test_queued_mail_expires_although_the_mail_server_was_removed(settings):
    settings.MAIL = {}
    expired = write_mail(valid_for=timedelta(seconds=-1))
    waiting = write_mail()
    send_mail(pk=str(expired.pk))
    assert OutgoingMail.objects.get(pk=expired.pk).state == State.QUEUED
    assert cancel_expired_mails() == 1
    expired.refresh_from_db()
    assert (expired.state, expired.text) == (State.CANCELLED, "")
    assert expired.last_error == "It expired before it could be sent."
    assert OutgoingMail.objects.get(pk=waiting.pk).state == State.QUEUED
    assert cancel_expired_mails() == 0
    assert cancel_expired_mails in ROUNDS.values()


def test_mail_that_is_no_longer_wanted_while_it_is_sent_is_not_tried_again(settings):
    use_server(settings, free_port())
    mail = write_mail()
    claimed = begin_mail(pk=str(mail.pk))
    assert claimed is not None
    assert cancel_mails_to(address=mail.address, kinds=[Kind.PERIOD_OPEN], reason="Left.") == 0
    postpone_mail(mail=claimed, reason="The mail server did not answer in time.")
    mail.refresh_from_db()
    assert mail.state == State.FAILED
