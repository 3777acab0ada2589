"""Write an email to the outbox, postpone, finish or cancel it, and remove old ones."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from studies.errors import Conflict
from studies.jobs.claims import claim, lock_claim
from studies.mail.letters import Letter
from studies.mail.models import OutgoingMail, OutgoingMailQuerySet
from studies.mail.rendering import render_letter

Kind, State = OutgoingMail.Kind, OutgoingMail.State
ABOUT_STUDIES = (Kind.PERIOD_OPEN, Kind.REMINDER, Kind.SUMMARY)
EXPIRED = "It expired before it could be sent."
OF_ACCOUNT = (Kind.PASSWORD_RESET, *ABOUT_STUDIES)
"""Emails that only the owner of an account may receive; invitations are for anyone."""
# Minutes before each further attempt: about a day in all.
DELAYS_MINUTES = (1, 5, 15, 60, 180, 360, 720)
MAX_ATTEMPTS = len(DELAYS_MINUTES) + 1
KEPT_WHEN_FINISHED: dict[str, Any] = {"text": "", "html": "", "link_nonce": ""}
"""What replaces the text of a finished email, so that the outbox does not collect texts."""


def mail_enabled() -> bool:
    """Return whether a mail server is configured."""
    return bool(settings.MAIL)


def check_mail_enabled() -> None:
    """Raise Conflict if no mail server is configured."""
    if not mail_enabled():
        raise Conflict(
            "no_mail_server",
            "No email can be sent, because no mail server is configured. Ask the administrator.",
        )


@transaction.atomic
def create_mail(
    *,
    kind: OutgoingMail.Kind,
    key: str,
    address: str,
    letter: Letter,
    valid_for: timedelta,
    nonce: str = "",
    unsubscribe_path: str = "",
) -> OutgoingMail | None:
    """Write an email to the outbox; return None if there has been one with this key.

    Parameters
    ----------
    key
        What the email is about, so that no request and no repeated job sends it twice.
    valid_for
        Time after which the email is cancelled if it could not be sent.
    nonce
        From `studies.mail.links.new_nonce`, if the letter has a secret link.
    """
    rendered = render_letter(letter, unsubscribe_path=unsubscribe_path)
    mail, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "address": address,
            "subject": rendered.subject,
            "text": rendered.text,
            "html": rendered.html,
            "link_nonce": nonce,
            "unsubscribe_path": unsubscribe_path,
            "expires_at": timezone.now() + valid_for,
            "last_attempt": MAX_ATTEMPTS,
        },
    )
    return mail if created else None


def create_decoy(*, kind: OutgoingMail.Kind, key: str, letter: Letter) -> OutgoingMail:
    """Write a cancelled email to no one, which takes as long as writing a real one.

    A request for a password reset must not reveal by its duration whether there is an account.
    """
    rendered = render_letter(letter)
    mail: OutgoingMail
    mail, _ = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "subject": rendered.subject,
            "state": State.CANCELLED,
            "finished_at": timezone.now(),
            "expires_at": timezone.now(),
            "last_error": "No account has this address.",
        },
    )
    return mail


def begin_mail(*, pk: str) -> OutgoingMail | None:
    """Claim an email that is due; None if it is not due, finished or claimed by another worker."""
    mail: OutgoingMail | None = claim(OutgoingMail.objects.all(), pk)
    if mail is not None and mail.expires_at <= timezone.now():
        finish_mail(mail=mail, state=State.CANCELLED, reason=EXPIRED)
        return None
    return mail


@transaction.atomic
def finish_mail(*, mail: OutgoingMail, state: OutgoingMail.State, reason: str = "") -> None:
    """Store the outcome of a claimed email and erase its text. Raises ClaimLost."""
    locked = lock_claim(mail)
    _finish(locked, state, reason)


@transaction.atomic
def postpone_mail(*, mail: OutgoingMail, reason: str) -> None:
    """Let a claimed email wait for its next attempt, or fail after the last. Raises ClaimLost."""
    locked = lock_claim(mail)
    if not locked.attempts_left:
        _finish(locked, State.FAILED, reason)
        return
    locked.state, locked.last_error, locked.heard_at = State.QUEUED, reason[:200], timezone.now()
    locked.not_before = timezone.now() + timedelta(minutes=DELAYS_MINUTES[locked.attempts - 1])
    locked.save(update_fields=["state", "last_error", "heard_at", "not_before"])


def fail_mail(mail: OutgoingMail, reason: str) -> None:
    """Fail an email whose worker stopped too often; the caller holds the row's lock."""
    _finish(mail, State.FAILED, reason)


@transaction.atomic
def cancel_mail(*, mail: OutgoingMail, reason: str) -> bool:
    """Cancel a queued email; return False if it is being sent or finished."""
    queued = OutgoingMail.objects.select_for_update().filter(pk=mail.pk, state=State.QUEUED).first()
    if queued is None:
        return False
    _finish(queued, State.CANCELLED, reason)
    return True


@transaction.atomic
def cancel_mails_to(*, address: str, kinds: Collection[OutgoingMail.Kind], reason: str) -> int:
    """Cancel the queued emails of some kinds to an address that no longer wants them.

    Emails wait while the mail server is away. Return how many were cancelled.
    """
    if not address:
        return 0
    mails = OutgoingMail.objects.filter(address__iexact=address, kind__in=kinds)
    return _cancel_all(mails, reason)


def study_mail_key(kind: OutgoingMail.Kind, membership: int, about: str) -> str:
    """Return the key of an email about a study to a member, by the member's primary key."""
    return f"{kind} {membership} {about}"


@transaction.atomic
def cancel_study_mails(*, membership: int, reason: str) -> int:
    """Cancel the queued emails about a study to a deactivated member; return how many."""
    about_study = Q()
    for kind in ABOUT_STUDIES:
        about_study |= Q(kind=kind, key__startswith=study_mail_key(kind, membership, ""))
    return _cancel_all(OutgoingMail.objects.filter(about_study), reason)


@transaction.atomic
def cancel_expired_mails() -> int:
    """Cancel queued emails that have expired; return how many.

    Workers also check this before they send an email, but without a mail server they send none.
    """
    return _cancel_all(OutgoingMail.objects.filter(expires_at__lte=timezone.now()), EXPIRED)


def _cancel_all(mails: OutgoingMailQuerySet, reason: str) -> int:
    """Cancel the queued emails among these; those being sent are not attempted again.

    Must run in a transaction.
    """
    cancelled = 0
    unfinished = mails.select_for_update().filter(state__in=[State.QUEUED, State.SENDING])
    for mail in unfinished.order_by("pk"):
        if mail.state == State.QUEUED:
            _finish(mail, State.CANCELLED, reason)
            cancelled += 1
        else:
            mail.last_attempt = mail.attempts
            mail.save(update_fields=["last_attempt"])
    return cancelled


@transaction.atomic
def purge_old_mails() -> int:
    """Delete finished emails after ``VERTEREAD_MAIL_KEEP_DAYS`` days; return how many."""
    before = timezone.now() - timedelta(days=settings.MAIL_KEEP_DAYS)
    deleted, _ = OutgoingMail.objects.finished().filter(finished_at__lt=before).delete()
    return int(deleted)


def _finish(mail: OutgoingMail, state: OutgoingMail.State, reason: str) -> None:
    for name, value in KEPT_WHEN_FINISHED.items():
        setattr(mail, name, value)
    mail.state, mail.last_error, mail.finished_at = state, reason[:200], timezone.now()
    mail.save(update_fields=[*KEPT_WHEN_FINISHED, "state", "last_error", "finished_at"])
