"""Decide which reading a reader does now, from the assigned readings and the time.

Cases that are assigned together form a batch, and each batch has its own periods. A period opens
one washout after the reader's last submission in the batch's earlier periods. Submissions of
excluded or reopened readings count too, because the reader saw those cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Slot:
    """One assigned reading. ``counted`` is False once its case is excluded.

    ``seen_at`` is the last submission, which a later reopening does not erase.
    """

    reading: UUID
    case: UUID
    batch: int
    period: int
    position: int
    state: str
    counted: bool = True
    opened_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def phase(self) -> tuple[int, int]:
        """Batch and period."""
        return self.batch, self.period

    @property
    def order(self) -> tuple[int, int, int]:
        """The sort key of the order of reading."""
        return self.batch, self.period, self.position

    @property
    def to_read(self) -> bool:
        """Whether the reading is still to be submitted."""
        return self.counted and self.state != "submitted"


@dataclass(frozen=True, slots=True)
class Refreshers:
    """Practice cases that are mixed in: every ``interval`` readings, of which ``done`` are past."""

    interval: int
    done: int = 0

    def find_due(self, submitted: int) -> int | None:
        """Return the number of the refresher that is due after so many submitted readings."""
        number = submitted // self.interval
        return number if number > self.done else None

    def count_left(self, slots: Sequence[Slot]) -> int:
        """Return how many refreshers are left; none follows the last reading."""
        unseen = sum(slot.to_read and slot.seen_at is None for slot in slots)
        return max(0, (count_seen(slots) + unseen - 1) // self.interval - self.done)


@dataclass(frozen=True, slots=True)
class Refresher:
    """A refresher that comes before the current reading (``now``) or follows it.

    ``number`` counts the refreshers of a reader from 1.
    """

    number: int
    now: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """The current reading and the next one of the same phase.

    Without a current reading, ``opens_at`` is when the washout ends, or None if all is read.
    ``refresher`` comes before the current reading, or follows it.
    """

    current: Slot | None = None
    next: Slot | None = None
    opens_at: datetime | None = None
    refresher: Refresher | None = None


def find_turn(
    slots: Sequence[Slot],
    *,
    washout: timedelta,
    now: datetime,
    refreshers: Refreshers | None = None,
) -> Turn:
    """Return the reading that one reader does at ``now``.

    An open reading comes first, then the rest of a later period that has started, then the batches
    in order, each in its earliest unfinished period. While a batch is in its washout, the next
    batch can be read.
    """
    to_read = sorted((slot for slot in slots if slot.to_read), key=lambda slot: slot.order)
    # A reader finishes an open case before the next one, also one that was reopened.
    ready = [slot for slot in to_read if slot.state == "open"]
    opening_times: list[datetime] = []
    for phase in _phases(to_read, slots):
        for slot in to_read:
            if slot.phase != phase or slot.state == "open":
                continue
            opens_at = _opens_at(slot, slots, washout)
            if opens_at is None or opens_at <= now:
                ready.append(slot)
            else:
                opening_times.append(opens_at)
    if not ready:
        return Turn(opens_at=min(opening_times, default=None))
    current, following = ready[0], ready[1] if len(ready) > 1 else None
    if following is not None and following.phase != current.phase:
        following = None
    refresher = _find_refresher(slots, current, following, refreshers) if refreshers else None
    return Turn(current, following, refresher=refresher)


def count_seen(slots: Sequence[Slot]) -> int:
    """Return how many readings were submitted at least once; it never decreases.

    A reading that was reopened or whose case was excluded still counts.
    """
    return sum(slot.seen_at is not None for slot in slots)


def _find_refresher(
    slots: Sequence[Slot], current: Slot, following: Slot | None, refreshers: Refreshers
) -> Refresher | None:
    """Return the refresher that comes before or after the current reading.

    A refresher always lies between two readings of one phase, so that it is in their arm and is
    neither the first nor the last image of a period. It never interrupts an open reading.
    """
    seen = count_seen(slots)
    started = any(slot.phase == current.phase and slot.opened_at for slot in slots)
    due = refreshers.find_due(seen)
    if due is not None and started and current.state == "waiting":
        return Refresher(due, now=True)
    due = refreshers.find_due(seen + (current.seen_at is None))
    return Refresher(due, now=False) if due is not None and following is not None else None


def _phases(to_read: Sequence[Slot], slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """Return the earliest unfinished period of each batch, in the order of reading."""
    earliest: dict[int, int] = {}
    for slot in to_read:
        earliest.setdefault(slot.batch, slot.period)
    # Only a later period that has started takes precedence over an earlier batch.
    started = {slot.phase for slot in slots if slot.opened_at is not None and slot.period > 1}
    return sorted(earliest.items(), key=lambda phase: (phase not in started, phase))


def _opens_at(slot: Slot, slots: Sequence[Slot], washout: timedelta) -> datetime | None:
    """Return when a waiting reading may be shown; None if no washout applies.

    A period that has started stays open when a reading of the previous period is reopened. Only
    the reopened case then has to wait for its own washout.
    """
    started = any(other.phase == slot.phase and other.opened_at for other in slots)
    submissions = [
        other.seen_at
        for other in slots
        if other.seen_at is not None
        and (_same_case_elsewhere(other, slot) or (not started and _earlier_period(other, slot)))
    ]
    return max(submissions) + washout if submissions else None


def _same_case_elsewhere(other: Slot, slot: Slot) -> bool:
    return other.case == slot.case and other.phase != slot.phase


def _earlier_period(other: Slot, slot: Slot) -> bool:
    return other.batch == slot.batch and other.period < slot.period
