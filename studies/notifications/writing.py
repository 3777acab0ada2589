"""Write one email to a member, at most once for what it is about."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from studies.audit.record import record
from studies.mail.letters import Letter
from studies.mail.models import OutgoingMail
from studies.mail.outbox import create_mail, study_mail_key
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

    Of two workers, the second waits for the first to commit and then does nothing. Nothing is
    written to a member who has been deactivated in the meantime. The caller queues the email.
    """
    # Membership and account are locked, so that deactivating either finds the email and cancels it.
    active = Membership.objects.select_for_update().filter(
        pk=membership.pk, active=True, user__is_active=True
    )
    if not active.exists():
        return None
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
        key=study_mail_key(kind, membership.pk, key),
        address=membership.user.confirmed_email,
        letter=letter,
        valid_for=VALID_FOR,
        unsubscribe_path=unsubscribe_path(membership.user, kind),
    )
