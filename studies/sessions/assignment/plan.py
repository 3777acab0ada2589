"""The plan of an assignment: who reads what when, if readers keep a pace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from studies.sessions.assignment.draw import AssignedReading

DEFAULT_PACE = 20
"""Readings per week of the plan, if none is given."""
MAX_PACE = 500


@dataclass(frozen=True, slots=True)
class PlannedList:
    """The readings of one reader in one period, with the first and the last day.

    ``arm`` is the first arm where a period has both arms of a sequential study.

    ``left`` and ``width`` place them on the time from the first to the last day of the plan, in
    percent.
    """

    reader: int
    period: int
    arm: str
    readings: int
    repeats: int
    starts_on: date
    ends_on: date
    left: float = 0.0
    width: float = 100.0


def plan_lists(
    rows: Iterable[AssignedReading],
    *,
    starts_on: date,
    readings_per_week: int,
    washout_days: int,
    repeat_after_days: int = 0,
) -> list[PlannedList]:
    """Return the lists in the order of readers and periods, each period after its washout.

    The last day of a list with hidden repeats includes the pause in its middle.
    """
    rows = list(rows)
    readings = Counter((row.reader, row.period) for row in rows)
    arms = {(row.reader, row.period): row.arm for row in rows if row.step == 1}
    repeats = Counter((row.reader, row.period) for row in rows if row.replicate > 1)
    planned: list[PlannedList] = []
    free_from: dict[int, date] = {}
    for (reader, period), count in sorted(readings.items()):
        first = free_from.get(reader, starts_on)
        pause = repeat_after_days if repeats[reader, period] else 0
        # Rounded up to whole days.
        days = -(-count * 7 // readings_per_week) + pause
        last = first + timedelta(days=days - 1)
        free_from[reader] = last + timedelta(days=max(1, washout_days))
        planned.append(
            PlannedList(
                reader,
                period,
                arms[reader, period],
                count,
                repeats[reader, period],
                first,
                last,
            )
        )
    return _place(planned, starts_on)


def _place(planned: list[PlannedList], starts_on: date) -> list[PlannedList]:
    """Return the lists with their places between the first and the last day of the plan."""
    total = max(((entry.ends_on - starts_on).days + 1 for entry in planned), default=1)
    return [
        PlannedList(
            entry.reader,
            entry.period,
            entry.arm,
            entry.readings,
            entry.repeats,
            entry.starts_on,
            entry.ends_on,
            left=round(100 * (entry.starts_on - starts_on).days / total, 2),
            width=round(100 * ((entry.ends_on - entry.starts_on).days + 1) / total, 2),
        )
        for entry in planned
    ]
