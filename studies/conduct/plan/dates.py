"""The days on which readings are expected, if a reader keeps a pace from a given day on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
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
    plan = _Plan(slots, rules)
    while plan.left:
        plan.add_next()
    return plan.expected


class _Plan:
    """The days planned so far; ``day`` is the first day that is still free.

    Readings are counted from ``start``, the first day of the current ``run`` of readings of one
    phase.
    """

    def __init__(self, slots: Sequence[PlanSlot], rules: PlanRules) -> None:
        self.rules = rules
        self.expected: dict[Hashable, date] = {}
        self.by_phase: dict[Phase, list[PlanSlot]] = {}
        for slot in sorted(slots, key=lambda slot: (slot.phase, slot.position)):
            self.by_phase.setdefault(slot.phase, []).append(slot)
        left = {
            phase: [slot for slot in entries if slot.to_read]
            for phase, entries in self.by_phase.items()
        }
        self.left = {phase: entries for phase, entries in left.items() if entries}
        self.boundaries = {phase: _boundary(self.by_phase[phase]) for phase in self.left}
        self.seen = {
            phase: max((slot.seen_on for slot in entries if slot.seen_on), default=None)
            for phase, entries in self.by_phase.items()
        }
        self.started = {slot.phase for slot in slots if slot.opened_on}
        self.second_parts = {
            phase
            for phase, boundary in self.boundaries.items()
            if boundary is None
            or any(s.opened_on for s in self.by_phase[phase] if s.position > boundary.position)
        }
        self.day = self.start = rules.starts_on
        self.run: Phase | None = None
        self.count = 0

    def add_next(self) -> None:
        """Plan the next reading, or move on to the day on which one can be read."""
        heads = _earliest_of_batches(self.left)
        opens = {phase: self._opens_on(phase) for phase in heads}
        if self.run not in opens:
            self._start_run(None, self.day)
        day = self.start + self._days(self.count + 1)
        readable = [phase for phase in heads if opens[phase] <= day]
        if not readable:
            self._wait(opens, day)
            return
        phase = min(readable, key=lambda phase: (phase[1] == 1 or phase not in self.started, phase))
        if phase != self.run:
            self._start_run(phase, max(self.day, opens[phase]))
            day = self.start + self._days(1)
        slot = self.left[phase].pop(0)
        if not self.left[phase]:
            del self.left[phase]
        self.expected[slot.key] = day
        self.count += 1
        self.seen[phase] = max(day, self.seen[phase] or day)
        self.started.add(phase)
        if self._in_second_part(slot):
            self.second_parts.add(phase)
        self.day = day + timedelta(days=1)

    def _start_run(self, phase: Phase | None, start: date) -> None:
        self.run, self.start, self.count = phase, start, 0

    def _wait(self, opens: Mapping[Phase, date], day: date) -> None:
        """Move the start to the day on which a washout or the spacing of repeats ends."""
        phase = min(opens, key=lambda phase: (opens[phase], phase))
        if phase != self.run:
            self._start_run(None, opens[phase])
            self.day = opens[phase]
            return
        # The pace of the period continues behind the pause, as on the assignment page.
        boundary = self.boundaries[phase]
        planned = boundary is not None and boundary.key in self.expected
        pause = timedelta(days=self.rules.repeat_after_days) if planned else opens[phase] - day
        self.start += pause

    def _days(self, number: int) -> timedelta:
        """Return how many days after the first one a reading of the run comes."""
        # Rounded up to whole days.
        return timedelta(days=-(-number * 7 // self.rules.readings_per_week) - 1)

    def _opens_on(self, phase: Phase) -> date:
        """Return the first day on which the next reading of a phase can be read."""
        washout = timedelta(days=max(1, self.rules.washout_days))
        earlier = [
            day
            for (batch, period), day in self.seen.items()
            if batch == phase[0] and period < phase[1] and day is not None
        ]
        if phase in self.started or not earlier:
            opens = self.rules.starts_on
        else:
            opens = max(earlier) + washout
        boundary = self.boundaries[phase]
        if boundary is None or phase in self.second_parts:
            return opens
        if not self._in_second_part(self.left[phase][0]):
            return opens
        read_on = self.expected.get(boundary.key) or boundary.seen_on or boundary.opened_on
        gap = timedelta(days=self.rules.repeat_after_days)
        return max(opens, read_on + gap) if read_on else opens

    def _in_second_part(self, slot: PlanSlot) -> bool:
        boundary = self.boundaries[slot.phase]
        return boundary is not None and slot.position > boundary.position


def _boundary(slots: Sequence[PlanSlot]) -> PlanSlot | None:
    """Return the last reading of the first part of a phase; None without hidden repeats.

    Hidden repeats lie in the second part, after the last first reading of a repeated case.
    """
    repeated = {slot.case for slot in slots if slot.replicate > 1}
    first_readings = [slot for slot in slots if slot.replicate == 1 and slot.case in repeated]
    return max(first_readings, key=lambda slot: slot.position, default=None)


def _earliest_of_batches(phases: Iterable[Phase]) -> list[Phase]:
    """Return the earliest unfinished period of each batch."""
    earliest: dict[int, int] = {}
    for batch, period in sorted(phases):
        earliest.setdefault(batch, period)
    return list(earliest.items())
