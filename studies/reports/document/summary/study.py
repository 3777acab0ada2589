"""The study as its report describes it: design, flow of cases, deviations and provenance.

Plain data without the database, so that reports can be created from any source of readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studies.analytics.arms import arms_in_order
from studies.analytics.study.subset import Subset
from studies.reports.document.summary.conduct import (
    AmendmentSummary,
    BatchSummary,
    ConductEvent,
    InterimLookSummary,
    ReaderFlow,
    ReaderSessions,
    ReadingGap,
    ReferenceSummary,
    ReopeningSummary,
    RevisionSummary,
    StudyReopeningSummary,
)
from studies.reports.document.summary.details import NO_DETAILS, DetailsSummary
from studies.reports.document.summary.display import DisplaySummary
from studies.reports.document.summary.profiles import ProfileSummary
from studies.reports.document.summary.training import TrainingSummary


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
class StratumSummary:
    """A stratum of one batch: its cases, and the fewest and most of them that one reader read."""

    batch: int
    scanner: str
    site: str
    group: str
    cases: int
    fewest: int
    most: int


@dataclass(frozen=True)
class CaseCount:
    """Number of cases that were excluded or not assigned, with their state and the reason."""

    state: str
    reason: str
    count: int


@dataclass(frozen=True)
class ModelSummary:
    """The network that placed the guides: name, SHA-256 of its weights, note on its training."""

    name: str
    checksum: str
    training_note: str


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
        Minimum days between two periods of a reader, enforced by the server.
    hidden_repeats, hidden_repeat_share
        Hidden repeats that the design asks for per reader and arm, as a number or as a percentage
        of the cases; 0 where there are none or in summaries of earlier versions.
    repeat_after_readings, repeat_after_days
        Least distance of a hidden repeat from its first reading; 0 where unknown.
    reader_flow, gaps
        Readers from joining to completion and days between readings of a case: known in reports
        only.
    amendments, events
        Amendments of the protocol; drop-outs, reassignments, interruptions and reopenings of the
        study.
    profiles
        Experience of the readers who stated it.
    details
        What only the coordinator can state.
    primary_interval
        "expanded", "percentile", "bca" or "delta": the interval of the main finding.
    design
        "crossover", "sequential", "parallel" or "single_arm"; "" in summaries of earlier versions,
        which had crossovers and single arms.
    contrast
        Minuend and subtrahend of the primary contrast that the protocol names; None with fewer than
        three arms and in summaries of earlier versions.
    unamended_instructions
        Versions of the instructions that were saved after cases were assigned without an amendment,
        by an earlier version of VerteRead.
    batches
        The batches in which cases were assigned, in their order; empty in summaries of earlier
        versions.
    strata
        The strata of a stratified assignment; empty otherwise.
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
    corners_confirmed
        Cases of the arm with guides from corrected landmarks: those that a person corrected, and
        those that a person confirmed without changes; None without this arm.
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
    study_reopenings
        The times that the locked study was reopened.
    reference
        The adjudicated reference standard; None without one.
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
    corners_confirmed: tuple[int, int] | None = None
    sessions: tuple[ReaderSessions, ...] = ()
    training: TrainingSummary | None = None
    revision_rule: str = "never"
    revisions: tuple[RevisionSummary, ...] = ()
    display: DisplaySummary | None = None
    aac8: bool = False
    design: str = ""
    hidden_repeats: int = 0
    hidden_repeat_share: int = 0
    repeat_after_readings: int = 0
    repeat_after_days: int = 0
    primary_interval: str = "delta"
    details: DetailsSummary = NO_DETAILS
    profiles: tuple[ProfileSummary, ...] = ()
    reader_flow: ReaderFlow | None = None
    gaps: tuple[ReadingGap, ...] = ()
    amendments: tuple[AmendmentSummary, ...] = ()
    events: tuple[ConductEvent, ...] = ()
    study_reopenings: tuple[StudyReopeningSummary, ...] = ()
    reference: ReferenceSummary | None = None
    contrast: tuple[str, str] | None = None
    strata: tuple[StratumSummary, ...] = ()
    batches: tuple[BatchSummary, ...] = ()
    unamended_instructions: tuple[int, ...] = ()

    @property
    def parallel(self) -> bool:
        """Whether each reader read in one of several arms."""
        return self.design == "parallel"

    @property
    def sequential(self) -> bool:
        """Whether the two readings of a case followed each other at once."""
        return self.design == "sequential"


def expected_comparison(
    summary: StudySummary, subset: Subset | None = None
) -> tuple[str, str] | None:
    """Return the arms of the primary contrast; None if the study has one arm or one is selected.

    It is the one that the protocol names, and otherwise the arm with most assistance minus the one
    with least, for example guided minus unguided: either is known before any score is.
    """
    one_arm = subset is not None and subset.arm
    arms = arms_in_order(summary.arms)
    if one_arm or len(arms) < 2:
        return None
    if summary.contrast is not None and set(summary.contrast) <= set(summary.arms):
        return summary.contrast
    return str(arms[-1]), str(arms[0])
