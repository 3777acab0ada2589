"""Pace, opening and expected end of one reader's reading lists, from counts and the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

PACE_DAYS: Final = 14
LONGEST: Final = timedelta(days=3650)

COMPLETE: Final = "complete"
NO_PACE: Final = f"no readings in the last {PACE_DAYS} days"
NO_START: Final = "depends on the previous period"
TOO_LONG: Final = "more than 10 years at this pace"


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """Readings of one batch in a list. ``last_seen`` is the last submission, ever."""

    batch: int
    left: int
    started: bool
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class ListCounts:
    """Readings of one list, without those of excluded cases.

    ``recent`` are those submitted in the last `PACE_DAYS` days, ``first`` is the first submission.
    """

    period: int
    read: int
    total: int
    recent: int
    first: datetime | None
    batches: tuple[BatchCounts, ...]

    @property
    def left(self) -> int:
        """Readings that are still to be submitted."""
        return self.total - self.read


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of one list.

    ``opens_at`` is None for a list that is open. ``opening_expected`` is true while the date
    is not fixed, because it follows from the pace. ``finish`` is None with a ``reason``.
    """

    pace: float | None
    finish: datetime | None
    reason: str
    open: bool
    opens_at: datetime | None
    opening_expected: bool


def forecast_lists(
    lists: Sequence[ListCounts], *, washout: timedelta, now: datetime, blocked: str = ""
) -> list[Forecast]:
    """Return the forecast of each list of one reader.

    Parameters
    ----------
    lists
        The reader's lists in the order of periods.
    washout
        The time between the last submission of a period and the next period.
    blocked
        Why the reader cannot read at present, "" if the reader can.

    Notes
    -----
    The pace is the number of readings submitted in the last 14 days, divided by the days since the
    first submission of the list, at least 1 and at most 14. A list without submissions in that time
    is projected with the reader's pace in all lists.
    """
    reader_pace = _pace(
        sum(entry.recent for entry in lists),
        min((entry.first for entry in lists if entry.recent and entry.first), default=None),
        now,
    )
    forecasts: list[Forecast] = []
    for entry in lists:
        # The two lists of a reader in a sequential study share one period.
        earlier = [other for other in lists if other.period < entry.period]
        is_open, opens_at = _opening(entry, earlier, washout, now)
        expected = False
        if not is_open and opens_at is None and earlier:
            previous = forecasts[len(earlier) - 1].finish
            opens_at, expected = (previous + washout, True) if previous else (None, False)
        pace = _pace(entry.recent, entry.first, now)
        start = now if is_open else opens_at
        finish, reason = _finish(entry, start, pace or reader_pace, blocked)
        if not entry.left:
            is_open, opens_at, expected = True, None, False
        forecasts.append(Forecast(pace, finish, reason, is_open, opens_at, expected))
    return forecasts


def _pace(recent: int, first: datetime | None, now: datetime) -> float | None:
    """Return submitted readings per day, None without any in the last days."""
    if not recent or first is None:
        return None
    days = (now - first) / timedelta(days=1)
    return recent / min(max(days, 1.0), float(PACE_DAYS))


def _finish(
    entry: ListCounts, start: datetime | None, pace: float | None, blocked: str
) -> tuple[datetime | None, str]:
    if not entry.left:
        return None, COMPLETE
    if blocked:
        return None, blocked
    if pace is None:
        return None, NO_PACE
    if start is None:
        return None, NO_START
    rest = timedelta(days=entry.left / pace)
    return (start + rest, "") if rest <= LONGEST else (None, TOO_LONG)


def _opening(
    entry: ListCounts, lists: Sequence[ListCounts], washout: timedelta, now: datetime
) -> tuple[bool, datetime | None]:
    """Return whether a list is open, and otherwise when it opens if that is fixed already.

    ``lists`` are those of earlier periods.

    Each batch has its own periods (`studies.sessions.schedule`): the first batch that opens, opens
    the list.
    """
    opening_times: list[datetime] = []
    for batch in entry.batches:
        earlier = [
            other for before in lists for other in before.batches if other.batch == batch.batch
        ]
        if not batch.left:
            continue
        if batch.started:
            return True, None
        if any(other.left for other in earlier):
            continue
        last = max((other.last_seen for other in earlier if other.last_seen), default=None)
        if last is None or last + washout <= now:
            return True, None
        opening_times.append(last + washout)
    return False, min(opening_times, default=None)
