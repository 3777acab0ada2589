"""Reading sessions as lists and numbers, without anything that reveals scores or arms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Aggregate, Count, DurationField, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from studies.readers.models import Membership
from studies.sessions.models import DisplayCheck, ReadingSession, SessionInterval
from studies.sessions.reading_sessions.rule import has_ended

End = ReadingSession.End

SESSIONS_PER_PAGE = 50
RUNNING = "running"


class Median(Aggregate):
    """PostgreSQL's median of a column."""

    function = "PERCENTILE_CONT"
    # Django has no ordered-set aggregates.
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, slots=True)
class SessionStatistics:
    """Number and length of a reader's sessions, and the readings submitted in them."""

    sessions: int = 0
    last: datetime | None = None
    median_minutes: float | None = None
    total_minutes: float = 0.0
    submitted: int = 0

    @property
    def median_length(self) -> str:
        """The median length as min:s, "" without sessions."""
        return format_minutes(self.median_minutes)

    @property
    def readings_per_session(self) -> float | None:
        """The mean number of readings submitted in a session."""
        return self.submitted / self.sessions if self.sessions else None


NO_SESSIONS = SessionStatistics()


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session as coordinators see it: neither cases nor arms nor scores."""

    reader: str
    reader_site: str
    number: int
    started_at: datetime
    last_activity_at: datetime
    ended_at: datetime | None
    """None while the session is running."""
    end: str
    """A code of `ReadingSession.End`, or "running"."""
    length: timedelta
    readings: int
    """Readings worked on, also if they were continued in a later session."""
    submitted: int
    active_ms: int
    idle_ms: int
    break_reminders: int
    browser: str
    viewport_width: int | None
    viewport_height: int | None
    device_pixel_ratio: float | None
    display_checks: int
    """Display checks in the session."""
    display_check: DisplayCheck | None
    """The last one, which counts."""
    display_check_waived: str
    """Why a coordinator waived the reader's display checks, "" if not."""

    @property
    def display_check_text(self) -> str:
        """The result of the display check, "" without one."""
        check = self.display_check
        if check is None:
            return "waived" if self.display_check_waived else ""
        return "passed" if check.passed else "not passed"

    @property
    def end_label(self) -> str:
        """Why the session ended, in words."""
        return RUNNING if self.end == RUNNING else End(self.end).label

    @property
    def length_s(self) -> int:
        """The length in seconds."""
        return round(self.length.total_seconds())

    @property
    def length_text(self) -> str:
        """The length as min:s."""
        return format_minutes(_minutes(self.length))

    @property
    def viewport_text(self) -> str:
        """The viewport and its device pixel ratio, "" if they are unknown."""
        if self.viewport_width is None:
            return ""
        size = f"{self.viewport_width} × {self.viewport_height}"
        ratio = self.device_pixel_ratio
        return size if ratio is None else f"{size} at {round(ratio, 2):g}"

    @property
    def active_text(self) -> str:
        """The active reading time as min:s."""
        return format_minutes(self.active_ms / 60_000)


def session_statistics(study_id: int) -> dict[int, SessionStatistics]:
    """Return the statistics of each reader of a study who has sessions, from two queries."""
    sessions = ReadingSession.objects.filter(reader__study=study_id).order_by()
    length = Coalesce("ended_at", "last_activity_at") - F("started_at")
    # A separate query: a join with intervals would repeat a session, and with it its length.
    submitted = dict(
        SessionInterval.objects.filter(session__reader__study=study_id, submitted_at__isnull=False)
        .order_by()
        .values_list("session__reader")
        .annotate(Count("pk"))
    )
    rows = (
        sessions.values("reader")
        .annotate(
            count=Count("pk"),
            last=Max("started_at"),
            median=Median(length, output_field=DurationField()),
            total=Sum(length, output_field=DurationField()),
        )
        .values_list("reader", "count", "last", "median", "total")
    )
    return {
        reader: SessionStatistics(
            count, last, _minutes(median), _minutes(total), submitted.get(reader, 0)
        )
        for reader, count, last, median, total in rows
    }


def sessions_of(readers: QuerySet[Membership]) -> QuerySet[ReadingSession]:
    """Return the sessions of these readers, the newest first, with sums of their intervals."""
    return (
        ReadingSession.objects.filter(reader__in=readers.values("pk"))
        .select_related("reader__site", "reader__display_check_waiver")
        # Prefetched: a second join would count each interval once for every display check.
        .prefetch_related("display_checks")
        .annotate(
            interval_count=Count("intervals"),
            submitted_count=Count("intervals", filter=Q(intervals__submitted_at__isnull=False)),
            active_sum=Coalesce(Sum("intervals__active_ms"), 0),
            idle_sum=Coalesce(Sum("intervals__idle_ms"), 0),
        )
        # The key as well, so that sessions of the same time keep their order on every page.
        .order_by("-started_at", "-pk")
    )


def session_page(readers: QuerySet[Membership], number: str) -> Page[Any]:
    """Return one page of the sessions of these readers; an unknown page gives the nearest one."""
    return Paginator(sessions_of(readers), SESSIONS_PER_PAGE).get_page(number)


def summarise_sessions(sessions: Any) -> Iterator[SessionSummary]:
    """Yield the summaries of sessions from `sessions_of`.

    A session whose idle limit has passed is shown as ended, even if that is not stored yet.
    """
    now = timezone.now()
    for session in sessions:
        ended = has_ended(session, now=now)
        checks = list(session.display_checks.all())
        waiver = getattr(session.reader, "display_check_waiver", None)
        yield SessionSummary(
            reader=session.reader.label,
            reader_site=session.reader.site.code if session.reader.site else "",
            number=session.number,
            started_at=session.started_at,
            last_activity_at=session.last_activity_at,
            ended_at=(session.ended_at or session.last_activity_at) if ended else None,
            end=(session.ended_by or End.IDLE.value) if ended else RUNNING,
            length=session.length,
            readings=session.interval_count,
            submitted=session.submitted_count,
            active_ms=session.active_sum,
            idle_ms=session.idle_sum,
            break_reminders=session.break_reminders,
            browser=session.browser,
            viewport_width=session.viewport_width,
            viewport_height=session.viewport_height,
            device_pixel_ratio=session.device_pixel_ratio,
            display_checks=len(checks),
            display_check=checks[-1] if checks else None,
            display_check_waived=waiver.reason if waiver else "",
        )


def format_minutes(minutes: float | None) -> str:
    """Return a duration as min:s, "" for None.

    Examples
    --------
    >>> format_minutes(95.51), format_minutes(None)
    ('95:31', '')
    """
    if minutes is None:
        return ""
    # Rounded before it is divided, or 59.6 seconds would become 0:60.
    whole, seconds = divmod(round(minutes * 60), 60)
    return f"{whole}:{seconds:02d}"


def _minutes(length: timedelta) -> float:
    return length.total_seconds() / 60
