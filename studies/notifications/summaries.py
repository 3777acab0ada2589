"""The weekly summary for coordinators: counts by reader label, without scores or arms."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from studies.cases.models import Case
from studies.mail import letters
from studies.mail.letters import ReaderCount
from studies.mail.models import OutgoingMail
from studies.notifications.models import Notification
from studies.notifications.recipients import is_daytime, local_time, subscribed
from studies.notifications.writing import notify
from studies.readers.access import accessible_readers
from studies.readers.models import Membership, Role
from studies.sessions.models import Reading

KIND = OutgoingMail.Kind.SUMMARY
WEEK = timedelta(days=7)
MONDAY = 0


def write_summaries(now: datetime) -> list[OutgoingMail]:
    """Write a summary to each coordinator on the recipient's Monday, once a week."""
    mails = []
    written = set(
        Notification.objects.filter(kind=KIND, created_at__gt=now - 2 * WEEK).values_list(
            "membership", "key"
        )
    )
    for coordinator in subscribed(Role.COORDINATOR, KIND):
        today = local_time(coordinator, now).date()
        key = today.isoformat()
        if today.weekday() != MONDAY or not is_daytime(coordinator, now):
            continue
        if (coordinator.pk, key) in written:
            continue
        counts = count_readings(coordinator, now)
        # Before cases are assigned there is nothing to count.
        if not any(row.assigned for row in counts):
            continue
        letter = letters.weekly_summary(
            study=coordinator.study.name,
            counts=counts,
            path=reverse("progress", args=[coordinator.study.slug]),
        )
        mail = notify(membership=coordinator, kind=KIND, key=key, letter=letter)
        mails += [mail] if mail is not None else []
    return mails


def count_readings(coordinator: Membership, now: datetime) -> list[ReaderCount]:
    """Return the counts of the active readers that the coordinator sees, as on the page Readers."""
    submitted, counted = Q(submitted_at__isnull=False), ~Q(case__state=Case.State.EXCLUDED)
    recent = Q(submitted_at__gt=now - WEEK, submitted_at__lte=now)
    counts = {
        reader: (read, total, last_week)
        for reader, read, total, last_week in Reading.objects.filter(
            reading_list__study=coordinator.study_id
        )
        .order_by()
        .values("reading_list__reader")
        .annotate(
            read=Count("pk", filter=submitted & counted),
            total=Count("pk", filter=counted),
            last_week=Count("pk", filter=recent & counted),
        )
        .values_list("reading_list__reader", "read", "total", "last_week")
    }
    readers = accessible_readers(coordinator).filter(active=True).order_by("label")
    return [
        ReaderCount(label, *counts.get(pk, (0, 0, 0)))
        for pk, label in readers.values_list("pk", "label")
    ]
