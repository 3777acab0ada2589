"""How far a study is, without a single score: the funnel, the readers, what blocks it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from studies.cases.models import Case
from studies.protocol.models import Study
from studies.readers.access import readers_seen_by
from studies.readers.models import Membership, Role
from studies.sessions.models import Reading

SUBMITTED = Q(reading_lists__readings__state=Reading.State.SUBMITTED)
COUNTED = ~Q(reading_lists__readings__case__state=Case.State.EXCLUDED)


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
        """The same, added up over each site's readers."""
        by_site: dict[str, list[ReaderProgress]] = {}
        for reader in self.readers:
            by_site.setdefault(reader.site, []).append(reader)
        return [
            SiteProgress(site, len(own), sum(r.read for r in own), sum(r.total for r in own))
            for site, own in sorted(by_site.items())
        ]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def study_overview(membership: Membership) -> Overview:
    study = membership.study
    cases = Case.objects.seen_by(membership)
    counts = {row["state"]: row["n"] for row in cases.values("state").annotate(n=Count("pk"))}
    in_doubt = cases.in_doubt().filter(readings=None).count()
    undealt = cases.dealable().filter(readings=None).count()
    dealt = cases.filter(readings__isnull=False).distinct().count()
    readers = tuple(_readers(membership))
    readings = sum(reader.total for reader in readers)
    submitted = sum(reader.read for reader in readers)
    uploaded = sum(n for state, n in counts.items() if state != Case.State.REFUSED)
    facts = {
        "uploaded": uploaded,
        "held": counts.get(Case.State.HELD, 0),
        "analysing": counts.get(Case.State.RECEIVED, 0) + counts.get(Case.State.ANALYSING, 0),
        "failed": counts.get(Case.State.FAILED, 0),
        "excluded": counts.get(Case.State.EXCLUDED, 0),
        # A case whose level labelling is uncertain cannot be assigned yet.
        "ready": counts.get(Case.State.READY, 0) - in_doubt,
        "in_doubt": in_doubt,
        "undealt": undealt,
        "dealt": dealt,
        "readings": readings,
        "submitted": submitted,
        # Who was taken out reads no more.
        "left": sum(reader.total - reader.read for reader in readers if reader.active),
    }
    step, page = _next_step(study, facts)
    return Overview(**facts, readers=readers, next_step=step, next_page=page)


def _readers(membership: Membership) -> list[ReaderProgress]:
    counted = (
        readers_seen_by(membership)
        .annotate(
            total=Count("reading_lists__readings", filter=COUNTED),
            read=Count("reading_lists__readings", filter=COUNTED & SUBMITTED),
            last=Max("reading_lists__readings__submitted_at"),
        )
        .order_by("label")
    )
    return [
        ReaderProgress(
            label=reader.label,
            name=reader.user.shown_name,
            site=reader.site.name if reader.site else "",
            read=reader.read,
            total=reader.total,
            last=reader.last,
            active=reader.active,
        )
        for reader in counted
    ]


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
