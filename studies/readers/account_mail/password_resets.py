"""Reset of a forgotten password by a link in an email."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from studies.audit.record import record
from studies.mail import letters
from studies.mail.links import PLACEHOLDER, derive_token, new_nonce
from studies.mail.models import OutgoingMail
from studies.mail.outbox import create_decoy, create_mail
from studies.readers.accounts import add_reset
from studies.readers.models import PasswordReset, User

# The email states this period.
VALID_FOR = timedelta(hours=1)
KEEP_EXPIRED = timedelta(days=1)


@transaction.atomic
def request_password_reset(*, address: str) -> OutgoingMail:
    """Write the email with the link; the caller queues it.

    Without an account, the same rows are written as decoys, so that neither the answer nor its
    duration reveals whether there is one.
    """
    PasswordReset.objects.filter(expires_at__lt=timezone.now() - KEEP_EXPIRED).delete()
    user = User.objects.filter(confirmed_email__iexact=address, is_active=True).first()
    if user is not None and not user.has_usable_password():
        user = None
    nonce = new_nonce()
    reset = add_reset(user=user, token=derive_token(nonce), valid_for=VALID_FOR)
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
