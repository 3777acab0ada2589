"""Assigned readings as the schedule sees them, and what it decides: pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

Phase: TypeAlias = tuple[int, int]
Waits: TypeAlias = tuple[datetime | None, ...]
# The end of a gap that begins with a reading that is still to come.
UNKNOWN = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """One assigned reading. ``counted`` is False once its case is excluded.

    ``replicate`` is 2 for a hidden repeat of the reading of the same image in the same phase, and
    ``step`` is 2 for the second reading of a case in a sequential study.
    ``image`` identifies the pixels of the case, which an excluded case can share with a later one.
    ``seen_at`` is the last submission, which a later reopening does not erase. A revision by the
    reader leaves it unchanged, so that order and washout are those of the first submission.
    """

    reading: UUID
    image: str
    batch: int
    period: int
    position: int
    state: str
    counted: bool = True
    opened_at: datetime | None = None
    seen_at: datetime | None = None
    in_revision: bool = False
    replicate: int = 1
    step: int = 1

    @property
    def phase(self) -> Phase:
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

    @property
    def last_work(self) -> datetime | None:
        """When the reader last opened or submitted the reading; None if it was never opened."""
        return max(filter(None, (self.opened_at, self.seen_at)), default=None)


@dataclass(frozen=True, slots=True)
class Opening:
    """When the washout before a period ends."""

    period: int
    at: datetime


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
        """Return how many refreshers are left; none follows the last reading.

        None comes between the two readings of a case in a sequential study.
        """
        unseen = sum(slot.to_read and slot.seen_at is None for slot in slots)
        last = max((slot.step for slot in slots), default=1)
        return max(0, (count_seen(slots) + unseen - last) // self.interval - self.done)


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
    ``opening`` is the next period that a washout keeps closed, with or without a current reading.
    ``refresher`` comes before the current reading, or follows it.
    """

    current: Slot | None = None
    next: Slot | None = None
    opens_at: datetime | None = None
    opening: Opening | None = None
    refresher: Refresher | None = None


@dataclass(frozen=True, slots=True)
class PeriodChange:
    """The current reading belongs to another period than the reader's work before it.

    ``after`` is the reading worked on before, or None before the reader's first reading.
    ``begins`` is False where the reader returns to a period that has started before.
    """

    after: Slot | None
    begins: bool


def count_seen(slots: Sequence[Slot]) -> int:
    """Return how many readings were submitted at least once; it never decreases.

    A reading that was reopened or whose case was excluded still counts.
    """
    return sum(slot.seen_at is not None for slot in slots)
