"""The training of readers in a report: certification, practice and refreshers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class AttemptSummary:
    """An attempt at certification, with its agreement by the required measure once finished.

    ``seen_before`` counts its cases whose reference grades the reader had seen before.
    """

    agreement: float | None
    passed: bool | None
    started_at: datetime
    finished_at: datetime | None
    cases: int = 0
    seen_before: int = 0


@dataclass(frozen=True)
class RefresherSummary:
    """A finished refresher: when it came, and its agreement with the reference grades.

    Parameters
    ----------
    after_readings
        Submitted study readings after which it was due.
    kappa
        Linearly weighted, None where undefined.
    exact
        Proportion of cells with the reference grade.
    """

    period: int
    arm: str
    after_readings: int
    finished_at: datetime
    cases: int
    kappa: float | None
    exact: float


@dataclass(frozen=True)
class ReaderTrainingSummary:
    """The training of one reader before and during the study.

    Parameters
    ----------
    instructions
        The latest version of the instructions that the reader acknowledged; None if none.
    practice_rounds
        Finished rounds for practice.
    certified_at
        When the reader passed; None if not.
    waiver, waived_at
        Why and when a coordinator waived the certification; "" and None if not.
    refreshers
        Finished refreshers in the order of time.
    """

    reader: str
    instructions: int | None
    practice_rounds: int
    attempts: tuple[AttemptSummary, ...]
    certified_at: datetime | None
    waiver: str
    waived_at: datetime | None = None
    refreshers: tuple[RefresherSummary, ...] = ()


@dataclass(frozen=True)
class TrainingSummary:
    """Instructions, practice and certification of the readers.

    Parameters
    ----------
    required
        Whether readers had to be certified.
    measure, threshold, cases, attempts
        The rules of the certification; "" and None if it was never set up.
    phantoms, own_cases
        Size of the practice set.
    instructions
        The latest version of the instructions; None if there were none.
    refresher_interval, refresher_cases, refresher_feedback
        Study readings between refreshers (None without any), the practice cases of each, and
        whether the reference grades were shown.
    """

    required: bool
    measure: str
    threshold: float | None
    cases: int | None
    attempts: int | None
    phantoms: int
    own_cases: int
    instructions: int | None
    readers: tuple[ReaderTrainingSummary, ...]
    refresher_interval: int | None = None
    refresher_cases: int = 1
    refresher_feedback: bool = False
