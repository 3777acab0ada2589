"""A study's submitted readings as tidy rows: one row a cell, in DOMAIN order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from studies.analytics.scale import CELLS
from studies.protocol.models import Study
from studies.sessions.models import Reading, Score


def tidy_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Every cell of every submitted reading, in the columns of the tidy long CSV."""
    readings = (
        Reading.objects.filter(reading_list__study=study)
        .submitted()
        .select_related("reading_list__reader__site", "case__patient", "case__site", "landmark_set")
        .prefetch_related(Prefetch("scores", Score.objects.order_by("cell")))
        .order_by("reading_list__reader__label", "reading_list__period", "position")
    )
    for reading in readings.iterator(chunk_size=500):
        shared = _reading_columns(study, reading)
        scores = {score.cell: score for score in reading.scores.all()}
        for cell in CELLS:
            level, wall = cell.split("_")
            score = scores[cell]
            yield {
                **shared,
                "level": level,
                "wall": wall,
                "score": score.score,
                "validity": score.validity,
                "reason": score.reason,
            }


def _reading_columns(study: Study, reading: Reading) -> dict[str, Any]:
    reader = reading.reading_list.reader
    landmarks = reading.landmark_set
    return {
        "study": study.slug,
        "arm": reading.arm,
        "period": reading.reading_list.period,
        "reader": reader.label,
        "reader_site": reader.site.code if reader.site else "",
        "patient": reading.case.patient.label,
        "case": reading.case.label,
        "case_site": reading.case.site.code,
        "scanner": reading.case.scanner,
        "replicate": reading.replicate,
        "position": reading.position,
        "started_at": reading.opened_at,
        "submitted_at": reading.submitted_at,
        "active_ms": reading.active_ms,
        "idle_ms": reading.idle_ms,
        "wall_ms": reading.wall_ms,
        "guides_shown": reading.guides_ms > 0,
        "landmark_set": f"{reading.case.label}-v{landmarks.version}",
        "simulated": reading.simulated,
        "app_version": settings.APP_VERSION,
        "model_version": f"{landmarks.model_name}@{landmarks.model_checksum[:12]}",
    }
