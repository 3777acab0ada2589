"""Invitations to a study: create, withdraw, find by token, accept."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from studies.audit.record import record
from studies.errors import Conflict, NotFound
from studies.mail import letters
from studies.mail.letters import Letter
from studies.mail.links import PLACEHOLDER, derive_token, hash_token, new_nonce
from studies.mail.models import OutgoingMail
from studies.mail.outbox import cancel_mail, check_mail_enabled, create_mail
from studies.protocol.models import Site, Study
from studies.readers.members import add_member
from studies.readers.models import Invitation, Membership, Role, User

# People page and documentation state this period.
VALID_FOR = timedelta(days=14)
# More than any study needs, and few enough that an account cannot be used to send spam.
MAX_MAILS_A_DAY = 100


@transaction.atomic
def create_invitation(
    *, study: Study, role: Role, site: Site | None, note: str, by: User, address: str = ""
) -> tuple[Invitation, str]:
    """Create an invitation; return it with its token, which is shown once and never stored.

    With an address, the link is also sent by email; the caller queues ``invitation.mail``.

    Raises Conflict when a reader is invited to a locked study, or when a link is to be sent
    although no mail server is configured or the person has sent too many.
    """
    if site is not None and site.study_id != study.pk:
        raise NotFound("This site does not belong to the study.")
    # Statisticians and coordinators may still join, since results are read after the lock.
    if study.locked and role == Role.READER:
        raise Conflict("locked", "The study is locked. Readers can no longer be invited.")
    if address:
        _check_may_send(by)
    # The token of an email is derived again when it is sent, so that it is not stored either.
    nonce = new_nonce() if address else ""
    # 192 random bits: the token alone protects the link.
    token = derive_token(nonce) if nonce else secrets.token_urlsafe(24)
    invitation = Invitation(
        study=study,
        role=role,
        site=site,
        note=note,
        # Reading the database or a backup does not reveal links that still work.
        token_hash=hash_token(token),
        created_by=by,
        expires_at=timezone.now() + VALID_FOR,
    )
    invitation.full_clean()
    invitation.save()
    if address:
        invitation.mail = create_mail(
            kind=OutgoingMail.Kind.INVITATION,
            key=f"invitation {invitation.pk}",
            address=address,
            letter=write_letter(invitation, PLACEHOLDER),
            valid_for=VALID_FOR,
            nonce=nonce,
        )
        invitation.save(update_fields=["mail"])
    mailed = bool(address)
    record(
        "invitation.created", actor=by, study=study, subject=invitation.pk, role=role, mailed=mailed
    )
    return invitation, token


def write_letter(invitation: Invitation, token: str) -> Letter:
    """Return the text of an invitation, to be sent or copied."""
    return letters.invitation(
        study=invitation.study.name,
        role=invitation.get_role_display().lower(),
        path=reverse("invitation", args=[token]),
        expires=date_format(timezone.localdate(invitation.expires_at)),
    )


def _check_may_send(by: User) -> None:
    check_mail_enabled()
    since = timezone.now() - timedelta(days=1)
    sent = Invitation.objects.filter(created_by=by, created_at__gt=since, mail__isnull=False)
    if sent.count() >= MAX_MAILS_A_DAY:
        raise Conflict(
            "too_many_mails",
            f"You have sent {MAX_MAILS_A_DAY} invitations by email in the last 24 hours. Leave the "
            "address empty and send the link yourself, or try again tomorrow.",
        )


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """Withdraw an invitation. Raises Conflict if it has been used."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.used_at is not None:
        raise Conflict("used", "This invitation has already been used and cannot be withdrawn.")
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    if invitation.mail is not None:
        cancel_mail(mail=invitation.mail, reason="The invitation was withdrawn.")
    record("invitation.revoked", actor=by, study=invitation.study, subject=invitation.pk)
    return invitation


class InvitationNotValid(NotFound):
    """The invitation was used or withdrawn, has expired, or never existed."""

    title = "Invitation no longer valid"


def find_invitation(token: str) -> Invitation:
    """Return the usable invitation with this token. Raises InvitationNotValid."""
    invitation = Invitation.objects.select_related("study", "site").filter(
        token_hash=hash_token(token)
    )
    usable = invitation.usable().first()
    if usable is None:
        raise InvitationNotValid(
            "This invitation has been used, was withdrawn or has expired. Ask the person who sent "
            "it for a new one."
        )
    return usable


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Membership:
    """Make the person a member of the study and mark the invitation as used."""
    # The row lock makes a second request wait, so that the link works once.
    Invitation.objects.select_for_update().filter(token_hash=hash_token(token)).first()
    invitation = find_invitation(token)
    membership = add_member(
        study=invitation.study,
        user=user,
        role=Role(invitation.role),
        site=invitation.site,
        by=invitation.created_by,
    )
    invitation.used_at = timezone.now()
    invitation.used_by = user
    invitation.save(update_fields=["used_at", "used_by"])
    record("invitation.accepted", actor=user, study=invitation.study, subject=invitation.pk)
    return membership


@transaction.atomic
def join_with_new_account(*, token: str, user: User) -> Membership:
    """Create the account of a new person and accept the invitation with it."""
    try:
        with transaction.atomic():
            # In a savepoint, so that a taken name does not abort the surrounding transaction.
            user.save()
    except IntegrityError as error:
        raise Conflict(
            "username_taken", "This username has just been taken. Choose another one."
        ) from error
    record("account.created", actor=user, subject=user.username[:80])
    return accept_invitation(token=token, user=user)
