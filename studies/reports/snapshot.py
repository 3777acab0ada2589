"""A data cut: what a study's submitted readings say at one moment, with the facts around them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from studies.analytics.io.tidy_csv import table_from_readings
from studies.analytics.results import Agreement
from studies.analytics.study.agreement import DEFAULT_COMPARISON, agreement
from studies.analytics.table import ReadingTable
from studies.audit.models import Event
from studies.cases.models import Case, LandmarkSet
from studies.cases.querysets import CaseQuerySet
from studies.errors import Conflict
from studies.protocol.models import Arm, Study
from studies.reports.cache.readings import format_name, pack_readings, unpack_readings
from studies.reports.cache.shared import read_shared, share
from studies.reports.cache.single_flight import Kept
from studies.reports.document.study_summary import (
    CaseCount,
    InterimLookFact,
    ModelFact,
    ReaderFact,
    ReopeningFact,
    SiteFact,
    StudyFacts,
)
from studies.reports.files.tidy import ReadingLines
from studies.reports.reference_standard import true_grades
from studies.reports.subset import Part, part_of
from studies.sessions.export import tidy_readings
from studies.sessions.models import Reading

MOST_BYTES = 64 * 2**20
"""How much each of the two caches of a process keeps: about five choices with 50 readers."""

_cuts: Kept[Cut] = Kept(MOST_BYTES)
_parts: Kept[tuple[ReadingTable, Agreement]] = Kept(
    MOST_BYTES, lambda part: part[0].nbytes + part[1].nbytes
)


@dataclass(frozen=True, slots=True)
class Cut:
    """Readings, agreement and facts of one moment; ``key`` changes whenever readings may."""

    key: str
    facts: StudyFacts
    table: ReadingTable
    found: Agreement

    @property
    def nbytes(self) -> int:
        return self.table.nbytes + self.found.nbytes


class NothingRead(Exception):
    """No reading has been submitted yet."""


def current_cut(study: Study) -> Cut:
    """The study's cut of now; raises NothingRead.

    Agreement is computed once for the same readings, the facts are those of this moment.
    """
    key = cut_key(study)
    kept = _cuts.get(key, lambda: _shared_cut(study, key))
    then = kept.facts
    return replace(kept, facts=study_facts(study, data_cut=then.data_cut, data_hash=then.data_hash))


def cut_or_conflict(study: Study) -> Cut:
    try:
        return current_cut(study)
    except NothingRead as error:
        raise Conflict("nothing_read", "No reading has been submitted yet.") from error


def agreement_of(cut: Cut, part: Part) -> tuple[ReadingTable, Agreement]:
    """The readings of a part of a cut and their agreement, computed once."""
    if part.whole:
        return cut.table, cut.found

    def compute() -> tuple[ReadingTable, Agreement]:
        table = part_of(cut.table, part)
        return table, agreement(table, compare=expected_comparison(cut.facts, part))

    return _parts.get((cut.key, cut.facts.data_hash, part), compute)


def cut_key(study: Study) -> str:
    """What distinguishes this cut from every other, of this study and of others."""
    submitted = Reading.objects.filter(reading_list__study=study).submitted()
    found = submitted.aggregate(count=Count("pk"), last=Max("submitted_at"))
    looks = study.interim_looks.count()
    last = found["last"].timestamp() if found["last"] else 0
    parts = (study.pk, study.state, found["count"], last, looks, *study.group_limits)
    return "-".join(map(str, (*parts, settings.APP_VERSION)))


def make_cut(study: Study, *, key: str = "", at: datetime) -> Cut:
    """Read the study's submitted readings; raises NothingRead."""
    table, data_hash = _readings(study)
    return _cut_of(study, key, at, table, data_hash)


def _shared_cut(study: Study, key: str) -> Cut:
    """A cut whose readings another process may have read before."""
    name = f"readings:{format_name()}:{key}"
    shared = read_shared(name)
    known = unpack_readings(shared) if shared is not None else None
    table, data_hash = known or _readings(study)
    if known is None and (packed := pack_readings(table, data_hash)) is not None:
        share(name, packed)
    return _cut_of(study, key, study.locked_at or timezone.now(), table, data_hash)


def _cut_of(study: Study, key: str, at: datetime, table: ReadingTable, data_hash: str) -> Cut:
    facts = study_facts(study, data_cut=at, data_hash=data_hash)
    return Cut(key, facts, table, agreement(table, compare=expected_comparison(facts)))


def expected_comparison(facts: StudyFacts, part: Part | None = None) -> tuple[str, str] | None:
    """The arms that a difference is expected of: those of the study, unless one was chosen."""
    one_arm = part is not None and part.arm
    return DEFAULT_COMPARISON if set(DEFAULT_COMPARISON) <= {*facts.arms} and not one_arm else None


def _readings(study: Study) -> tuple[ReadingTable, str]:
    """The submitted readings and the SHA-256 of the tidy CSV that they make."""
    if not Reading.objects.filter(reading_list__study=study).submitted().exists():
        raise NothingRead
    digest = hashlib.sha256()
    table = table_from_readings(_hashed(study, digest), group_limits=study.group_limits)
    return table, digest.hexdigest()


def _hashed(
    study: Study, digest: Any
) -> Iterator[tuple[int, dict[str, Any], list[dict[str, Any]]]]:
    """Yield the readings on, each after its lines of the tidy CSV have gone into the digest."""
    grades = true_grades(study)
    lines = ReadingLines(reference=bool(grades))
    digest.update(lines.header.encode())
    row = 2
    for shared, cells in tidy_readings(study):
        reference = grades.get(shared["case"], {})
        scored = [(own.cell, own.score, own.validity, own.reason) for own in cells]
        digest.update(lines.of(shared, scored, reference).encode())
        yield (
            row,
            shared,
            [
                {"score": score, "validity": validity, "reference": reference.get(cell)}
                for cell, score, validity, _ in scored
            ],
        )
        row += len(cells)


def study_facts(study: Study, *, data_cut: datetime, data_hash: str) -> StudyFacts:
    """What the report says about the study, as it stands now."""
    readings = Reading.objects.filter(reading_list__study=study).counted()
    cases = Case.objects.filter(study=study)
    dealt = cases.exclude(state=Case.State.EXCLUDED).filter(readings__isnull=False).distinct()
    readers = study.memberships.filter(reading_lists__isnull=False).distinct()
    return StudyFacts(
        name=study.name,
        slug=study.slug,
        description=study.description,
        arms=tuple(arm.code for arm in study.arms.all()),
        sites=tuple(SiteFact(site.code, site.name) for site in study.sites.all()),
        readers=tuple(
            ReaderFact(reader.label, reader.site.name if reader.site else "")
            for reader in readers.select_related("site").order_by("label")
        ),
        readers_per_case=study.readers_per_case,
        cases_uploaded=cases.count(),
        cases_dealt=dealt.count(),
        cases_left_out=_left_out(study),
        readings_dealt=readings.count(),
        readings_submitted=readings.submitted().count(),
        washout_days=study.washout_days,
        seed=study.seed,
        outcome=study.primary_outcome,
        weights=study.primary_weights,
        group_limits=study.group_limits,
        boundary=study.boundary,
        interim_looks=tuple(
            InterimLookFact(look.at, look.by.shown_name, look.reason)
            for look in study.interim_looks.select_related("by")
        ),
        locked_at=study.locked_at,
        data_cut=data_cut,
        data_hash=data_hash,
        app_version=settings.APP_VERSION,
        models=_models(study),
        simulated=study.simulated,
        demonstration=study.demonstration,
        reopenings=_reopenings(study),
        guided_without_guides=readings.submitted()
        .filter(reading_list__arm=Arm.Code.GUIDED, guides_ms=0)
        .count(),
        levels_corrected=_corrected(dealt),
    )


def _reopenings(study: Study) -> tuple[ReopeningFact, ...]:
    events = Event.objects.filter(action="reading.reopened", study=study.slug)
    named = {
        str(reading.pk): f"{reading.reading_list.reader.label}, {reading.case.label}, {reading.arm}"
        for reading in Reading.objects.filter(
            pk__in=list(events.values_list("subject", flat=True))
        ).select_related("reading_list__reader", "case")
    }
    return tuple(
        ReopeningFact(
            event.at,
            event.actor.shown_name if event.actor else "",
            named.get(event.subject, ""),
            event.data.get("reason", ""),
        )
        for event in events.select_related("actor").order_by("at", "pk")
    )


def _left_out(study: Study) -> tuple[CaseCount, ...]:
    cases = Case.objects.filter(study=study)
    excluded = cases.filter(state=Case.State.EXCLUDED)
    undealt = cases.exclude(state=Case.State.EXCLUDED).filter(readings=None)
    counts: list[CaseCount] = []
    for found in (excluded, undealt):
        rows: Any = found.values("state", "reason_text").annotate(n=Count("pk"))
        for row in rows.order_by("state", "reason_text"):
            ready = row["state"] == Case.State.READY
            state = "not dealt" if ready else Case.State(row["state"]).label
            counts.append(CaseCount(state, row["reason_text"], row["n"]))
    return tuple(counts)


def _corrected(dealt: CaseQuerySet) -> int:
    """How many cases were read with corners that a person corrected."""
    shown = LandmarkSet.objects.filter(pk__in=dealt.values("readings__landmark_set"))
    by_hand = shown.exclude(source=LandmarkSet.Source.MODEL).select_related("parent")
    return len({found.case_id for found in by_hand if found.corrected})


def _models(study: Study) -> tuple[ModelFact, ...]:
    shown = LandmarkSet.objects.filter(
        pk__in=Reading.objects.filter(reading_list__study=study).values("landmark_set")
    )
    rows = shown.values_list("model_name", "model_checksum", "model_note").distinct()
    return tuple(ModelFact(*row) for row in rows.order_by("model_name", "model_checksum"))
