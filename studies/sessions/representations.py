"""JSON representations of readings, queues, progress and guides, as the reading room gets them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, TypedDict, cast

from django.conf import settings

from studies.analytics.scale import CELLS, VALIDITY_LABELS, WALLS, Validity
from studies.cases.models import LandmarkSet
from studies.cases.representations.images import ImageJSON, image_json
from studies.cases.representations.landmarks import GuideJSON, LandmarksJSON, LevelDoubtJSON
from studies.openapi import UUIDText
from studies.protocol.models import Arm, Study
from studies.sessions.measuring.representations import MeasurementJSON, measurement_json
from studies.sessions.measuring.saving import get_measurement
from studies.sessions.models import Reading
from studies.sessions.queue import Progress, Queue
from studies.sessions.scoring import CellJSON, cell_json

CORRECTED = {
    LandmarkSet.Source.MOVED: "corners",
    LandmarkSet.Source.SHIFTED: "level labels",
    LandmarkSet.Source.FLIPPED: "anterior side",
}


class ProgressJSON(TypedDict):
    """A reader's progress; the period and the time left are null where they are not known."""

    read: int
    total: int
    period: int | None
    periods: int
    minutes_left: int | None


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


class ReadingJSON(TypedDict):
    """A reading, without anything that identifies its case."""

    id: UUIDText
    arm: Annotated[str, Arm.Code]
    period: int
    position: int
    total: int
    state: Annotated[str, Reading.State]
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


class NextReadingJSON(TypedDict):
    """The reading after the current one, so that its image can be fetched ahead."""

    id: UUIDText


class WaitingJSON(TypedDict):
    """Why a reader has nothing to read; ``opens_at`` is set when reading resumes by itself."""

    code: str
    message: str
    opens_at: datetime | None


class QueueJSON(TypedDict):
    """The current and the next reading, or the reason why there is none."""

    current: ReadingJSON | None
    next: NextReadingJSON | None
    waiting: WaitingJSON | None


class ReadStudyJSON(TypedDict):
    """The study that a reader reads."""

    name: str
    slug: str
    demonstration: bool


class StudyReadingJSON(QueueJSON):
    """The reader's progress in a study and the reading to do now."""

    study: ReadStudyJSON
    progress: ProgressJSON


class SubmittedJSON(TypedDict):
    """The id of the reading to do next, and the reader's progress."""

    next: UUIDText | None
    progress: ProgressJSON


class GuidesJSON(TypedDict):
    """The guides of a reading and their origin."""

    guides: list[GuideJSON]
    landmarks: LandmarksJSON
    level_doubt: LevelDoubtJSON | None
    note: str


def progress_json(progress: Progress) -> ProgressJSON:
    """Return a reader's progress."""
    return {
        "read": progress.read,
        "total": progress.total,
        "period": progress.period,
        "periods": progress.periods,
        "minutes_left": progress.minutes_left,
    }


def queue_json(queue: Queue) -> QueueJSON:
    """Return the current reading in full, of the next one the id alone, and why there is none."""
    waiting = queue.waiting
    return {
        "current": reading_json(queue.current) if queue.current else None,
        "next": {"id": str(queue.next.pk)} if queue.next else None,
        "waiting": {
            "code": waiting.code,
            "message": waiting.message,
            "opens_at": waiting.opens_at,
        }
        if waiting
        else None,
    }


def reading_json(reading: Reading) -> ReadingJSON:
    """Return a reading without anything that identifies the case, site, date or model output.

    The anterior side is a fact of the case and is included in both arms.
    """
    scores = {score.cell: score for score in reading.scores.all()}
    study = reading.study
    return {
        "id": str(reading.pk),
        "arm": reading.arm,
        "period": reading.reading_list.period,
        "position": reading.position,
        # Excluded cases are not counted, so the total can decrease.
        "total": reading.reading_list.readings.counted().count(),
        "state": reading.state,
        "image": {
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
        },
        # The reasons to choose from; a grade implies that the cell is valid.
        "validity_codes": [
            {"code": code.value, "label": label}
            for code, label in VALIDITY_LABELS.items()
            if code != Validity.VALID
        ],
    }


def guides_json(reading: Reading) -> GuidesJSON:
    """Return the guides of a reading and their origin."""
    landmarks = reading.landmark_set
    return {
        "guides": landmarks.guides,
        "landmarks": landmarks.landmarks,
        "level_doubt": landmarks.level_doubt,
        "note": _describe_origin(landmarks),
    }


def _describe_origin(landmarks: LandmarkSet) -> str:
    """Return the origin of the guides. A person who corrected them is named by role only."""
    corrections = landmarks.corrections
    changed = [label for source, label in CORRECTED.items() if source in corrections]
    model = f"{landmarks.model_name}, {landmarks.model_checksum[:12]}: {landmarks.model_note}"
    if not changed:
        return model
    return f"Corrected by a coordinator: {', '.join(changed)}. Originally located by {model}"


def scanner_code(scanner: str) -> str:
    """Return a code by which a window setting is stored per scanner without naming the scanner."""
    # Keyed: a plain hash of one of few scanner names could be found by trying them.
    return hashlib.sha256(f"{settings.SECRET_KEY}/{scanner}".encode()).hexdigest()[:12]
