"""JSON of practice rounds and readings, in the form of study readings for the reading room."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict, cast

from inference.results import VERTEBRAE
from studies.analytics.scale import CELL_SCORES, CELLS, VALIDITY_LABELS, Validity
from studies.cases.models import Case
from studies.cases.representations.images import image_json
from studies.openapi import Keyword
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.phantoms import practice_phantom, reference_plaques
from studies.practice.rounds import (
    counted_readings,
    empty_cell,
    remaining_readings,
    upcoming_readings,
)
from studies.protocol.design import GUIDED
from studies.sessions.representations import (
    CellsJSON,
    GuidesJSON,
    ProgressJSON,
    ReadingImageJSON,
    ReadingJSON,
    StudyReadingJSON,
    WaitingJSON,
    scanner_code,
)

LEVEL_NAMES = [vertebra.value for vertebra in VERTEBRAE]


class PracticeRoundJSON(StudyReadingJSON):
    """A practice round, in the form of a study's reading; ``waiting`` is its result."""

    kind: Annotated[str, PracticeRound.Kind]


class FeedbackCellJSON(TypedDict):
    """The reader's score of a cell beside the reference grade."""

    cell: str
    score: Annotated[int | None, Keyword("enum", (*CELL_SCORES, None))]
    validity: int | None
    reference: int


class PlaqueJSON(TypedDict):
    """A plaque of the reference standard: its centre line, in image pixels."""

    level: str
    wall: Literal["posterior", "anterior"]
    points: list[tuple[float, float]]


class FeedbackJSON(TypedDict):
    """The reference grades of a submitted practice reading; ``last`` ends the round."""

    source: str
    cells: list[FeedbackCellJSON]
    plaques: list[PlaqueJSON]
    last: bool


def round_json(practice_round: PracticeRound) -> PracticeRoundJSON:
    """Return a round: progress, the current and the next reading, or the result."""
    study = practice_round.reader.study
    readings = upcoming_readings(practice_round)
    counted = counted_readings(practice_round)
    total = counted.count()
    progress: ProgressJSON = {
        "read": counted.filter(state="submitted").count(),
        "total": total,
        "period": None,
        "periods": 1,
        "minutes_left": None,
    }
    current, following = [*readings, None, None][:2]
    result: WaitingJSON = {
        "code": "round_finished",
        "message": result_text(practice_round),
        "opens_at": None,
    }
    return {
        "study": {"name": study.name, "slug": study.slug, "demonstration": study.demonstration},
        "kind": practice_round.kind,
        "progress": progress,
        "current": practice_reading_json(current, total) if current else None,
        "next": {"id": str(following.pk)} if following else None,
        "waiting": None if current else result,
    }


def practice_reading_json(reading: PracticeReading, total: int | None = None) -> ReadingJSON:
    """Return a practice reading without its reference standard."""
    practice_round = reading.round
    study = practice_round.reader.study
    cells = {cell: reading.cells.get(cell) or empty_cell() for cell in CELLS}
    return {
        "id": str(reading.pk),
        "arm": practice_round.arm,
        "period": 1,
        "position": reading.position,
        "total": counted_readings(practice_round).count() if total is None else total,
        "state": reading.state,
        "image": _image_json(reading),
        "cells": cast("CellsJSON", cells),
        # Practice and certification compare AAC-24 grades alone.
        "aac8": None,
        "comment": "",
        "comment_version": 0,
        "guides_allowed": practice_round.arm in GUIDED,
        "measurement": None,
        "boundary": study.boundary,
        "display": {
            "anterior": study.anterior_side,
            "between_cases": study.view_between_cases,
        },
        "validity_codes": [
            {"code": code.value, "label": label}
            for code, label in VALIDITY_LABELS.items()
            if code != Validity.VALID
        ],
    }


def practice_guides_json(reading: PracticeReading) -> GuidesJSON:
    """Return the guides of a practice reading; those of a phantom are exact."""
    seed, case = reading.practice_case.seed, reading.practice_case.case
    if seed is not None:
        phantom = practice_phantom(seed)
        return {
            "guides": cast("Any", phantom.guides),
            "landmarks": cast("Any", phantom.landmarks),
            "level_doubt": None,
            "note": "Phantom: the guides are exact.",
        }
    landmarks = case.landmark_set if case else None
    return {
        "guides": landmarks.guides if landmarks else [],
        "landmarks": cast("Any", landmarks.landmarks if landmarks else dict.fromkeys(LEVEL_NAMES)),
        "level_doubt": None,
        "note": "",
    }


def feedback_json(reading: PracticeReading) -> FeedbackJSON:
    """Return the reference grades of a submitted practice reading beside the reader's scores.

    ``plaques`` is empty where the reference standard consists of grades alone.
    """
    practice_case = reading.practice_case
    stored = {cell: reading.cells.get(cell) or empty_cell() for cell in CELLS}
    return {
        "source": practice_case.source,
        "cells": [
            {
                "cell": cell,
                "score": stored[cell]["score"],
                "validity": stored[cell]["validity"],
                "reference": practice_case.grades[cell],
            }
            for cell in CELLS
        ],
        "plaques": []
        if practice_case.seed is None
        else cast("list[PlaqueJSON]", reference_plaques(practice_case.seed)),
        "last": not remaining_readings(reading.round).exists(),
    }


def result_text(practice_round: PracticeRound) -> str:
    """Return the result of a finished round in a sentence or two."""
    if practice_round.finished_at is None:
        return "The remaining cases were excluded. Return to the practice page to see the result."
    kappa = "undefined" if practice_round.kappa is None else f"{practice_round.kappa:.2f}"
    exact = f"{100 * (practice_round.exact or 0):.0f} %"
    agreement = (
        f"Agreement with the reference grades: linear weighted kappa {kappa}, exact agreement "
        f"{exact} of cells."
    )
    if practice_round.kind == PracticeRound.Kind.PRACTICE:
        return agreement
    measure = practice_round.get_measure_display()
    needed = f"Required: {measure} of at least {practice_round.threshold:.2f}."
    verdict = "Passed. You can now read the cases of the study."
    return f"{agreement} {needed} {verdict if practice_round.passed else 'Not passed.'}"


def _image_json(reading: PracticeReading) -> ReadingImageJSON:
    seed, case = reading.practice_case.seed, reading.practice_case.case
    if seed is not None:
        phantom = practice_phantom(seed)
        return cast("ReadingImageJSON", {**phantom.image, "scanner": scanner_code(phantom.scanner)})
    assert isinstance(case, Case)  # by a database constraint
    return {**image_json(case.image, case.anterior), "scanner": scanner_code(case.scanner)}
