"""The days on which readings are expected, if a reader keeps a pace from a given day on."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

Phase: TypeAlias = tuple[int, int]
"""Batch and period."""


@dataclass(frozen=True, slots=True)
class PlanSlot:
    """One assigned reading of a reader.

    ``to_read`` is false once it is submitted or its case is excluded. ``opened_on`` and ``seen_on``
    are the days on which the reader first opened and last submitted it.
    """

    key: Hashable
    case: str
    batch: int
    period: int
    position: int
    replicate: int = 1
    to_read: bool = True
    opened_on: date | None = None
    seen_on: date | None = None

    @property
    def phase(self) -> Phase:
        """Batch and period."""
        return self.batch, self.period


@dataclass(frozen=True, slots=True)
class PlanRules:
    """Pace and intervals of a plan, which starts on ``starts_on``."""

    starts_on: date
    readings_per_week: int
    washout_days: int
    repeat_after_days: int = 0


def expected_dates(slots: Sequence[PlanSlot], rules: PlanRules) -> dict[Hashable, date]:
    """Return the day on which each reading of one reader that is still to be read is expected.

    The order is that of `studies.sessions.schedule`: a later period that has begun is finished
    first, then batches are read in order, each in its earliest unfinished period, and another batch
    can be read while one is in its washout. Readings that follow each other in one period are
    spread evenly, and each period starts on a new day.
    """
    by_phase: dict[Phase, list[PlanSlot]] = {}
    for slot in sorted(slots, key=lambda slot: (slot.phase, slot.position)):
        by_phase.setdefault(slot.phase, []).append(slot)
    left = [phase for phase, entries in by_phase.items() if any(s.to_read for s in entries)]
    last_days = {
        phase: max((slot.seen_on for slot in entries if slot.seen_on), default=None)
        for phase, entries in by_phase.items()
    }
    expected: dict[Hashable, date] = {}
    day = rules.starts_on
    while left:
        opens = {
            phase: _opens_on(phase, by_phase[phase], last_days, rules)
            for phase in _earliest_of_batches(left)
        }
        day = max(day, min(opens.values()))
        open_phases = [phase for phase, opens_on in opens.items() if opens_on <= day]
        phase = min(open_phases, key=lambda phase: (not _begun(phase, by_phase[phase]), phase))
        dates = _dates_of_phase(by_phase[phase], day, rules)
        expected |= dates
        last = max(dates.values())
        last_days[phase] = max(last, last_days[phase] or last)
        day = last + timedelta(days=1)
        left.remove(phase)
    return expected


def _earliest_of_batches(left: Sequence[Phase]) -> list[Phase]:
    """Return the earliest unfinished period of each batch."""
    earliest: dict[int, int] = {}
    for batch, period in sorted(left):
        earliest.setdefault(batch, period)
    return list(earliest.items())


def _begun(phase: Phase, slots: Sequence[PlanSlot]) -> bool:
    """Return whether a later period has begun, which is finished before anything else."""
    return phase[1] > 1 and any(slot.opened_on for slot in slots)


def _opens_on(
    phase: Phase,
    slots: Sequence[PlanSlot],
    last_days: Mapping[Phase, date | None],
    rules: PlanRules,
) -> date:
    """Return the first day on which a phase can be read."""
    earlier = [
        day
        for (batch, period), day in last_days.items()
        if batch == phase[0] and period < phase[1] and day is not None
    ]
    if not earlier or any(slot.opened_on for slot in slots):
        return rules.starts_on
    return max(earlier) + timedelta(days=max(1, rules.washout_days))


def _dates_of_phase(
    slots: Sequence[PlanSlot], starts_on: date, rules: PlanRules
) -> dict[Hashable, date]:
    """Return the days of the readings of one phase, with the pause before its second part.

    Hidden repeats lie in the second part, which starts after the last first reading of a repeat.
    """
    repeated = {slot.case for slot in slots if slot.replicate > 1}
    first_readings = [slot for slot in slots if slot.replicate == 1 and slot.case in repeated]
    # The last of them ends the first part.
    boundary = max(first_readings, key=lambda slot: slot.position, default=None)
    dates: dict[Hashable, date] = {}
    shift: timedelta | None = timedelta(0) if boundary is None else None
    for number, slot in enumerate((slot for slot in slots if slot.to_read), start=1):
        # Rounded up to whole days.
        day = starts_on + timedelta(days=-(-number * 7 // rules.readings_per_week) - 1)
        if boundary is not None and shift is None and slot.position > boundary.position:
            shift = _pause(slots, boundary, dates, day, starts_on, rules)
        dates[slot.key] = day + (shift or timedelta(0))
    return dates


def _pause(
    slots: Sequence[PlanSlot],
    boundary: PlanSlot,
    dates: Mapping[Hashable, date],
    day: date,
    starts_on: date,
    rules: PlanRules,
) -> timedelta:
    """Return by how much the minimum spacing of hidden repeats postpones the second part."""
    if any(slot.opened_on for slot in slots if slot.position > boundary.position):
        return timedelta(0)
    gap = timedelta(days=rules.repeat_after_days)
    if boundary.key in dates:
        return gap
    read_on = boundary.seen_on or boundary.opened_on or starts_on
    return max(timedelta(0), read_on + gap - day)
