"""The study as its report describes it: design, flow of cases, deviations and provenance.

Plain data without the database, so that reports can be created from any source of readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studies.analytics.arms import arms_in_order
from studies.analytics.study.subset import Subset


@dataclass(frozen=True)
class SiteSummary:
    """A participating site: its code in the data files and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class ReaderSummary:
    """A reader: the label in this study and the name of the site, "" if none."""

    label: str
    site: str


@dataclass(frozen=True)
class ReaderSessions:
    """A reader's reading sessions: number, lengths and the readings submitted in them."""

    label: str
    sessions: int
    median_minutes: float
    total_minutes: float
    submitted: int


@dataclass(frozen=True)
class CaseCount:
    """Number of cases that were excluded or not assigned, with their state and the reason."""

    state: str
    reason: str
    count: int


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
class RevisionSummary:
    """The revisions of one reader in one arm: readings submitted, those revised, revisions."""

    reader: str
    arm: str
    submitted: int
    revised: int
    revisions: int


@dataclass(frozen=True)
class ModelSummary:
    """The network that placed the guides: name, SHA-256 of its weights, note on its training."""

    name: str
    checksum: str
    training_note: str


@dataclass(frozen=True)
class AttemptSummary:
    """An attempt at certification, with its result by the required measure once finished.

    ``seen_before`` counts its cases whose reference grades the reader had seen before.
    """

    value: float | None
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
        Linear weighted, None where undefined.
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


@dataclass(frozen=True)
class ReaderDisplaySummary:
    """The display checks of one reader; contrasts in grey levels of 0 to 255.

    Parameters
    ----------
    dark, bright
        The largest of the smallest contrasts read in the sessions; None if none was read in one.
    waiver, waived_at
        Why and when a coordinator waived the check; "" and None if not.
    """

    reader: str
    sessions: int
    checked: int
    passed: int
    dark: int | None
    bright: int | None
    waiver: str
    waived_at: datetime | None = None


@dataclass(frozen=True)
class DisplaySummary:
    """Requirements on the size of the image and on the display.

    Parameters
    ----------
    minimum_image_px
        Smallest height of the image in device pixels at which scoring was possible; 0 for none.
    check
        "off", "recommended" or "required".
    contrast
        The contrast that a reader had to read to pass the check.
    readers
        The readers with reading sessions, by label; empty without display checks.
    """

    minimum_image_px: int
    check: str
    contrast: int
    readers: tuple[ReaderDisplaySummary, ...] = ()


@dataclass(frozen=True)
class StudySummary:
    """Description of a study for its report.

    Parameters
    ----------
    outcome, weights
        The primary outcome and kappa weights.
    cases_uploaded, cases_assigned, readings_assigned, readings_submitted
        Counts of the flow diagram.
    cases_excluded
        Excluded and unassigned cases by reason.
    washout_days
        Minimum days between a reader's two periods, enforced by the server.
    boundary
        "lower" or "upper": the grade given to a calcification of exactly 1/3 or 2/3.
    locked_at
        Time of the database lock; None before it.
    snapshot_at
        Time of the data snapshot.
    data_hash
        SHA-256 of the tidy CSV of the snapshot.
    guided_without_guides
        Submitted guided readings in which the guides were never displayed.
    levels_corrected
        Assigned cases whose landmarks a person had corrected.
    sessions
        The readers who have reading sessions, by label.
    training
        Training of the readers; None if the study had neither instructions nor practice.
    revision_rule
        "never", "session" or "period": when readers could revise submitted readings.
    revisions
        Revisions by reader and arm; empty if readings could not be revised.
    display
        Requirements on image size and display; None if unknown.
    """

    name: str
    slug: str
    arms: tuple[str, ...]
    sites: tuple[SiteSummary, ...]
    readers: tuple[ReaderSummary, ...]
    readers_per_case: int
    cases_uploaded: int
    cases_assigned: int
    cases_excluded: tuple[CaseCount, ...]
    readings_assigned: int
    readings_submitted: int
    washout_days: int
    seed: int
    outcome: str
    weights: str
    group_limits: tuple[int, int]
    boundary: str
    interim_looks: tuple[InterimLookSummary, ...]
    locked_at: datetime | None
    snapshot_at: datetime
    data_hash: str
    app_version: str
    models: tuple[ModelSummary, ...]
    simulated: bool = False
    demonstration: bool = False
    description: str = ""
    reopenings: tuple[ReopeningSummary, ...] = ()
    guided_without_guides: int = 0
    levels_corrected: int = 0
    sessions: tuple[ReaderSessions, ...] = ()
    training: TrainingSummary | None = None
    revision_rule: str = "never"
    revisions: tuple[RevisionSummary, ...] = ()
    display: DisplaySummary | None = None
    aac8: bool = False


def expected_comparison(
    summary: StudySummary, subset: Subset | None = None
) -> tuple[str, str] | None:
    """Return the arms that the study compares; None if it has one arm or one is selected."""
    one_arm = subset is not None and subset.arm
    arms = arms_in_order(summary.arms)
    if one_arm or len(arms) != 2:
        return None
    # The arm with more assistance minus the other, for example guided minus unguided.
    return str(arms[1]), str(arms[0])
