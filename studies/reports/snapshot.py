"""Data snapshots: the submitted readings of a study at one moment, with their agreement."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
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
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.reports.cache.readings import format_name, pack_readings, unpack_readings
from studies.reports.cache.shared import read_shared, write_shared
from studies.reports.cache.single_flight import SingleFlightCache
from studies.reports.document.summary.study import StudySummary, expected_comparison
from studies.reports.files.tidy import ReadingLines
from studies.reports.reference_standard import reference_grades
from studies.reports.summaries.study import summarise_study
from studies.review.adjudication.versions import current_version
from studies.sessions.export import CellScore, tidy_readings
from studies.sessions.measuring.export import has_measured_arm
from studies.sessions.models import Reading
from studies.sessions.reading.second_readings import has_start_scores
from studies.sessions.submitted_readings.export import count_revisions, has_changed_readings

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
    # A revised reading keeps the time of its first submission.
    revisions, looks = count_revisions(study), study.interim_looks.count()
    last = readings["last"].timestamp() if readings["last"] else 0
    # A study that was reopened and locked again has a new snapshot, even of the same readings.
    locked_at = study.locked_at.timestamp() if study.locked_at else 0
    version = current_version(study)
    reference = version.number if version else 0
    parts = (
        *(study.pk, study.state, readings["count"], last, revisions, looks, locked_at, reference),
        *study.group_limits,
    )
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
    optional = {
        "measured": has_measured_arm(study),
        "changed": has_changed_readings(study),
        "started": has_start_scores(study),
    }
    lines = ReadingLines(reference=bool(grades), **optional)
    digest.update(lines.header.encode())
    row = 2
    for shared, cells in tidy_readings(study, **optional):
        reference = grades.get(shared["case"], {})
        scored = [(score.cell, score.score, score.validity, score.reason) for score in cells]
        more = {score.cell: score.more for score in cells} if any(optional.values()) else None
        digest.update(lines.of(shared, scored, reference, more).encode())
        yield row, shared, [_values(score, reference) for score in cells]
        row += len(cells)


def _values(cell: CellScore, reference: Mapping[str, int | None]) -> dict[str, Any]:
    """Return the values of a cell by the columns that the analysis reads."""
    values: dict[str, Any] = {"score": cell.score, "validity": cell.validity}
    if cell.more:
        values |= cell.more
    if reference:
        values["reference"] = reference.get(cell.cell)
    return values
