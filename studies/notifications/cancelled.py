"""Let a cancelled email be written again, for example after its member was reactivated."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from studies.mail.models import OutgoingMail
from studies.notifications.models import Notification

# Older news is not repeated: a period is announced in its first week, a summary on one day.
RECENT = timedelta(days=14)


@transaction.atomic
def forget_cancelled(now: datetime) -> int:
    """Forget recent notifications whose email was cancelled before it was sent; return how many.

    Whether a new email is written depends on the same rules as before, so that members who are
    still deactivated or no longer want these emails get none. The cancelled email keeps its row in
    the outbox under another key.
    """
    key = Concat(
        *(F("kind"), Value(" "), Cast("membership_id", CharField()), Value(" "), F("key")),
        output_field=CharField(),
    )
    notifications = Notification.objects.filter(created_at__gt=now - RECENT).annotate(mail_key=key)
    cancelled = (
        OutgoingMail.objects.select_for_update()
        .filter(kind__in=Notification.KINDS, state=OutgoingMail.State.CANCELLED)
        .filter(created_at__gt=now - RECENT)
        .annotate(
            notification=Subquery(
                notifications.filter(mail_key=OuterRef("key")).order_by().values("pk")[:1]
            )
        )
        .exclude(notification=None)
    )
    forgotten = dict(cancelled.values_list("pk", "notification"))
    if not forgotten:
        return 0
    emails = OutgoingMail.objects.filter(pk__in=forgotten)
    emails.update(key=Concat(F("key"), Value(" "), Cast("pk", CharField())))
    Notification.objects.filter(pk__in=forgotten.values()).delete()
    return len(forgotten)
