"""How far a study is, without a single score: the funnel, the readers, what blocks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from studies.cases.filters import LEVELS_UNCERTAIN, UNFINISHED
from studies.cases.models import Case
from studies.cases.querysets import CaseQuerySet
from studies.protocol.models import Study
from studies.readers.access import readers_seen_by
from studies.readers.models import Membership, Role
from studies.sessions.models import Reading


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    label: str
    name: str
    site: str
    read: int
    total: int
    last: datetime | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class SiteProgress:
    site: str
    readers: int
    read: int
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of the cases and readings that a coordinator looks after."""

    uploaded: int
    held: int
    analysing: int
    failed: int
    excluded: int
    ready: int
    in_doubt: int
    undealt: int
    dealt: int
    readings: int
    submitted: int
    left: int
    readers: tuple[ReaderProgress, ...]
    next_step: str
    next_page: str

    @property
    def sites(self) -> list[SiteProgress]:
        return site_progress(self.readers)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def study_overview(membership: Membership) -> Overview:
    study = membership.study
    cases = Case.objects.seen_by(membership)
    counts = _count_cases(cases, study)
    readers = reader_progress(membership)
    readings = sum(reader.total for reader in readers)
    submitted = sum(reader.read for reader in readers)
    facts = {
        **counts,
        "readings": readings,
        "submitted": submitted,
        # Who was taken out reads no more.
        "left": sum(reader.total - reader.read for reader in readers if reader.active),
    }
    step, page = _next_step(study, facts)
    return Overview(**facts, readers=readers, next_step=step, next_page=page)


def reader_progress(membership: Membership) -> tuple[ReaderProgress, ...]:
    """How far each reader is; the readings are counted in the database, in one query."""
    submitted, excluded = Q(state=Reading.State.SUBMITTED), Q(case__state=Case.State.EXCLUDED)
    counted = {
        row["reading_list__reader"]: row
        for row in Reading.objects.filter(reading_list__study=membership.study_id)
        .order_by()
        .values("reading_list__reader")
        .annotate(
            total=Count("pk", filter=~excluded),
            read=Count("pk", filter=submitted & ~excluded),
            last=Max("submitted_at"),
        )
    }
    none = {"total": 0, "read": 0, "last": None}
    return tuple(
        ReaderProgress(
            label=reader.label,
            name=reader.user.shown_name,
            site=reader.site.name if reader.site else "",
            read=row["read"],
            total=row["total"],
            last=row["last"],
            active=reader.active,
        )
        for reader in readers_seen_by(membership).order_by("label")
        for row in [counted.get(reader.pk, none)]
    )


def site_progress(readers: Iterable[ReaderProgress]) -> list[SiteProgress]:
    """The same, added up over each site's readers."""
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
    assigned = Q(pk__in=Reading.objects.filter(reading_list__study=study).order_by().values("case"))
    conditions = {
        "uploaded": ~Q(state=state.REJECTED),
        "held": Q(state=state.PENDING_REVIEW),
        "analysing": UNFINISHED,
        "failed": Q(state=state.FAILED),
        "excluded": Q(state=state.EXCLUDED),
        "ready": Q(state=state.READY),
        "in_doubt": LEVELS_UNCERTAIN & ~assigned,
        "new": Q(state=state.READY) & ~assigned,
        "dealt": assigned,
    }
    counts: dict[str, int] = cases.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in conditions.items()}
    )
    counts["undealt"] = counts.pop("new") - counts["in_doubt"]
    # A case whose level labelling is uncertain cannot be assigned yet.
    counts["ready"] -= counts["in_doubt"]
    return counts


def _next_step(study: Study, facts: dict[str, int]) -> tuple[str, str]:
    """What the study waits for now, in a sentence, and the page where it is done."""
    readers = Membership.objects.filter(study=study, role=Role.READER, active=True).count()
    if study.locked:
        return "The study is locked. Look at the agreement.", "agreement"
    if not facts["uploaded"]:
        return "Upload the first images.", "upload"
    if facts["held"]:
        which = "it" if facts["held"] == 1 else "each"
        pending = _count(facts["held"], "image")
        step = f"Review {pending} for identifying text, and release or reject {which}."
        return step, "deidentification-review"
    if facts["in_doubt"]:
        doubtful = _count(facts["in_doubt"], "case")
        return f"The network doubts the levels of {doubtful}: accept, shift or exclude.", "doubt"
    if readers < study.readers_per_case:
        missing = _count(study.readers_per_case - readers, "more reader")
        return f"Invite {missing}: each case needs {study.readers_per_case}.", "people"
    if facts["analysing"]:
        return f"VerteNet is analysing {_count(facts['analysing'], 'case')}.", "cases"
    if facts["undealt"]:
        return f"Deal {_count(facts['undealt'], 'new case')} to the readers.", "dealing"
    if study.state == Study.State.DRAFT:
        return "Open the study, so that reading can begin.", "dealing"
    if study.state == Study.State.PAUSED:
        return "The study is paused. Open it again when reading may go on.", "dealing"
    if facts["left"]:
        left = _count(facts["left"], "reading")
        return f"The readers have {left} left.", "progress"
    return "Everything is read. Lock the study to see the agreement.", "dealing"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
