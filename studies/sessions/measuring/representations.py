"""JSON representations of traces, and of the lengths and grades that are measured from them."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from studies.analytics.scale import CELL_SCORES
from studies.openapi import Keyword
from studies.sessions.models import Measurement

Point = tuple[float, float]
"""Of the image: x to the right and y downwards, in pixels."""


class TraceJSON(TypedDict):
    """A calcified stretch of a wall, from end to end."""

    wall: Literal["posterior", "anterior"]
    points: list[Point]


class MeasuredCellJSON(TypedDict):
    """Calcified length, length of the wall in the level, and grade; null where undefined."""

    calcified: float | None
    wall: float | None
    grade: Annotated[int | None, Keyword("enum", (*CELL_SCORES, None))]


class MeasuredWallsJSON(TypedDict):
    """The AAC-8 score of each wall; null where undefined."""

    posterior: int | None
    anterior: int | None


class MeasuredJSON(TypedDict):
    """Measured values by cell, and the unit of the lengths: mm, or pixel widths without spacing."""

    cells: dict[str, MeasuredCellJSON]
    aac8: MeasuredWallsJSON
    unit: Literal["mm", "px"]


class MeasurementJSON(TypedDict):
    """The traces of a reading, and what is measured from them; ``version`` counts the changes.

    ``boundaries`` are the five level lines of the reader, empty where guides divide the levels.
    """

    traces: list[TraceJSON]
    boundaries: list[tuple[Point, Point] | None]
    results: MeasuredJSON | None
    version: int


class SavedMeasurementJSON(TypedDict):
    """The stored traces."""

    measurement: MeasurementJSON


def measurement_json(measurement: Measurement | None) -> MeasurementJSON:
    """Return a measurement; None gives that of a reading without traces."""
    if measurement is None:
        return {"traces": [], "boundaries": [], "results": None, "version": 0}
    return {
        "traces": measurement.traces,
        "boundaries": measurement.boundaries,
        "results": measurement.results,
        "version": measurement.version,
    }
