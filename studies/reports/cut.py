"""A data cut: what a study's submitted readings say at one moment, with the facts around them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from studies.analytics.agreement import agreement
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.analytics.tidy_csv import table_from_rows
from studies.cases.models import Case, LandmarkSet
from studies.protocol.models import Study
from studies.reports.facts import (
    CaseCount,
    InterimLookFact,
    ModelFact,
    ReaderFact,
    SiteFact,
    StudyFacts,
    hash_of_rows,
)
from studies.sessions.export import tidy_rows
from studies.sessions.models import Reading

KEPT = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """Readings, agreement and facts of one moment; ``key`` changes whenever they may."""

    key: str
    facts: StudyFacts
    table: ReadingTable
    found: Agreement


class NothingRead(Exception):
    """No reading has been submitted yet."""


_kept: OrderedDict[str, Cut] = OrderedDict()
_lock = Lock()


def current_cut(study: Study) -> Cut:
    """The study's cut of now, computed once for the same readings; raises NothingRead."""
    key = cut_key(study)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    cut = make_cut(study, key=key, at=study.locked_at or timezone.now())
    with _lock:
        _kept[key] = cut
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return cut


def every_statistic(cut: Cut) -> Agreement:
    """All statistics of a cut, with those that its page does not show."""
    return agreement(cut.table, detail=True)


def cut_key(study: Study) -> str:
    """What distinguishes this cut from every other, of this study and of others."""
    submitted = Reading.objects.filter(reading_list__study=study).submitted()
    found = submitted.aggregate(count=Count("pk"), last=Max("submitted_at"))
    looks = study.interim_looks.count()
    last = found["last"].timestamp() if found["last"] else 0
    parts = (study.pk, study.state, found["count"], last, looks, settings.APP_VERSION)
    return "-".join(map(str, parts))


def make_cut(study: Study, *, key: str = "", at: datetime) -> Cut:
    rows = list(tidy_rows(study))
    if not rows:
        raise NothingRead
    table = table_from_rows(enumerate(rows, start=2), group_limits=study.group_limits)
    facts = study_facts(study, data_cut=at, data_hash=hash_of_rows(rows))
    return Cut(key, facts, table, agreement(table))


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


def _models(study: Study) -> tuple[ModelFact, ...]:
    shown = LandmarkSet.objects.filter(
        pk__in=Reading.objects.filter(reading_list__study=study).values("landmark_set")
    )
    rows = shown.values_list("model_name", "model_checksum", "model_note").distinct()
    return tuple(ModelFact(*row) for row in rows.order_by("model_name", "model_checksum"))
