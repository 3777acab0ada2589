"""Reset of a forgotten password by a link in a mail."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from studies.audit.record import record
from studies.errors import NotFound
from studies.mail import letters
from studies.mail.links import PLACEHOLDER, derive_token, new_nonce
from studies.mail.models import OutgoingMail
from studies.mail.outbox import create_decoy, create_mail
from studies.readers.models import PasswordReset, User

# The mail states this period.
VALID_FOR = timedelta(hours=1)
KEEP_EXPIRED = timedelta(days=1)


class ResetNotValid(NotFound):
    """The link was used, has expired, or never existed."""

    title = "Link no longer valid"


@transaction.atomic
def request_password_reset(*, address: str) -> OutgoingMail:
    """Write the mail with the link; the caller queues it.

    Without an account, the same rows are written as decoys, so that neither the answer nor its
    duration reveals whether there is one.
    """
    PasswordReset.objects.filter(expires_at__lt=timezone.now() - KEEP_EXPIRED).delete()
    user = User.objects.filter(confirmed_email__iexact=address, is_active=True).first()
    if user is not None and not user.has_usable_password():
        user = None
    nonce = new_nonce()
    reset = PasswordReset.objects.create(
        user=user,
        token_hash=_hash(derive_token(nonce)),
        password_state=(user or User()).get_session_auth_hash(),
        expires_at=timezone.now() + VALID_FOR,
    )
    record("account.password_reset_requested", subject=user.username[:80] if user else "")
    letter = letters.password_reset(
        username=user.username if user else "",
        path=reverse("reset-password", args=[PLACEHOLDER]),
    )
    kind, key = OutgoingMail.Kind.PASSWORD_RESET, f"password reset {reset.pk}"
    if user is None:
        return create_decoy(kind=kind, key=key, letter=letter)
    mail = create_mail(
        kind=kind,
        key=key,
        address=user.confirmed_email,
        letter=letter,
        valid_for=VALID_FOR,
        nonce=nonce,
    )
    assert mail is not None  # the key is new
    return mail


def find_reset_user(token: str) -> User:
    """Return the account whose password the link may set. Raises ResetNotValid."""
    reset = (
        PasswordReset.objects.select_related("user")
        .filter(token_hash=_hash(token), expires_at__gt=timezone.now(), user__is_active=True)
        .first()
    )
    user = reset.user if reset is not None else None
    if (
        reset is None
        or user is None
        or not constant_time_compare(reset.password_state, user.get_session_auth_hash())
    ):
        raise ResetNotValid(
            "This link has been used or has expired. Request a new one on the sign-in page."
        )
    return user


@transaction.atomic
def reset_password(*, token: str, password: str) -> User:
    """Set a new password. The change ends every session of the account and every other link."""
    # The row lock makes a second request wait, so that the link works once.
    User.objects.select_for_update().get(pk=find_reset_user(token).pk)
    user = find_reset_user(token)
    user.set_password(password)
    user.save(update_fields=["password"])
    user.password_resets.all().delete()
    record("account.password_reset", actor=user)
    return user


def _hash(token: str) -> str:
    # A fast hash is safe here, because the token is random; passwords need a slow one.
    return hashlib.sha256(token.encode()).hexdigest()
