"""Progress of each reader in each period, without scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from studies.cases.models import Case
from studies.conduct.progress.forecast import (
    PACE_DAYS,
    BatchCounts,
    Forecast,
    ListCounts,
    forecast_lists,
)
from studies.protocol.models import Study
from studies.readers.access import accessible_readers
from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingList, SessionInterval

READERS_PER_PAGE: Final = 25
COLUMNS: Final = (
    *("reader", "reader_site", "active", "certification", "period", "reading_of_case", "arm"),
    *("assigned", "read"),
    *("left", "readings_per_day", "opens_on", "days_until_open", "opening"),
    *("expected_finish", "no_expected_finish_because", "last_submitted_at", "reading_sessions"),
)

READINGS_OF_CASE: Final = {1: "first readings", 2: "second readings"}
"""The reading lists of a sequential study by their step."""


@dataclass(frozen=True, slots=True)
class PeriodProgress:
    """One reader in one period; ``arm`` is "" for the coordinator of one site.

    In a sequential study, both readings of a case belong to one period. ``reading_of_case`` is then
    1 in the row of the first readings and 2 in that of the second readings. Otherwise it is None.
    """

    reader: str
    name: str
    site: str
    active: bool
    certification: str
    period: int
    reading_of_case: int | None
    arm: str
    read: int
    total: int
    last: datetime | None
    sessions: int
    forecast: Forecast

    @property
    def left(self) -> int:
        """Readings that are still to be submitted."""
        return self.total - self.read

    @property
    def part(self) -> str:
        """The name of the row on pages: the period, or "first readings" and "second readings"."""
        if self.reading_of_case is None:
            return str(self.period)
        return READINGS_OF_CASE[self.reading_of_case]

    @property
    def opens_on(self) -> date | None:
        """The day on which the period opens, in the time zone of the viewer."""
        return timezone.localdate(self.forecast.opens_at) if self.forecast.opens_at else None

    @property
    def days_until_open(self) -> int | None:
        """Days until the period opens."""
        return (self.opens_on - timezone.localdate()).days if self.opens_on else None

    @property
    def finish_on(self) -> date | None:
        """The day on which the last reading is expected."""
        return timezone.localdate(self.forecast.finish) if self.forecast.finish else None

    @property
    def opening(self) -> str:
        """Whether the period is open, and otherwise whether its date is fixed."""
        if self.forecast.open:
            return "open"
        if self.forecast.opens_at is None:
            return "unknown"
        return "expected" if self.forecast.opening_expected else "fixed"


def reader_page(membership: Membership, number: str) -> Page[Membership]:
    """Return one page of the readers; an unknown page gives the nearest one."""
    readers = accessible_readers(membership).order_by("label")
    return Paginator(readers, READERS_PER_PAGE).get_page(number)


def period_progress(membership: Membership, readers: Sequence[Membership]) -> list[PeriodProgress]:
    """Return the progress of these readers by period, from three queries."""
    now = timezone.now()
    study = membership.study
    lists: dict[int, list[ReadingList]] = defaultdict(list)
    for entry in ReadingList.objects.filter(reader__in=readers).order_by(
        "reader", "period", "step"
    ):
        lists[entry.reader_id].append(entry)
    counts = _count_readings(readers, now)
    sessions = _count_sessions(readers)
    progress: list[PeriodProgress] = []
    for reader in readers:
        reader_lists = lists[reader.pk]
        of_lists = [_list_counts(entry.period, counts[entry.pk]) for entry in reader_lists]
        forecasts = forecast_lists(
            of_lists, washout=study.washout, now=now, blocked=_blocked(study, reader)
        )
        for entry, numbers, forecast in zip(reader_lists, of_lists, forecasts, strict=True):
            seen = [batch.last_seen for batch in numbers.batches if batch.last_seen]
            progress.append(
                PeriodProgress(
                    reader=reader.label,
                    name=reader.user.shown_name,
                    site=reader.site.code if reader.site else "",
                    active=reader.active,
                    certification=_certification(study, reader),
                    period=entry.period,
                    reading_of_case=entry.step if study.sequential else None,
                    arm=entry.get_arm_display() if membership.site_id is None else "",
                    read=numbers.read,
                    total=numbers.total,
                    last=max(seen, default=None),
                    sessions=sessions.get(entry.pk, 0),
                    forecast=forecast,
                )
            )
    return progress


def period_rows(membership: Membership) -> Iterator[dict[str, Any]]:
    """Yield the rows of the CSV, with the same number of queries for every page of readers."""
    paginator = Paginator(accessible_readers(membership).order_by("label"), READERS_PER_PAGE)
    for number in paginator.page_range:
        for row in period_progress(membership, list(paginator.page(number).object_list)):
            yield {
                "reader": row.reader,
                "reader_site": row.site,
                "active": "true" if row.active else "false",
                "certification": row.certification,
                "period": row.period,
                "reading_of_case": row.reading_of_case,
                "arm": row.arm,
                "assigned": row.total,
                "read": row.read,
                "left": row.left,
                "readings_per_day": "" if row.forecast.pace is None else f"{row.forecast.pace:.2f}",
                "opens_on": row.opens_on.isoformat() if row.opens_on else "",
                "days_until_open": row.days_until_open,
                "opening": row.opening,
                "expected_finish": row.finish_on.isoformat() if row.finish_on else "",
                "no_expected_finish_because": row.forecast.reason,
                "last_submitted_at": row.last.astimezone(UTC).isoformat() if row.last else "",
                "reading_sessions": row.sessions,
            }


def _count_readings(
    readers: Sequence[Membership], now: datetime
) -> dict[int, list[dict[str, Any]]]:
    """Return the counts of each batch, by reading list."""
    counted, submitted = ~Q(case__state=Case.State.EXCLUDED), Q(submitted_at__isnull=False)
    recent = Q(submitted_at__gte=now - timedelta(days=PACE_DAYS))
    rows = (
        Reading.objects.filter(reading_list__reader__in=readers)
        .order_by()
        .values("reading_list", "batch")
        .annotate(
            total=Count("pk", filter=counted),
            read=Count("pk", filter=counted & submitted),
            recent=Count("pk", filter=counted & recent),
            opened=Count("opened_at"),
            first=Min("submitted_at"),
            # Excluded and reopened readings count: the reader saw their cases.
            last_seen=Max(Coalesce("submitted_at", "previous_submission_at")),
        )
    )
    counts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        counts[row["reading_list"]].append(dict(row))
    return counts


def _list_counts(period: int, rows: list[dict[str, Any]]) -> ListCounts:
    return ListCounts(
        period=period,
        read=sum(row["read"] for row in rows),
        total=sum(row["total"] for row in rows),
        recent=sum(row["recent"] for row in rows),
        first=min((row["first"] for row in rows if row["first"]), default=None),
        batches=tuple(
            BatchCounts(
                row["batch"], row["total"] - row["read"], bool(row["opened"]), row["last_seen"]
            )
            for row in sorted(rows, key=lambda row: row["batch"])
        ),
    )


def _count_sessions(readers: Sequence[Membership]) -> dict[int, int]:
    """Return the number of reading sessions in which readings of each list were worked on."""
    rows = SessionInterval.objects.filter(session__reader__in=readers).order_by()
    counts = rows.values("reading__reading_list").annotate(count=Count("session", distinct=True))
    return dict(counts.values_list("reading__reading_list", "count"))


def _certification(study: Study, reader: Membership) -> str:
    if not study.certification_required:
        return "not required"
    if reader.certified_at is not None:
        return "passed"
    return "waived" if reader.certification_waived_at is not None else "not passed"


def _blocked(study: Study, reader: Membership) -> str:
    """Return why the reader cannot read at present, "" if nothing prevents it."""
    if not reader.active:
        return "reader is deactivated"
    if study.state != Study.State.OPEN:
        return f"study is {study.get_state_display()}"
    # Not `may_read_cases`, which would read the study once for every reader.
    if _certification(study, reader) == "not passed":
        return "certification not passed"
    return ""
