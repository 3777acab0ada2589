"""Who may get an email about a study now: members with a confirmed address, during their day."""

from __future__ import annotations

import zoneinfo
from datetime import datetime

from django.db.models import QuerySet

from studies.mail.models import OutgoingMail
from studies.protocol.models import Study
from studies.readers.account_mail.subscriptions import FIELDS
from studies.readers.models import Membership, Role

DAY_STARTS, DAY_ENDS = 8, 20
"""Hours of the recipient's time zone between which emails about studies are written."""


def subscribed(role: Role, kind: OutgoingMail.Kind) -> QuerySet[Membership]:
    """Return active members of open studies who get this kind of email."""
    return (
        Membership.objects.filter(
            role=role,
            active=True,
            user__is_active=True,
            study__state=Study.State.OPEN,
            **{f"user__{FIELDS[kind]}": True},
        )
        .exclude(user__confirmed_email="")
        .select_related("user", "study", "site")
        .order_by("pk")
    )


def local_time(membership: Membership, now: datetime) -> datetime:
    """Return the time in the recipient's time zone."""
    return now.astimezone(zoneinfo.ZoneInfo(membership.user.time_zone))


def is_daytime(membership: Membership, now: datetime) -> bool:
    """Return whether an email may be written now; at night it waits for the morning."""
    return DAY_STARTS <= local_time(membership, now).hour < DAY_ENDS
