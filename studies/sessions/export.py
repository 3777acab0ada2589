"""A study's submitted readings as tidy rows: one row a cell, in DOMAIN order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.conf import settings

from studies.analytics.scale import CELLS
from studies.protocol.models import Study
from studies.sessions.models import Reading, Score

CHUNK: Final = 500
AS_THEY_ARE: Final = {
    "arm": "reading_list__arm",
    "period": "reading_list__period",
    "reader": "reading_list__reader__label",
    "reader_site": "reading_list__reader__site__code",
    "patient": "case__patient__label",
    "case": "case__label",
    "case_site": "case__site__code",
    "scanner": "case__scanner",
    "replicate": "replicate",
    "position": "position",
    "started_at": "opened_at",
    "submitted_at": "submitted_at",
    "active_ms": "active_ms",
    "idle_ms": "idle_ms",
    "simulated": "simulated",
    "comment": "comment",
}
"""Columns that a reading holds, by where: plain values, as rows are many and models slow."""

MORE: Final = ("pk", "guides_ms", "landmark_set__version", "landmark_set__model_name",
               "landmark_set__model_checksum")  # fmt: skip


def tidy_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Every cell of every submitted reading: the tidy CSV's columns, and the comment."""
    readings = (
        Reading.objects.filter(reading_list__study=study)
        .submitted()
        .order_by("reading_list__reader__label", "reading_list__period", "position")
        .values(*dict.fromkeys((*AS_THEY_ARE.values(), *MORE)))
    )
    found = readings.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        scores = _scores_of([reading["pk"] for reading in chunk])
        for reading in chunk:
            shared = _reading_columns(study, reading)
            for cell in CELLS:
                level, wall = cell.split("_")
                score, validity, reason = scores[reading["pk"], cell]
                yield {
                    **shared,
                    "level": level,
                    "wall": wall,
                    "score": score,
                    "validity": validity,
                    "reason": reason,
                }


def _scores_of(readings: list[Any]) -> dict[tuple[Any, str], list[Any]]:
    """Score, validity and reason by reading and cell."""
    rows = Score.objects.filter(reading__in=readings)
    found = rows.values_list("reading_id", "cell", "score", "validity", "reason")
    return {(reading, cell): values for reading, cell, *values in found}


def _reading_columns(study: Study, reading: dict[str, Any]) -> dict[str, Any]:
    name, checksum = (reading[f"landmark_set__model_{what}"] for what in ("name", "checksum"))
    spent = reading["submitted_at"] - reading["opened_at"]
    return {
        "study": study.slug,
        **{column: reading[path] for column, path in AS_THEY_ARE.items()},
        "reader_site": reading["reading_list__reader__site__code"] or "",
        "wall_ms": round(spent.total_seconds() * 1000),
        "guides_shown": reading["guides_ms"] > 0,
        "landmark_set": f"{reading['case__label']}-v{reading['landmark_set__version']}",
        "app_version": settings.APP_VERSION,
        "model_version": f"{name}@{checksum[:12]}",
    }
