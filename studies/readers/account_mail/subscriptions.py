"""Which emails a person wants, and the links to unsubscribe from them.

Invitations, confirmations of an address and password resets are always sent.
"""

from __future__ import annotations

from django.core import signing
from django.db import transaction
from django.urls import reverse

from studies.audit.record import record
from studies.errors import NotFound
from studies.mail.models import OutgoingMail
from studies.mail.outbox import cancel_mails_to
from studies.readers.models import User

SALT = "studies.readers.account_mail.subscriptions"
FIELDS = {
    OutgoingMail.Kind.PERIOD_OPEN: "wants_period_mails",
    OutgoingMail.Kind.REMINDER: "wants_reminders",
    OutgoingMail.Kind.SUMMARY: "wants_summaries",
}
"""The field of the account for each kind of email that a person can switch off."""


class UnsubscribeLinkNotValid(NotFound):
    """The link was altered or its account no longer exists."""

    title = "Link not valid"


def unsubscribe_path(user: User, kind: OutgoingMail.Kind) -> str:
    """Return the path of the link that ends one kind of email; it does not expire."""
    token = signing.dumps({"user": user.pk, "kind": kind.value}, salt=SALT)
    return reverse("unsubscribe", args=[token])


def find_subscription(token: str) -> tuple[User, OutgoingMail.Kind]:
    """Return account and kind of email of a link. Raises UnsubscribeLinkNotValid."""
    try:
        signed = signing.loads(token, salt=SALT)
        return User.objects.get(pk=signed["user"]), OutgoingMail.Kind(signed["kind"])
    except (signing.BadSignature, User.DoesNotExist):
        raise UnsubscribeLinkNotValid(
            "This link is not complete. Copy it from the email again, or switch the emails off "
            "under Profile."
        ) from None


@transaction.atomic
def unsubscribe(*, token: str) -> OutgoingMail.Kind:
    """End one kind of email for the account of the link; a repeated request changes nothing."""
    user, kind = find_subscription(token)
    _store(user, {FIELDS[kind]: False})
    return kind


@transaction.atomic
def change_subscriptions(*, user: User, **wanted: bool) -> User:
    """Store which emails the person wants, by field of the account."""
    return _store(user, wanted)


def _store(user: User, wanted: dict[str, bool]) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    changed = {name: value for name, value in wanted.items() if getattr(user, name) != value}
    if not changed:
        return user
    for name, value in changed.items():
        setattr(user, name, value)
    user.save(update_fields=list(changed))
    ended = [kind for kind, name in FIELDS.items() if changed.get(name) is False]
    cancel_mails_to(address=user.confirmed_email, kinds=ended, reason="No longer wanted.")
    record("account.mail_preferences_changed", actor=user, **changed)
    return user
