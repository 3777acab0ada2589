"""JSON of practice rounds and readings, in the form of study readings for the reading room."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict, cast

from inference.results import VERTEBRAE
from studies.analytics.scale import (
    AAC8_SCORES,
    CELL_SCORES,
    CELLS,
    WALLS,
)
from studies.cases.models import Case
from studies.cases.representations.images import image_json
from studies.formats.numbers import decimal
from studies.openapi import Keyword
from studies.practice.models import PracticeCase, PracticeReading, PracticeRound
from studies.practice.phantoms import practice_phantom, reference_plaques
from studies.practice.rounds.changes import NO_TRACES, guides_of, shown_landmarks
from studies.practice.rounds.queries import (
    asks_for_aac8,
    counted_readings,
    empty_cell,
    remaining_readings,
    unseen_feedback,
    upcoming_readings,
)
from studies.practice.rounds.reference import compare_aac8
from studies.protocol.design import GUIDED, MEASURED
from studies.sessions.guides import GuidesJSON
from studies.sessions.measuring.representations import MeasurementJSON
from studies.sessions.queue import waiting_for_instructions
from studies.sessions.representations import (
    AAC8JSON,
    CellsJSON,
    ProgressJSON,
    ReadingImageJSON,
    ReadingJSON,
    StudyReadingJSON,
    WaitingJSON,
    scanner_code,
    validity_codes_json,
    waiting_json,
)

LEVEL_NAMES = [vertebra.value for vertebra in VERTEBRAE]


class FeedbackCellJSON(TypedDict):
    """The reader's score of a cell beside the reference grade.

    ``measured`` is the grade that follows from the reader's traces, null without traces.
    """

    cell: str
    score: Annotated[int | None, Keyword("enum", (*CELL_SCORES, None))]
    validity: int | None
    measured: Annotated[int | None, Keyword("enum", (*CELL_SCORES, None))]
    reference: int


class FeedbackAAC8JSON(TypedDict):
    """The reader's AAC-8 of a wall beside the reference score.

    ``reference`` is measured from the plaques of the reference standard, null without them.
    """

    wall: Annotated[str, Keyword("enum", WALLS)]
    score: Annotated[int | None, Keyword("enum", (*AAC8_SCORES, None))]
    validity: int | None
    measured: Annotated[int | None, Keyword("enum", (*AAC8_SCORES, None))]
    reference: Annotated[int | None, Keyword("enum", (*AAC8_SCORES, None))]


class PlaqueJSON(TypedDict):
    """A plaque of the reference standard: its centre line, in image pixels.

    ``level`` is empty for the traces of a study's own case, which may cross several levels.
    """

    level: str
    wall: Literal["posterior", "anterior"]
    points: list[tuple[float, float]]


class FeedbackJSON(TypedDict):
    """The reference grades of a submitted practice reading; ``last`` ends the round.

    ``aac8`` is null in studies that do not score AAC-8.
    """

    source: str
    cells: list[FeedbackCellJSON]
    aac8: list[FeedbackAAC8JSON] | None
    plaques: list[PlaqueJSON]
    last: bool


class SubmittedPracticeJSON(TypedDict):
    """A submitted practice reading and its feedback, which the reader has not seen yet."""

    reading: ReadingJSON
    feedback: FeedbackJSON


class ReadingOverviewJSON(StudyReadingJSON):
    """The reading to do now; ``submitted`` is shown first, and again until the reader continues."""

    submitted: SubmittedPracticeJSON | None


class PracticeRoundJSON(ReadingOverviewJSON):
    """A practice round, in the form of a study's reading; ``waiting`` is its result."""

    kind: Annotated[str, PracticeRound.Kind]


def round_json(practice_round: PracticeRound) -> PracticeRoundJSON:
    """Return a round: progress, the current and the next reading, or the result."""
    study = practice_round.reader.study
    readings = upcoming_readings(practice_round)
    counted = counted_readings(practice_round)
    total = counted.count()
    progress: ProgressJSON = {
        "read": counted.filter(state="submitted").count(),
        "total": total,
        # Practice has no periods and states no remaining time.
        "period": None,
        "periods": 1,
        "minutes_left": None,
    }
    # Padded, so that a round with one or no reading left can be unpacked as well.
    current, following = [*readings, None, None][:2]
    waiting = None if current else _result(practice_round)
    instructions = waiting_for_instructions(practice_round.reader, practice_round.arm)
    if instructions is not None and current is not None:
        following = None
        # A case that is open when a new version appears may be finished.
        if current.state != PracticeReading.State.OPEN:
            current, waiting = None, waiting_json(instructions)
    seen = unseen_feedback(practice_round)
    return {
        "study": {
            "name": study.name,
            "slug": study.slug,
            "demonstration": study.demonstration,
            # Practice readings are not revised.
            "revision_rule": study.RevisionRule.NEVER,
        },
        "kind": practice_round.kind,
        "progress": progress,
        "current": practice_reading_json(current, total) if current else None,
        "next": {"id": str(following.pk)} if following else None,
        "waiting": waiting,
        "announcement": None,
        "break_due": False,
        "submitted": submitted_practice_json(seen) if seen else None,
    }


def submitted_practice_json(reading: PracticeReading) -> SubmittedPracticeJSON:
    """Return a submitted practice reading with its feedback."""
    return {"reading": practice_reading_json(reading), "feedback": feedback_json(reading)}


def practice_reading_json(reading: PracticeReading, total: int | None = None) -> ReadingJSON:
    """Return a practice reading without its reference standard."""
    practice_round = reading.round
    study = practice_round.reader.study
    cells = {cell: reading.cells.get(cell) or empty_cell() for cell in CELLS}
    return {
        "id": str(reading.pk),
        "name": f"practice case {reading.position}",
        "arm": practice_round.arm,
        # A practice case is read in one arm.
        "sequence": None,
        "period": practice_round.period or 1,
        "position": reading.position,
        "total": counted_readings(practice_round).count() if total is None else total,
        "state": reading.state,
        "in_revision": False,
        "reopened": "",
        "image": _image_json(reading),
        "cells": cast("CellsJSON", cells),
        "aac8": _aac8_json(reading) if asks_for_aac8(reading) else None,
        "comment": reading.comment,
        "comment_version": reading.comment_version,
        "guides_allowed": practice_round.arm in GUIDED,
        "measurement": _measurement(reading),
        "boundary": study.boundary,
        "display": {
            "anterior": study.anterior_side,
            "between_cases": study.view_between_cases,
            "minimum_image_px": study.minimum_image_px,
        },
        "validity_codes": validity_codes_json(),
    }


def practice_guides_json(reading: PracticeReading) -> GuidesJSON:
    """Return the guides of a practice reading; those of a phantom are exact."""
    seed, landmarks = reading.practice_case.seed, shown_landmarks(reading)
    corners = practice_phantom(seed).landmarks if seed is not None else None
    if landmarks is not None:
        corners = landmarks.landmarks
    return {
        "guides": guides_of(reading),
        "landmarks": cast("Any", corners or dict.fromkeys(LEVEL_NAMES)),
        # Cases with uncertain levels cannot be added to the practice set.
        "level_uncertainty": None,
        "note": "" if seed is None else "Phantom: the guides are exact.",
    }


def feedback_json(reading: PracticeReading) -> FeedbackJSON:
    """Return the reference grades of a submitted practice reading beside the reader's scores.

    ``plaques`` is empty where the reference standard consists of grades alone.
    """
    practice_case = reading.practice_case
    stored = {cell: reading.cells.get(cell) or empty_cell() for cell in CELLS}
    results = (reading.measurement or NO_TRACES)["results"]
    return {
        "source": practice_case.source,
        "cells": [
            {
                "cell": cell,
                "score": stored[cell]["score"],
                "validity": stored[cell]["validity"],
                "measured": results["cells"][cell]["grade"] if results else None,
                "reference": practice_case.grades[cell],
            }
            for cell in CELLS
        ],
        "aac8": cast("Any", compare_aac8(reading)) if asks_for_aac8(reading) else None,
        "plaques": _plaques(practice_case),
        "last": not remaining_readings(reading.round).exists(),
    }


def _plaques(practice_case: PracticeCase) -> list[PlaqueJSON]:
    if practice_case.seed is not None:
        return cast("list[PlaqueJSON]", reference_plaques(practice_case.seed))
    return [
        {"level": "", "wall": trace["wall"], "points": trace["points"]}
        for trace in practice_case.reference_traces or []
    ]


def result_text(practice_round: PracticeRound) -> str:
    """Return the result of a finished round in a sentence or two."""
    if practice_round.finished_at is None:
        return "The remaining cases were excluded. Return to the practice page to see the result."
    kappa = "undefined" if practice_round.kappa is None else decimal(practice_round.kappa)
    exact = f"{100 * (practice_round.exact or 0):.0f} %"
    agreement = (
        f"Agreement with the reference grades: linearly weighted kappa {kappa}, exact agreement "
        f"in {exact} of cells."
    )
    if practice_round.kind == PracticeRound.Kind.PRACTICE:
        return agreement
    measure = practice_round.get_measure_display()
    needed = f"Required: {measure} of at least {practice_round.threshold:.2f}."
    passed = "Passed. You can now read the study cases."
    return f"{passed if practice_round.passed else 'Not passed.'} {agreement} {needed}"


def _result(practice_round: PracticeRound) -> WaitingJSON:
    message = result_text(practice_round)
    return {"code": "round_finished", "message": message, "opens_at": None, "parts": []}


def _measurement(reading: PracticeReading) -> MeasurementJSON | None:
    """Return the traces of a reading; None in arms in which plaques are not measured."""
    if reading.round.arm not in MEASURED:
        return None
    return cast("MeasurementJSON", reading.measurement or NO_TRACES)


def _aac8_json(reading: PracticeReading) -> AAC8JSON:
    cells = {wall: reading.cells.get(f"all_{wall}") or empty_cell() for wall in WALLS}
    return cast("AAC8JSON", cells)


def _image_json(reading: PracticeReading) -> ReadingImageJSON:
    seed, case = reading.practice_case.seed, reading.practice_case.case
    if seed is not None:
        phantom = practice_phantom(seed)
        return cast("ReadingImageJSON", {**phantom.image, "scanner": scanner_code(phantom.scanner)})
    assert isinstance(case, Case)  # by a database constraint
    return {**image_json(case.image, case.anterior), "scanner": scanner_code(case.scanner)}
