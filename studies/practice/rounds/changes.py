"""Changes to a practice reading that is locked and may be changed.

Versions tell a repeated request from another one: it gets the same answer and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.utils import timezone

from inference.geometry.pixel_size import PixelSize
from studies.analytics.scale import AAC8_CELLS, cells_to_score
from studies.cases.models import LandmarkSet
from studies.errors import Conflict, NotFound, StudyError
from studies.practice.models import PracticeReading
from studies.practice.phantoms import practice_phantom
from studies.practice.rounds.queries import asks_for_aac8, empty_cell
from studies.protocol.design import GUIDED, MEASURED
from studies.sessions.assignment.arm_landmarks import landmarks_in_arm
from studies.sessions.measuring.representations import MeasurementJSON, SavedMeasurementJSON
from studies.sessions.measuring.saving import check_drawing, measure_drawing
from studies.sessions.reading.checks import check_complete
from studies.sessions.scoring import CellJSON, SavedCellJSON, aac8_not_scored, check_cell

State = PracticeReading.State
NO_TRACES: MeasurementJSON = {"traces": [], "boundaries": [], "results": None, "version": 0}


def open_locked(reading: PracticeReading) -> None:
    """Open a waiting reading; one that is open stays unchanged."""
    if reading.state == State.WAITING:
        reading.state = State.OPEN
        reading.opened_at = reading.timed_to = timezone.now()
        reading.save(update_fields=["state", "opened_at", "timed_to"])


def write_cell(
    reading: PracticeReading,
    check_writable: Callable[[PracticeReading], None],
    *,
    cell: str,
    version: int,
    score: int | None = None,
    validity: int | None = None,
    reason: str = "",
) -> SavedCellJSON:
    """Store a score or a reason, or clear the cell; return the answer for the client.

    A repeated request has the version before the stored one and the stored value. Raises Conflict
    with the stored cell for any other version.
    """
    aac8 = asks_for_aac8(reading)
    if cell not in cells_to_score(aac8=aac8):
        if cell in AAC8_CELLS:
            raise aac8_not_scored()
        raise NotFound(f"No cell is named {cell}.")
    score, validity, reason = check_cell(cell, score, validity, reason)
    stored = reading.cells.get(cell) or empty_cell()
    sent = {"score": score, "validity": validity, "reason": reason}
    if {**sent, "version": version + 1} != stored:
        check_writable(reading)
        if version != stored["version"]:
            raise Conflict(
                "stale",
                "This cell was changed in another window. The stored value is shown now.",
                cell=stored,
            )
        stored = {**sent, "version": version + 1}
        reading.cells = {**reading.cells, cell: stored}
        reading.save(update_fields=["cells"])
    scored = len(_scored_cells(reading))
    return {
        "cell": cast("CellJSON", stored),
        "reading": {
            "state": reading.state,
            "scored": scored,
            "complete": scored == len(cells_to_score(aac8=aac8)),
        },
    }


def write_traces(
    reading: PracticeReading,
    check_writable: Callable[[PracticeReading], None],
    *,
    version: int,
    traces: list[dict[str, Any]],
    boundaries: list[Any],
) -> SavedMeasurementJSON:
    """Replace the traces and the reader's boundaries, and measure them.

    Raises Conflict with the stored measurement for any version but the stored one, and StudyError
    if the arm is not measured or a point lies outside the image.
    """
    stored = cast("dict[str, Any]", reading.measurement or NO_TRACES)
    sent = {"traces": traces, "boundaries": boundaries}
    repeated = version + 1 == stored["version"] and sent == {name: stored[name] for name in sent}
    if not repeated:
        check_writable(reading)
        arm = reading.round.arm
        if arm not in MEASURED:
            raise StudyError("not_measured", "Plaques are not traced in this arm.", status=409)
        size, pixel = image_size(reading)
        check_drawing(traces, boundaries, guided=arm in GUIDED, size=size)
        if version != stored["version"]:
            raise Conflict(
                "stale",
                "The traces were changed in another window. The stored traces are shown now.",
                measurement=stored,
            )
        results = measure_drawing(
            traces,
            boundaries,
            guides=guides_of(reading) if arm in GUIDED else None,
            pixel=(pixel.across, pixel.down),
            in_mm=pixel.in_mm,
            rule=reading.round.reader.study.boundary,
        )
        stored = {**sent, "results": results, "version": version + 1}
        reading.measurement = stored
        reading.save(update_fields=["measurement"])
    return {"measurement": cast("MeasurementJSON", stored)}


def submit_locked(reading: PracticeReading) -> None:
    """Submit a complete reading. Raises Conflict while a cell has neither a score nor a reason."""
    check_complete(_scored_cells(reading), aac8=asks_for_aac8(reading))
    reading.state = State.SUBMITTED
    reading.submitted_at = timezone.now()
    reading.save(update_fields=["state", "submitted_at"])


def guides_of(reading: PracticeReading) -> list[Any]:
    """Return the guides on the image of a practice reading; those of a phantom are exact."""
    seed = reading.practice_case.seed
    if seed is not None:
        return practice_phantom(seed).guides
    landmarks = shown_landmarks(reading)
    return list(landmarks.guides) if landmarks else []


def shown_landmarks(reading: PracticeReading) -> LandmarkSet | None:
    """Return the landmarks of a practice reading as its arm would show them; None of a phantom."""
    case = reading.practice_case.case
    if case is None:
        return None
    return landmarks_in_arm(reading.round.reader.study, case, reading.round.arm)


def image_size(reading: PracticeReading) -> tuple[tuple[int, int], PixelSize]:
    """Return width and height of the image in pixels, and the size of a pixel."""
    seed, case = reading.practice_case.seed, reading.practice_case.case
    if seed is not None:
        image = practice_phantom(seed).image
        pixel = PixelSize.of(image["spacing_mm"], image["pixel_aspect"])
        return (image["width"], image["height"]), pixel
    assert case is not None  # by a database constraint
    return (case.image.width, case.image.height), case.image.pixel_size


def _scored_cells(reading: PracticeReading) -> set[str]:
    return {cell for cell, value in reading.cells.items() if value["validity"] is not None}
