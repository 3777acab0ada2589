"""The address of an account: enter it, confirm it with a link, remove it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse

from studies.audit.record import record
from studies.errors import Conflict, NotFound
from studies.mail import letters
from studies.mail.models import OutgoingMail
from studies.mail.outbox import OF_ACCOUNT, cancel_mails_to, create_mail
from studies.readers.models import User

SALT = "studies.readers.account_mail.addresses"
# The email states this period.
VALID_FOR = timedelta(days=3)


class ConfirmationNotValid(NotFound):
    """The link has expired, or another address has been entered since."""

    title = "Link no longer valid"


@transaction.atomic
def request_confirmation(*, user: User, address: str) -> OutgoingMail | None:
    """Store the address that a person entered, and write the email with the link that confirms it.

    Until then emails go to the earlier address. The caller queues the email.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    user.email = address
    user.full_clean(exclude=["password"])
    user.save(update_fields=["email"])
    record("account.address_entered", actor=user)
    token = signing.dumps({"user": user.pk, "address": address}, salt=SALT)
    return create_mail(
        kind=OutgoingMail.Kind.CONFIRMATION,
        key=f"confirmation {user.pk} {uuid4()}",
        address=address,
        letter=letters.address_confirmation(
            username=user.username, path=reverse("confirm-address", args=[token])
        ),
        valid_for=VALID_FOR,
    )


def find_unconfirmed(token: str) -> User:
    """Return the account whose entered address the link confirms. Raises ConfirmationNotValid."""
    try:
        signed = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        signed = {"user": None, "address": ""}
    user = User.objects.filter(pk=signed["user"], email=signed["address"], is_active=True).first()
    if user is None:
        raise ConfirmationNotValid(
            "This link has expired, or another address has been entered since. Enter the address "
            "again under Profile."
        )
    return user


@transaction.atomic
def confirm_address(*, token: str) -> tuple[User, OutgoingMail | None]:
    """Send emails to the confirmed address from now on.

    The second value is a notice to the earlier address, if there was one; the caller queues it.

    Raises ConfirmationNotValid, or Conflict if another account has confirmed the address.
    """
    user = User.objects.select_for_update().get(pk=find_unconfirmed(token).pk)
    earlier, user.confirmed_email = user.confirmed_email, user.email
    try:
        with transaction.atomic():
            user.save(update_fields=["confirmed_email"])
    except IntegrityError as error:
        raise Conflict(
            "address_taken",
            "Another account uses this address. Enter a different one under Profile.",
        ) from error
    _end_mails_to(user, earlier)
    record("account.address_confirmed", actor=user)
    return user, _write_notice(user, earlier)


def _end_mails_to(user: User, earlier: str) -> None:
    """End what was on its way to an earlier address, which another person may be able to read."""
    if not earlier or earlier == user.confirmed_email:
        return
    cancel_mails_to(address=earlier, kinds=OF_ACCOUNT, reason="The address is no longer used.")
    # Without a usable password, the link is one that an administrator has handed over.
    if user.has_usable_password():
        user.password_resets.all().delete()


def _write_notice(user: User, earlier: str) -> OutgoingMail | None:
    """Tell the owner of the earlier address, who may not have changed it."""
    if not earlier or earlier == user.confirmed_email:
        return None
    return create_mail(
        kind=OutgoingMail.Kind.ADDRESS_CHANGED,
        key=f"address changed {user.pk} {uuid4()}",
        address=earlier,
        letter=letters.address_changed(username=user.username, path=reverse("profile")),
        valid_for=VALID_FOR,
    )


@transaction.atomic
def remove_address(*, user: User) -> User:
    """Remove the address of an account, which then receives no emails."""
    user = User.objects.select_for_update().get(pk=user.pk)
    earlier, user.email, user.confirmed_email = user.confirmed_email, "", ""
    user.save(update_fields=["email", "confirmed_email"])
    _end_mails_to(user, earlier)
    record("account.address_removed", actor=user)
    return user
