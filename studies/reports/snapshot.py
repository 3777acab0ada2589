"""Data snapshots: the submitted readings of a study at one moment, with their agreement."""

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
from studies.analytics.study.agreement import agreement
from studies.analytics.study.subset import Subset, select_subset
from studies.analytics.table import ReadingTable
from studies.cases.models import Case, LandmarkSet
from studies.cases.querysets import CaseQuerySet
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.reports.cache.readings import format_name, pack_readings, unpack_readings
from studies.reports.cache.shared import read_shared, write_shared
from studies.reports.cache.single_flight import SingleFlightCache
from studies.reports.document.study_summary import (
    CaseCount,
    InterimLookSummary,
    ModelSummary,
    ReaderSessions,
    ReaderSummary,
    ReopeningSummary,
    SiteSummary,
    StudySummary,
    expected_comparison,
)
from studies.reports.files.tidy import ReadingLines
from studies.reports.reference_standard import reference_grades
from studies.reports.training import summarise_training
from studies.sessions.export import tidy_readings
from studies.sessions.measuring.export import has_measured_arm
from studies.sessions.models import Reading, Reopening
from studies.sessions.reading_sessions.summaries import session_statistics

MAX_CACHE_BYTES = 64 * 2**20
"""Limit of each of the two caches of a process: about five selections with 50 readers."""

_snapshot_cache: SingleFlightCache[Snapshot] = SingleFlightCache(MAX_CACHE_BYTES)
_subset_cache: SingleFlightCache[tuple[ReadingTable, Agreement]] = SingleFlightCache(
    MAX_CACHE_BYTES, lambda value: value[0].nbytes + value[1].nbytes
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The submitted readings of one moment, their agreement and a summary of the study.

    Parameters
    ----------
    key
        Changes whenever a reading is submitted or reopened, and with the software version.
    summary
        The study as reports describe it.
    table
        The submitted readings.
    results
        Agreement of the readings.
    """

    key: str
    summary: StudySummary
    table: ReadingTable
    results: Agreement

    @property
    def nbytes(self) -> int:
        """Return the approximate size in bytes."""
        return self.table.nbytes + self.results.nbytes


class NoReadings(Exception):
    """The study has no submitted reading."""


def current_snapshot(study: Study) -> Snapshot:
    """Return the snapshot of the current readings; raises NoReadings.

    Agreement is cached for the same readings. The summary of the study is always current, because
    interim looks and reopened readings must appear at once.
    """
    # Read before the readings: a submission in between changes the key of the next request.
    key = snapshot_key(study)
    cached = _snapshot_cache.get(key, lambda: _load_snapshot(study, key))
    summary = summarise_study(
        study, snapshot_at=cached.summary.snapshot_at, data_hash=cached.summary.data_hash
    )
    return replace(cached, summary=summary)


def snapshot_or_conflict(study: Study) -> Snapshot:
    """Return the snapshot of the current readings; raises Conflict if there are none."""
    try:
        return current_snapshot(study)
    except NoReadings as error:
        raise Conflict("nothing_read", "No reading has been submitted yet.") from error


def agreement_within(snapshot: Snapshot, subset: Subset) -> tuple[ReadingTable, Agreement]:
    """Return the readings of a subset of a snapshot, and their agreement, from the cache."""
    if subset.whole:
        return snapshot.table, snapshot.results

    def compute() -> tuple[ReadingTable, Agreement]:
        table = select_subset(snapshot.table, subset)
        return table, agreement(table, compare=expected_comparison(snapshot.summary, subset))

    return _subset_cache.get((snapshot.key, snapshot.summary.data_hash, subset), compute)


def snapshot_key(study: Study) -> str:
    """Return a text that identifies the study's current readings among those of all studies.

    It is derived from counts and times, without reading the scores.
    """
    submitted = Reading.objects.filter(reading_list__study=study).submitted()
    readings = submitted.aggregate(count=Count("pk"), last=Max("submitted_at"))
    looks = study.interim_looks.count()
    last = readings["last"].timestamp() if readings["last"] else 0
    parts = (study.pk, study.state, readings["count"], last, looks, *study.group_limits)
    return "-".join(map(str, (*parts, settings.APP_VERSION)))


def take_snapshot(study: Study, *, key: str = "", at: datetime) -> Snapshot:
    """Read the submitted readings from the database, bypassing the caches; raises NoReadings."""
    table, data_hash = _readings(study)
    return _build_snapshot(study, key, at, table, data_hash)


def _load_snapshot(study: Study, key: str) -> Snapshot:
    """Return a snapshot of readings from Redis, where another process may have stored them."""
    name = f"readings:{format_name()}:{key}"
    shared = read_shared(name)
    cached = unpack_readings(shared) if shared is not None else None
    table, data_hash = cached or _readings(study)
    if cached is None and (packed := pack_readings(table, data_hash)) is not None:
        write_shared(name, packed)
    return _build_snapshot(study, key, study.locked_at or timezone.now(), table, data_hash)


def _build_snapshot(
    study: Study, key: str, at: datetime, table: ReadingTable, data_hash: str
) -> Snapshot:
    summary = summarise_study(study, snapshot_at=at, data_hash=data_hash)
    return Snapshot(key, summary, table, agreement(table, compare=expected_comparison(summary)))


def _readings(study: Study) -> tuple[ReadingTable, str]:
    """Return the submitted readings and the SHA-256 of their tidy CSV."""
    if not Reading.objects.filter(reading_list__study=study).submitted().exists():
        raise NoReadings
    digest = hashlib.sha256()
    table = table_from_readings(_hashed(study, digest), group_limits=study.group_limits)
    return table, digest.hexdigest()


def _hashed(
    study: Study, digest: Any
) -> Iterator[tuple[int, dict[str, Any], list[dict[str, Any]]]]:
    """Yield each reading after adding its lines of the tidy CSV to the digest.

    The readings are streamed, so that neither the CSV nor all rows are held in memory.
    """
    grades = reference_grades(study)
    measured = has_measured_arm(study)
    lines = ReadingLines(reference=bool(grades), measured=measured)
    digest.update(lines.header.encode())
    row = 2
    for shared, cells in tidy_readings(study, measured=measured):
        reference = grades.get(shared["case"], {})
        scored = [(score.cell, score.score, score.validity, score.reason) for score in cells]
        more = {score.cell: score.measured for score in cells}
        digest.update(lines.of(shared, scored, reference, more).encode())
        yield (
            row,
            shared,
            [
                {
                    "score": score,
                    "validity": validity,
                    "reference": reference.get(cell),
                    **more[cell],
                }
                for cell, score, validity, _ in scored
            ],
        )
        row += len(cells)


def summarise_study(study: Study, *, snapshot_at: datetime, data_hash: str) -> StudySummary:
    """Return the summary of a study as it is now, for a snapshot of its readings."""
    readings = Reading.objects.filter(reading_list__study=study).counted()
    cases = Case.objects.of_study(study)
    assigned = cases.exclude(state=Case.State.EXCLUDED).filter(readings__isnull=False).distinct()
    readers = study.memberships.filter(reading_lists__isnull=False).distinct()
    return StudySummary(
        name=study.name,
        slug=study.slug,
        description=study.description,
        arms=tuple(arm.code for arm in study.arms.all()),
        sites=tuple(SiteSummary(site.code, site.name) for site in study.sites.all()),
        readers=tuple(
            ReaderSummary(reader.label, reader.site.name if reader.site else "")
            for reader in readers.select_related("site").order_by("label")
        ),
        readers_per_case=study.readers_per_case,
        cases_uploaded=cases.count(),
        cases_assigned=assigned.count(),
        cases_excluded=_count_excluded(study),
        readings_assigned=readings.count(),
        readings_submitted=readings.submitted().count(),
        washout_days=study.washout_days,
        seed=study.seed,
        outcome=study.primary_outcome,
        weights=study.primary_weights,
        group_limits=study.group_limits,
        boundary=study.boundary,
        aac8=study.scores_aac8,
        interim_looks=tuple(
            InterimLookSummary(look.at, look.by.shown_name, look.reason)
            for look in study.interim_looks.select_related("by")
        ),
        locked_at=study.locked_at,
        snapshot_at=snapshot_at,
        data_hash=data_hash,
        app_version=settings.APP_VERSION,
        models=_models(study),
        simulated=study.simulated,
        demonstration=study.demonstration,
        reopenings=_reopenings(study),
        guided_without_guides=readings.submitted()
        .filter(reading_list__guides=True, guides_ms=0)
        .count(),
        levels_corrected=_count_corrected(assigned),
        sessions=_sessions(study),
        training=summarise_training(study),
    )


def _sessions(study: Study) -> tuple[ReaderSessions, ...]:
    """Return number and length of the reading sessions of each reader who has any."""
    statistics = session_statistics(study.pk)
    readers = study.memberships.filter(pk__in=statistics).order_by("label")
    return tuple(
        ReaderSessions(
            label,
            statistics[pk].sessions,
            statistics[pk].median_minutes or 0.0,
            statistics[pk].total_minutes,
            statistics[pk].submitted,
        )
        for pk, label in readers.values_list("pk", "label")
    )


def _reopenings(study: Study) -> tuple[ReopeningSummary, ...]:
    """Return the reopened readings, oldest first."""
    reopenings = Reopening.objects.filter(reading__reading_list__study=study).select_related(
        "by", "reading__reading_list__reader", "reading__case"
    )
    return tuple(
        ReopeningSummary(
            row.at,
            row.by.shown_name,
            f"{row.reading.reading_list.reader.label}, {row.reading.case.label}, {row.reading.arm}",
            row.reason,
        )
        for row in reopenings
    )


def _count_excluded(study: Study) -> tuple[CaseCount, ...]:
    """Count the excluded and the unassigned cases by state and reason, for the flow diagram."""
    cases = Case.objects.of_study(study)
    excluded = cases.filter(state=Case.State.EXCLUDED)
    unassigned = cases.exclude(state=Case.State.EXCLUDED).filter(readings=None)
    counts: list[CaseCount] = []
    for group in (excluded, unassigned):
        rows: Any = group.values("state", "reason_text").annotate(n=Count("pk"))
        for row in rows.order_by("state", "reason_text"):
            ready = row["state"] == Case.State.READY
            state = "not assigned" if ready else Case.State(row["state"]).label
            counts.append(CaseCount(state, row["reason_text"], row["n"]))
    return tuple(counts)


def _count_corrected(assigned: CaseQuerySet) -> int:
    """Count the assigned cases whose landmarks a person had corrected."""
    shown = LandmarkSet.objects.filter(pk__in=assigned.values("readings__landmark_set"))
    manual = shown.exclude(source=LandmarkSet.Source.MODEL).select_related("parent")
    return len({landmarks.case_id for landmarks in manual if landmarks.corrected})


def _models(study: Study) -> tuple[ModelSummary, ...]:
    """Return the networks whose landmarks readers were shown."""
    shown = LandmarkSet.objects.filter(
        pk__in=Reading.objects.filter(reading_list__study=study).values("landmark_set")
    )
    rows = shown.values_list("model_name", "model_checksum", "model_note").distinct()
    return tuple(ModelSummary(*row) for row in rows.order_by("model_name", "model_checksum"))
