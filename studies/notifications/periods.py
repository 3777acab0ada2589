"""Emails to readers whose next period has opened after the washout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Greatest
from django.urls import reverse

from studies.cases.models import Case
from studies.mail import letters
from studies.mail.models import OutgoingMail
from studies.notifications.models import Notification
from studies.notifications.recipients import is_daytime, subscribed
from studies.notifications.writing import notify
from studies.readers.models import Membership, Role
from studies.sessions.models import Reading
from studies.sessions.queue import find_readable_period

KIND = OutgoingMail.Kind.PERIOD_OPEN
# A period that opened earlier is not announced, for example after emails were switched on.
NEWS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenedPeriod:
    """A period of one batch of a reader; ``reader`` is the key of the membership."""

    reader: int
    batch: int
    number: int

    @property
    def key(self) -> str:
        """What identifies the period among the notifications of the reader."""
        return f"batch {self.batch}, period {self.number}"


def write_period_mails(now: datetime) -> list[OutgoingMail]:
    """Write to each reader whose period opened in the last days, once per batch and period.

    The schedule of the reader decides whether the period is open: candidates come from one query
    for all studies, and only they are checked one by one.
    """
    opened = list(find_opened_periods(now))
    readers = subscribed(Role.READER, KIND).in_bulk([period.reader for period in opened])
    earlier = Notification.objects.filter(kind=KIND, membership__in=readers)
    written = set(earlier.values_list("membership", "key"))
    mails = []
    for period in opened:
        reader = readers.get(period.reader)
        if reader is None or (reader.pk, period.key) in written or not is_daytime(reader, now):
            continue
        if find_readable_period(reader, at=now) != period.number:
            continue
        letter = _letter(reader, period.number)
        mail = notify(membership=reader, kind=KIND, key=period.key, letter=letter)
        mails += [mail] if mail is not None else []
    return mails


def _letter(reader: Membership, period: int) -> letters.Letter:
    study = reader.study
    path = reverse("read", args=[study.slug])
    return letters.period_open(study=study.name, period=period, path=path)


def find_opened_periods(now: datetime) -> Iterator[OpenedPeriod]:
    """Yield the periods that a washout kept closed until recently, from one query.

    Per reader and batch, a period is a candidate if all earlier ones are complete, none of its
    readings was opened, and the washout after the last earlier submission has just ended.
    """
    counted = ~Q(case__state=Case.State.EXCLUDED)
    phases = (
        Reading.objects.filter(reading_list__study__state="open", reading_list__reader__active=True)
        .order_by()
        .values(
            "batch",
            reader=F("reading_list__reader"),
            period=F("reading_list__period"),
            washout_days=F("reading_list__study__washout_days"),
        )
        .annotate(
            to_read=Count("pk", filter=counted & ~Q(state=Reading.State.SUBMITTED)),
            opened=Count("opened_at"),
            # Greatest ignores NULL in PostgreSQL.
            last=Max(Greatest("submitted_at", "previous_submission_at")),
        )
    )
    by_batch: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for phase in phases:
        by_batch.setdefault((phase["reader"], phase["batch"]), []).append(dict(phase))
    for (reader, batch), rows in by_batch.items():
        last: datetime | None = None
        for row in sorted(rows, key=lambda row: row["period"]):
            opens_at = last + timedelta(days=row["washout_days"]) if last is not None else None
            if opens_at is not None and not row["opened"] and row["to_read"]:
                if now - NEWS_FOR <= opens_at <= now:
                    yield OpenedPeriod(reader, batch, row["period"])
                break
            if row["to_read"]:
                break
            last = max(filter(None, (last, row["last"])), default=None)
