"""Let a cancelled email be written again, for example after its member was reactivated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from studies.mail.models import OutgoingMail
from studies.notifications.models import Notification

# Older news is not repeated: a period is announced in its first week, a summary on one day.
RECENT: Final = timedelta(days=14)


@transaction.atomic
def forget_cancelled(now: datetime) -> int:
    """Forget recent notifications whose email was cancelled before it was sent; return how many.

    Whether a new email is written depends on the same rules as before, so that members who are
    still deactivated or no longer want these emails get none. The cancelled email keeps its row in
    the outbox under another key.
    """
    # The key of an email, as `studies.mail.outbox.study_mail_key` composes it.
    key = Concat(
        *(F("kind"), Value(" "), Cast("membership_id", CharField()), Value(" "), F("key")),
        output_field=CharField(),
    )
    emails = OutgoingMail.objects.filter(
        kind__in=Notification.KINDS,
        state=OutgoingMail.State.CANCELLED,
        created_at__gt=now - RECENT,
    )
    notifications = Notification.objects.filter(created_at__gt=now - RECENT).annotate(mail_key=key)
    cancelled = notifications.filter(mail_key__in=emails.values("key"))
    keys = dict(cancelled.order_by().values_list("pk", "mail_key"))
    if keys:
        freed = Concat(F("key"), Value(" "), Cast("pk", CharField()))
        emails.filter(key__in=keys.values()).update(key=freed)
        Notification.objects.filter(pk__in=keys).delete()
    return len(keys)
