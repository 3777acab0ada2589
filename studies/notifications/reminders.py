"""Reminders to readers who have cases to read and have not read for some days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Greatest
from django.urls import reverse

from studies.mail import letters
from studies.mail.models import OutgoingMail
from studies.notifications.recipients import is_daytime, local_time, subscribed
from studies.notifications.writing import notify
from studies.readers.models import Membership, Role
from studies.sessions.models import Reading, ReadingList
from studies.sessions.queue import find_readable_period

KIND = OutgoingMail.Kind.REMINDER


def write_reminders(now: datetime) -> list[OutgoingMail]:
    """Write a reminder to each idle reader, at most one a day and ``reminder_limit`` in a row.

    A reader is idle who could read already N days ago and has neither opened nor submitted a
    reading since. Neither a washout nor a pause of the study counts as idle time. The next
    reminder follows N days after the last.
    """
    mails = []
    for reader in find_idle_readers(now):
        idle_since = now - timedelta(days=reader.study.reminder_after_days)
        if not is_daytime(reader, now) or find_readable_period(reader, at=idle_since) is None:
            continue
        letter = letters.reminder(
            study=reader.study.name,
            days=reader.study.reminder_after_days,
            path=reverse("read", args=[reader.study.slug]),
        )
        key = local_time(reader, now).date().isoformat()
        mail = notify(membership=reader, kind=KIND, key=key, letter=letter)
        mails += [mail] if mail is not None else []
    return mails


def find_idle_readers(now: datetime) -> QuerySet[Membership]:
    """Return readers without activity and without a recent reminder, in one query.

    Time counts from the last activity, the assignment of the last period, or the last change of the
    study's state, whichever is latest.
    """
    days = ExpressionWrapper(
        F("study__reminder_after_days") * Value(timedelta(days=1)), output_field=DurationField()
    )
    due = ExpressionWrapper(Value(now) - days, output_field=Membership._meta.get_field("joined_at"))
    readings = Reading.objects.filter(reading_list__reader=OuterRef("pk")).order_by()
    last_activity = readings.values("reading_list__reader").annotate(
        at=Max(Greatest("opened_at", "submitted_at", "previous_submission_at"))
    )
    lists = ReadingList.objects.filter(reader=OuterRef("pk")).order_by()
    assigned = lists.values("reader").annotate(at=Max("assigned_at"))
    # Greatest ignores NULL in PostgreSQL.
    since = Greatest(
        Subquery(last_activity.values("at")),
        Subquery(assigned.values("at")),
        F("study__state_changed_at"),
    )
    sent = Q(notifications__kind=KIND, notifications__created_at__gt=F("idle_from"))
    return (
        subscribed(Role.READER, KIND)
        .filter(study__reminder_after_days__gt=0)
        .annotate(idle_from=since, due=due)
        .filter(idle_from__lte=F("due"))
        .annotate(
            reminders=Count("notifications", filter=sent),
            last_reminder=Max("notifications__created_at", filter=sent),
        )
        .filter(reminders__lt=F("study__reminder_limit"))
        .filter(Q(last_reminder=None) | Q(last_reminder__lte=F("due")))
    )
