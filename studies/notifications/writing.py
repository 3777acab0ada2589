"""Write one email to a member, at most once for what it is about."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from studies.audit.record import record
from studies.mail.letters import Letter
from studies.mail.models import OutgoingMail
from studies.mail.outbox import create_mail
from studies.notifications.models import Notification
from studies.readers.account_mail.subscriptions import unsubscribe_path
from studies.readers.models import Membership

# Later, the contents may no longer be true.
VALID_FOR = timedelta(days=2)


@transaction.atomic
def notify(
    *, membership: Membership, kind: OutgoingMail.Kind, key: str, letter: Letter
) -> OutgoingMail | None:
    """Write an email and that it was written; return None if it was written before.

    Of two workers, the second waits for the first to commit and then does nothing. The caller
    queues the email.
    """
    notification, created = Notification.objects.get_or_create(
        membership=membership, kind=kind, key=key
    )
    if not created:
        return None
    record(
        "member.notified",
        study=membership.study,
        subject=membership.label,
        kind=notification.kind,
        about=key,
    )
    return create_mail(
        kind=kind,
        key=f"{kind} {membership.pk} {key}",
        address=membership.user.confirmed_email,
        letter=letter,
        valid_for=VALID_FOR,
        unsubscribe_path=unsubscribe_path(membership.user, kind),
    )
