"""Export a study's submitted readings as tidy rows: one per cell, and one per AAC-8 of a wall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Extract, JSONObject

from studies.analytics.scale import cells_to_score
from studies.protocol.models import Study
from studies.sessions.measuring.export import measured_columns
from studies.sessions.models import Reading, Score, SessionInterval
from studies.sessions.reading.second_readings import start_columns, start_scores
from studies.sessions.submitted_readings.export import (
    ChangedReading,
    changed_readings,
    unchanged_columns,
)
from studies.sessions.viewing.export_columns import VIEW_PATHS

# Rows per database fetch: bounds the memory of an export, whatever the study's size.
CHUNK: Final = 500
PLAIN_COLUMNS: Final = {
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
    **VIEW_PATHS,
}
"""Lookup path by column. Values are read without model instances, which take longer to build."""

CELL_FIELDS: Final = ("cell", "score", "validity", "reason")
DERIVED_FROM: Final = (
    "guides_ms",
    "landmark_set__version",
    "landmark_set__model_name",
    "landmark_set__model_checksum",
)


_NO_MORE: Final[Mapping[str, Any]] = MappingProxyType({})


class CellScore(NamedTuple):
    """Score and validity of one cell, which is named as in `scale.cells_to_score`."""

    cell: str
    score: int | None
    validity: int | None
    reason: str
    more: Mapping[str, Any] = _NO_MORE
    """Columns of measured, of changed and of second readings, for studies that have them."""


def tidy_rows(
    study: Study, *, measured: bool = False, changed: bool = False, started: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the rows of every submitted reading: the tidy CSV's columns and the comment.

    A reading has one row per cell; AAC-8 scores have the level "all".
    """
    for shared, cells in tidy_readings(study, measured=measured, changed=changed, started=started):
        for scored in cells:
            level, wall = scored.cell.split("_")
            yield {
                **shared,
                "level": level,
                "wall": wall,
                "score": scored.score,
                "validity": scored.validity,
                "reason": scored.reason,
                **scored.more,
            }


def tidy_readings(
    study: Study, *, measured: bool = False, changed: bool = False, started: bool = False
) -> Iterator[tuple[dict[str, Any], list[CellScore]]]:
    """Yield every submitted reading from one query: the shared columns and the cells.

    Where the study scores AAC-8, the scores of both walls follow the eight cells.

    With ``measured``, cells also have the columns of measured reading; with ``changed``, those of
    first values, revisions and reopenings; with ``started``, those of the scores with which the
    second reading of a case in a sequential study started.
    """
    by_reading = changed_readings(study) if changed else {}
    scores = Score.objects.filter(reading=OuterRef("pk")).order_by("cell")
    readings = (
        Reading.objects.filter(reading_list__study=study)
        .submitted()
        # A fixed order, because the hash of the exported file identifies the data of a report.
        .order_by("reading_list__reader__label", "reading_list__period", "position")
        .annotate(
            **{f"of_{name}": ArraySubquery(scores.values(name)) for name in CELL_FIELDS},
            # One JSON value, so that three columns need one subquery per reading.
            in_session=Subquery(_session_columns()),
            **({"start": start_scores()} if started else {}),
        )
        .values(
            *("pk", "in_session"),
            *dict.fromkeys((*PLAIN_COLUMNS.values(), *DERIVED_FROM)),
            *(f"of_{n}" for n in CELL_FIELDS),
            *(("measurement__results",) if measured else ()),
            *(("start",) if started else ()),
        )
    )
    cells = cells_to_score(aac8=study.scores_aac8)
    for reading in readings.iterator(chunk_size=CHUNK):
        columns = (reading[f"of_{name}"] for name in CELL_FIELDS)
        more = measured_columns(reading["measurement__results"]) if measured else {}
        scored = {
            cell: CellScore(cell, score, validity, reason, more.get(cell, _NO_MORE))
            for cell, score, validity, reason in zip(*columns, strict=True)
        }
        shared, again = _reading_columns(study, reading), by_reading.get(reading["pk"])
        if changed:
            scored = _with_first_values(scored, again)
            # The final values may come from a revision with guides.
            shared["guides_shown"] |= again is not None and again.guides_shown
        if started:
            scored = {
                name: cell._replace(more={**cell.more, **start_columns(reading["start"], name)})
                for name, cell in scored.items()
            }
        # A submitted reading has a row for each cell, so a missing one is a KeyError.
        yield shared, [scored[cell] for cell in cells]


def _with_first_values(
    cells: Mapping[str, CellScore], changed: ChangedReading | None
) -> dict[str, CellScore]:
    """Return the cells with their first values; those of a reading submitted once are final."""
    return {
        name: cell._replace(
            more={
                **cell.more,
                **(
                    changed.first_columns(name)
                    if changed
                    else unchanged_columns((cell.score, cell.validity, cell.reason))
                ),
            },
        )
        for name, cell in cells.items()
    }


def _session_columns() -> Any:
    """Return a query for the session in which the outer reading was submitted, as JSON."""
    intervals = SessionInterval.objects.filter(reading=OuterRef("pk"), submitted_at__isnull=False)
    elapsed = F("started_at") - F("session__started_at")
    columns = JSONObject(
        reading_session="session__number",
        position_in_session="position",
        elapsed_s=Extract(elapsed, "epoch"),
    )
    # A reopened reading can have been submitted in several sessions: the last one counts.
    return intervals.order_by("-session__number").values(columns=columns)[:1]


def _reading_columns(study: Study, reading: dict[str, Any]) -> dict[str, Any]:
    name, checksum = reading["landmark_set__model_name"], reading["landmark_set__model_checksum"]
    duration = reading["submitted_at"] - reading["opened_at"]
    # Readings of versions without sessions have none.
    in_session = reading["in_session"] or {}
    elapsed_s = in_session.get("elapsed_s")
    return {
        "study": study.slug,
        **{column: reading[path] for column, path in PLAIN_COLUMNS.items()},
        "reader_site": reading["reading_list__reader__site__code"] or "",
        "reading_session": in_session.get("reading_session"),
        "position_in_session": in_session.get("position_in_session"),
        "session_elapsed_ms": None if elapsed_s is None else round(float(elapsed_s) * 1000),
        "wall_ms": round(duration.total_seconds() * 1000),
        # Shown for any length of time counts.
        "guides_shown": reading["guides_ms"] > 0,
        "landmark_set": f"{reading['case__label']}-v{reading['landmark_set__version']}",
        "app_version": settings.APP_VERSION,
        # 12 hexadecimal digits are enough to tell weights apart.
        "model_version": f"{name}@{checksum[:12]}",
    }
