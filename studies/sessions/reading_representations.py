"""JSON representation of a reading, as the reading room gets it."""

from __future__ import annotations

import hashlib
from typing import Annotated, TypedDict, cast

from django.conf import settings

from studies.analytics.scale import CELLS, VALIDITY_LABELS, WALLS, Validity
from studies.cases.representations.images import ImageJSON, image_json
from studies.openapi import UUIDText
from studies.protocol.models import Arm, Study
from studies.sessions.measuring.representations import MeasurementJSON, measurement_json
from studies.sessions.measuring.saving import get_measurement
from studies.sessions.models import Reading
from studies.sessions.scoring import CellJSON, cell_json
from studies.sessions.submitted_readings.reopenings import reopening_reason


class ReadingImageJSON(ImageJSON):
    """The image of a reading; ``scanner`` is a code by which a window setting is stored."""

    scanner: str


class CellsJSON(TypedDict):
    """The eight cells of a reading."""

    L1_posterior: CellJSON
    L1_anterior: CellJSON
    L2_posterior: CellJSON
    L2_anterior: CellJSON
    L3_posterior: CellJSON
    L3_anterior: CellJSON
    L4_posterior: CellJSON
    L4_anterior: CellJSON


class AAC8JSON(TypedDict):
    """The AAC-8 scores of both walls over L1 to L4."""

    posterior: CellJSON
    anterior: CellJSON


class ValidityCodeJSON(TypedDict):
    """A reason why a cell is not readable."""

    code: int
    label: str


class DisplayJSON(TypedDict):
    """How the study displays images."""

    anterior: Annotated[str, Study.AnteriorSide]
    between_cases: Annotated[str, Study.ViewBetweenCases]
    minimum_image_px: int


class StepJSON(TypedDict):
    """The place of a reading among the readings of its case in a sequential study.

    ``arms`` are the arms of the steps, of which ``step`` is this one, from 1.
    """

    step: int
    arms: list[Annotated[str, Arm.Code]]


class ReadingJSON(TypedDict):
    """A reading, without anything that identifies its case.

    ``name`` is the name that reader and coordinators share, "" for an ordinary reading in a study
    with refreshers. ``reopened`` is the coordinator's reason, "" for a reading that was not
    reopened. ``sequence`` is null unless the study is sequential.
    """

    id: UUIDText
    name: str
    arm: Annotated[str, Arm.Code]
    sequence: StepJSON | None
    period: int
    position: int
    total: int
    state: Annotated[str, Reading.State]
    in_revision: bool
    reopened: str
    image: ReadingImageJSON
    cells: CellsJSON
    aac8: AAC8JSON | None
    comment: str
    comment_version: int
    guides_allowed: bool
    measurement: MeasurementJSON | None
    boundary: Annotated[str, Study.Boundary]
    display: DisplayJSON
    validity_codes: list[ValidityCodeJSON]


def validity_codes_json() -> list[ValidityCodeJSON]:
    """Return the reasons to choose from; a grade implies that the cell is valid."""
    return [
        {"code": code.value, "label": label}
        for code, label in VALIDITY_LABELS.items()
        if code != Validity.VALID
    ]


def reading_json(reading: Reading) -> ReadingJSON:
    """Return a reading without anything that identifies the case, site, date or model output.

    The anterior side is a fact of the case and is included in both arms.
    """
    scores = {score.cell: score for score in reading.scores.all()}
    study = reading.study
    return {
        "id": str(reading.pk),
        "name": reading.name_for_reader,
        "arm": reading.arm,
        "sequence": _step_json(reading),
        "period": reading.reading_list.period,
        "position": reading.position,
        # Excluded cases are not counted, so the total can decrease.
        "total": Reading.objects.in_period_of(reading).counted().count(),
        "state": reading.state,
        "in_revision": reading.in_revision,
        "reopened": reopening_reason(reading),
        "image": {
            # The side comes from the reading's own version, like its guides.
            **image_json(reading.case.image, reading.landmark_set.anterior),
            "scanner": scanner_code(reading.case.scanner),
        },
        "cells": cast("CellsJSON", {cell: cell_json(scores.get(cell)) for cell in CELLS}),
        # null where the study does not score AAC-8.
        "aac8": cast("AAC8JSON", {wall: cell_json(scores.get(f"all_{wall}")) for wall in WALLS})
        if study.scores_aac8
        else None,
        "comment": reading.comment,
        "comment_version": reading.comment_version,
        "guides_allowed": reading.guided,
        # null in arms in which plaques are not measured.
        "measurement": measurement_json(get_measurement(reading)) if reading.measured else None,
        "boundary": study.boundary,
        "display": {
            "anterior": study.anterior_side,
            "between_cases": study.view_between_cases,
            "minimum_image_px": study.minimum_image_px,
        },
        "validity_codes": validity_codes_json(),
    }


def _step_json(reading: Reading) -> StepJSON | None:
    if not reading.study.sequential:
        return None
    lists = reading.reading_list.reader.reading_lists.order_by("step")
    return {"step": reading.reading_list.step, "arms": list(lists.values_list("arm", flat=True))}


def scanner_code(scanner: str) -> str:
    """Return a code by which a window setting is stored per scanner without naming the scanner."""
    # Keyed: a plain hash of one of few scanner names could be found by trying them.
    return hashlib.sha256(f"{settings.SECRET_KEY}/{scanner}".encode()).hexdigest()[:12]
