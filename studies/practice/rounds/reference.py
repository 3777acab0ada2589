"""The reader's AAC-8 of a practice case beside that of the plaques of its reference standard."""

from __future__ import annotations

from typing import Any

from studies.analytics.scale import WALLS
from studies.practice.models import PracticeReading
from studies.practice.phantoms import reference_plaques
from studies.practice.rounds.changes import NO_TRACES, guides_of, image_size
from studies.practice.rounds.queries import empty_cell
from studies.sessions.measuring.saving import measure_drawing


def compare_aac8(reading: PracticeReading) -> list[dict[str, Any]]:
    """Return the entered, the measured and the reference AAC-8 of each wall.

    The reference is None where the reference standard consists of grades alone, or where a boundary
    of a level is unknown.
    """
    results: Any = (reading.measurement or NO_TRACES)["results"]
    reference = _reference_aac8(reading)
    stored = {wall: reading.cells.get(f"all_{wall}") or empty_cell() for wall in WALLS}
    return [
        {
            "wall": wall,
            "score": stored[wall]["score"],
            "validity": stored[wall]["validity"],
            "measured": results["aac8"][wall] if results else None,
            "reference": reference[wall],
        }
        for wall in WALLS
    ]


def _reference_aac8(reading: PracticeReading) -> dict[str, int | None]:
    practice_case = reading.practice_case
    traces = practice_case.reference_traces
    if practice_case.seed is not None:
        traces = [
            {"wall": plaque["wall"], "points": plaque["points"]}
            for plaque in reference_plaques(practice_case.seed)
        ]
    if traces is None:
        return dict.fromkeys(WALLS)
    _, pixel = image_size(reading)
    measured = measure_drawing(
        traces,
        [],
        guides=guides_of(reading),
        pixel=(pixel.across, pixel.down),
        in_mm=pixel.in_mm,
        rule=reading.round.reader.study.boundary,
    )
    return dict(measured["aac8"])
