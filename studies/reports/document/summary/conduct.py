"""The conduct of a study in its report: reading sessions, interim looks, changed readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
