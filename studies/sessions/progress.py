"""Progress of a study without any scores: case counts, readers, sites and the next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from studies.cases.filters import CORNERS_UNCONFIRMED, LEVELS_UNCERTAIN, UNFINISHED
from studies.cases.models import Case
from studies.cases.querysets import CaseQuerySet
from studies.protocol.models import Study
from studies.readers.access import accessible_readers
from studies.readers.models import Membership, Role
from studies.sessions.models import PeriodAcknowledgement, Reading, Revision
from studies.sessions.reading_sessions.summaries import (
    NO_SESSIONS,
    format_minutes,
    session_statistics,
)


@dataclass(frozen=True, slots=True)
class PeriodStart:
    """When a reader acknowledged that a period begins; its arm is left out."""

    period: int
    acknowledged_at: datetime


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """Submitted and assigned readings of one reader, and the reader's sessions."""

    label: str
    name: str
    site: str
    read: int
    total: int
    last: datetime | None
    active: bool = True
    sessions: int = 0
    last_session: datetime | None = None
    median_session_minutes: float | None = None
    readings_per_session: float | None = None
    periods: tuple[PeriodStart, ...] = ()
    """When the reader acknowledged the start of each period."""
    revisions: int = 0
    """Revisions that were submitted, without any score."""

    @property
    def median_session_length(self) -> str:
        """The median length of the reader's sessions as min:s, "" without sessions."""
        return format_minutes(self.median_session_minutes)


@dataclass(frozen=True, slots=True)
class SiteProgress:
    """Submitted and assigned readings of one site's readers."""

    site: str
    readers: int
    read: int
    total: int


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """The progress of each reader and of each site's readers."""

    readers: tuple[ReaderProgress, ...]
    sites: list[SiteProgress]


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of the cases and readings that a coordinator has access to."""

    uploaded: int
    pending_review: int
    analysing: int
    failed: int
    excluded: int
    ready: int
    uncertain: int
    unassigned: int
    unconfirmed: int
    assigned: int
    readings: int
    submitted: int
    left: int
    readers: tuple[ReaderProgress, ...]
    next_step: str
    next_page: str

    @property
    def sites(self) -> list[SiteProgress]:
        """The progress of each site's readers."""
        return get_site_progress(self.readers)


def get_study_overview(membership: Membership) -> Overview:
    """Return the counts of a coordinator's study or site, and the next step."""
    study = membership.study
    counts = _count_cases(Case.objects.seen_by(membership).of_study(study), study)
    readers = get_reader_progress(membership)
    counts |= {
        "readings": sum(reader.total for reader in readers),
        "submitted": sum(reader.read for reader in readers),
        # Readings of deactivated readers will not be submitted, so nothing waits for them.
        "left": sum(reader.total - reader.read for reader in readers if reader.active),
    }
    step, page = _next_step(study, counts)
    return Overview(**counts, readers=readers, next_step=step, next_page=page)


def get_reader_progress(membership: Membership) -> tuple[ReaderProgress, ...]:
    """Return the progress of each reader; the database counts readings and sessions."""
    # A reading in revision stays submitted, so that the counts do not go back.
    submitted, excluded = Q(submitted_at__isnull=False), Q(case__state=Case.State.EXCLUDED)
    counts = {
        reader: (read, total, last)
        for reader, read, total, last in Reading.objects.filter(
            reading_list__study=membership.study_id
        )
        # Unsorted, because the result is a dictionary.
        .order_by()
        .values("reading_list__reader")
        .annotate(
            read=Count("pk", filter=submitted & ~excluded),
            total=Count("pk", filter=~excluded),
            last=Max("submitted_at"),
        )
        .values_list("reading_list__reader", "read", "total", "last")
    }
    sessions = session_statistics(membership.study_id)
    starts = _period_starts(membership.study_id)
    revisions = _count_revisions(membership.study)
    progress = []
    for reader in accessible_readers(membership).order_by("label"):
        read, total, last = counts.get(reader.pk, (0, 0, None))
        statistics = sessions.get(reader.pk, NO_SESSIONS)
        progress.append(
            ReaderProgress(
                label=reader.label,
                name=reader.user.shown_name,
                site=reader.site.name if reader.site else "",
                read=read,
                total=total,
                last=last,
                active=reader.active,
                sessions=statistics.sessions,
                last_session=statistics.last,
                median_session_minutes=statistics.median_minutes,
                readings_per_session=statistics.readings_per_session,
                periods=starts.get(reader.pk, ()),
                revisions=revisions.get(reader.pk, 0),
            )
        )
    return tuple(progress)


def _period_starts(study_id: int) -> dict[int, tuple[PeriodStart, ...]]:
    rows = PeriodAcknowledgement.objects.filter(reading_list__study=study_id, begins=True)
    starts: dict[int, tuple[PeriodStart, ...]] = {}
    for reader, period, at in rows.values_list(
        "reading_list__reader", "reading_list__period", "at"
    ):
        starts[reader] = (*starts.get(reader, ()), PeriodStart(period, at))
    return starts


def _count_revisions(study: Study) -> dict[int, int]:
    """Return the number of revisions by reader; most studies do not allow any."""
    if study.revision_rule == Study.RevisionRule.NEVER:
        return {}
    finished = Revision.objects.filter(
        reading__reading_list__study=study, submitted_at__isnull=False
    )
    reader = "reading__reading_list__reader"
    counts = finished.order_by().values(reader).annotate(count=Count("pk"))
    return dict(counts.values_list(reader, "count"))


def get_site_progress(readers: Iterable[ReaderProgress]) -> list[SiteProgress]:
    """Return the readers' progress, summed by site."""
    by_site: dict[str, list[ReaderProgress]] = {}
    for reader in readers:
        by_site.setdefault(reader.site, []).append(reader)
    return [
        SiteProgress(site, len(rows), sum(r.read for r in rows), sum(r.total for r in rows))
        for site, rows in sorted(by_site.items())
    ]


def _count_cases(cases: CaseQuerySet, study: Study) -> dict[str, int]:
    """Count the cases by state and by whether they were assigned, in one query."""
    state = Case.State
    # A subquery, because a join would count a case once per reading.
    assigned = Q(pk__in=Reading.objects.filter(reading_list__study=study).order_by().values("case"))
    conditions = {
        "uploaded": ~Q(state=state.REJECTED),
        "pending_review": Q(state=state.PENDING_REVIEW),
        "analysing": UNFINISHED,
        "failed": Q(state=state.FAILED),
        "excluded": Q(state=state.EXCLUDED),
        "ready": Q(state=state.READY),
        "uncertain": LEVELS_UNCERTAIN & ~assigned,
        "unassigned": Q(state=state.READY) & ~assigned,
        "unconfirmed": CORNERS_UNCONFIRMED & ~LEVELS_UNCERTAIN & ~assigned,
        "assigned": assigned,
    }
    counts: dict[str, int] = cases.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in conditions.items()}
    )
    # A case whose level labelling is uncertain cannot be assigned yet.
    counts["unassigned"] -= counts["uncertain"]
    counts["ready"] -= counts["uncertain"]
    if not study.has_corrected_arm:
        counts["unconfirmed"] = 0
    counts["unassigned"] -= counts["unconfirmed"]
    return counts


def _next_step(study: Study, counts: dict[str, int]) -> tuple[str, str]:
    """Return what the study needs next, as a sentence, and the name of the page for it."""
    readers = Membership.objects.filter(study=study, role=Role.READER, active=True).count()
    # In the order of work: each step is needed before the ones below.
    if study.locked:
        return "The study is locked. View the agreement results.", "agreement"
    if not counts["uploaded"] and not study.sites.exists():
        return "Add the sites at which images are acquired or readers work.", "setup"
    if not counts["uploaded"]:
        return "Upload the first images.", "upload"
    if counts["pending_review"]:
        pronoun = "it" if counts["pending_review"] == 1 else "each"
        pending = _quantity(counts["pending_review"], "image")
        step = f"Review {pending} for identifying text, and release or reject {pronoun}."
        return step, "deidentification-review"
    if counts["uncertain"]:
        pronoun = "it" if counts["uncertain"] == 1 else "each one"
        cases = _quantity(counts["uncertain"], "case")
        step = f"Level labelling is uncertain in {cases}: accept, relabel or exclude {pronoun}."
        return step, "uncertain-cases"
    if counts["unconfirmed"]:
        cases = _quantity(counts["unconfirmed"], "case")
        return f"Correct or confirm the corners of {cases}.", "unconfirmed-cases"
    if readers < study.readers_per_case:
        missing = _quantity(study.readers_per_case - readers, "more reader")
        return f"Invite {missing}: each case needs {study.readers_per_case}.", "people"
    if counts["analysing"]:
        return f"VerteNet is analysing {_quantity(counts['analysing'], 'case')}.", "cases"
    if counts["unassigned"]:
        return (
            f"Assign {_quantity(counts['unassigned'], 'new case')} to the readers.",
            "assignment",
        )
    if study.state == Study.State.DRAFT:
        return "Open the study so that readers can start.", "assignment"
    if study.state == Study.State.PAUSED:
        return "The study is paused. Open it again to resume reading.", "assignment"
    if counts["left"]:
        left = _quantity(counts["left"], "reading")
        return f"The readers still have {left} to submit.", "progress"
    return (
        "All readings have been submitted. Lock the study to see the agreement results.",
        "assignment",
    )


def _quantity(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
