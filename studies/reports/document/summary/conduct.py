"""The conduct of a study in its report: sessions, interim looks, changed readings, deviations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class ReaderSessions:
    """A reader's reading sessions: number, lengths and the readings submitted in them."""

    label: str
    sessions: int
    median_minutes: float
    total_minutes: float
    submitted: int


@dataclass(frozen=True)
class InterimLookSummary:
    """Access to the scores before the lock: time, person and reason."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class ReopeningSummary:
    """A submitted reading that was reopened; ``reading`` gives reader, case and arm."""

    at: datetime
    by: str
    reading: str
    reason: str


@dataclass(frozen=True)
class StudyReopeningSummary:
    """The reopening of a locked study: who asked, who confirmed, by role and label, and why."""

    at: datetime
    requested_by: str
    requested_at: datetime
    confirmed_by: str
    locked_at: datetime
    reason: str


@dataclass(frozen=True)
class ReferenceSummary:
    """The adjudicated reference standard: version, origin of its grades, rules and people."""

    version: int
    created_at: datetime
    adjudicators: tuple[str, ...]
    arm: str
    rules: tuple[str, ...]
    shows_scores: bool
    cases_adjudicated: int
    cases_equal: int
    cases_by_median: int


@dataclass(frozen=True)
class RevisionSummary:
    """The revisions of one reader in one arm: readings submitted, those revised, revisions."""

    reader: str
    arm: str
    submitted: int
    revised: int
    revisions: int


@dataclass(frozen=True)
class DropOuts:
    """Readers who dropped out, and their cases that were reassigned to other readers."""

    readers: int = 0
    cases: int = 0


@dataclass(frozen=True)
class ReaderFlow:
    """Readers who joined, got a reading list, submitted a reading, and submitted all of theirs.

    Parameters
    ----------
    unstarted, unfinished
        Those who dropped out before their first submission, and those who did after it.
    """

    joined: int
    assigned: int
    started: int
    completed: int
    unstarted: DropOuts = DropOuts()
    unfinished: DropOuts = DropOuts()


@dataclass(frozen=True)
class ReadingGap:
    """Days from a reader's submission of a case to the next time the reader opened it.

    ``repeats`` is true for hidden repeats in the same arm, false for readings in different arms.
    """

    repeats: bool
    count: int
    median_days: float
    least_days: float
    most_days: float


@dataclass(frozen=True)
class AmendmentSummary:
    """A dated change of the protocol after cases were assigned."""

    number: int
    dated: date
    change: str
    reason: str


@dataclass(frozen=True)
class BatchSummary:
    """Cases that were assigned together: "first", "late" or "reassignment", as assigned."""

    number: int
    kind: str
    at: datetime
    cases: int
    readings: int


@dataclass(frozen=True)
class ConductEvent:
    """A drop-out, a reassignment of cases, or a pause or reopening of the study, in words."""

    at: datetime
    text: str
