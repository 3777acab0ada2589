"""JSON representations of readings, queues and progress, as the reading room gets them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, TypedDict, cast

from django.conf import settings

from studies.analytics.scale import CELLS, VALIDITY_LABELS, WALLS, Validity
from studies.cases.representations.images import ImageJSON, image_json
from studies.openapi import UUIDText
from studies.protocol.models import Arm, Study
from studies.readers.models import Membership
from studies.sessions.measuring.representations import MeasurementJSON, measurement_json
from studies.sessions.measuring.saving import get_measurement
from studies.sessions.models import Reading, ReadingList
from studies.sessions.period_changes import Announcement, find_announcement
from studies.sessions.queue import Progress, Queue, Waiting, get_progress
from studies.sessions.reading_sessions.breaks import find_running_session, is_break_due
from studies.sessions.scoring import CellJSON, cell_json
from studies.sessions.submitted_readings.reopenings import reopening_reason


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


class NextReadingJSON(TypedDict):
    """The reading after the current one, so that its image can be fetched ahead."""

    id: UUIDText


class WaitingJSON(TypedDict):
    """Why a reader has nothing to read; ``opens_at`` is set if reading resumes automatically.

    ``parts`` are the parts of the instructions to acknowledge, with the code "instructions".
    """

    code: str
    message: str
    opens_at: datetime | None
    parts: list[str]


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
    revision_rule: Annotated[str, Study.RevisionRule]


class PeriodJSON(TypedDict):
    """A period of a reader, and what distinguishes its arm."""

    period: int
    arm: Annotated[str, Arm.Code]
    guides: bool
    measured: bool


class AnnouncementJSON(PeriodJSON):
    """A change of period that the reader acknowledges before the current reading.

    ``begins`` is false where the reader returns to a period; ``previous`` is null before the first.
    """

    periods: int
    begins: bool
    previous: PeriodJSON | None


class StudyReadingJSON(QueueJSON):
    """The reader's progress in a study and the reading to do now."""

    study: ReadStudyJSON
    progress: ProgressJSON
    announcement: AnnouncementJSON | None
    break_due: bool


class SubmittedJSON(TypedDict):
    """The id of the reading to do next, and the reader's progress."""

    next: UUIDText | None
    progress: ProgressJSON


def validity_codes_json() -> list[ValidityCodeJSON]:
    """Return the reasons to choose from; a grade implies that the cell is valid."""
    return [
        {"code": code.value, "label": label}
        for code, label in VALIDITY_LABELS.items()
        if code != Validity.VALID
    ]


def progress_json(progress: Progress) -> ProgressJSON:
    """Return a reader's progress."""
    return {
        "read": progress.read,
        "total": progress.total,
        "period": progress.period,
        "periods": progress.periods,
        "minutes_left": progress.minutes_left,
    }


def overview_json(reader: Membership, queue: Queue) -> StudyReadingJSON:
    """Return the reader's progress in the study and the reading to do now."""
    study = reader.study
    # Most studies have no break reminders, and then need no query.
    session = find_running_session(reader) if study.break_after_minutes else None
    return {
        "study": {
            "name": study.name,
            "slug": study.slug,
            "demonstration": study.demonstration,
            "revision_rule": study.revision_rule,
        },
        "progress": progress_json(get_progress(reader)),
        **queue_json(queue),
        "announcement": announcement_json(find_announcement(reader, queue)),
        "break_due": is_break_due(session, study),
    }


def queue_json(queue: Queue) -> QueueJSON:
    """Return the current reading in full, of the next one the id alone, and why there is none."""
    return {
        "current": reading_json(queue.current) if queue.current else None,
        "next": {"id": str(queue.next.pk)} if queue.next else None,
        "waiting": waiting_json(queue.waiting) if queue.waiting else None,
    }


def waiting_json(waiting: Waiting) -> WaitingJSON:
    """Return why there is nothing to read."""
    return {
        "code": waiting.code,
        "message": waiting.message,
        "opens_at": waiting.opens_at,
        "parts": list(waiting.parts),
    }


def announcement_json(announcement: Announcement | None) -> AnnouncementJSON | None:
    """Return what changes with the period of the current reading."""
    if announcement is None:
        return None
    previous = announcement.previous
    return {
        **_period_json(announcement.reading_list),
        "periods": announcement.periods,
        "begins": announcement.begins,
        "previous": _period_json(previous) if previous else None,
    }


def _period_json(reading_list: ReadingList) -> PeriodJSON:
    return {
        "period": reading_list.period,
        "arm": reading_list.arm,
        "guides": reading_list.guides,
        "measured": reading_list.measured,
    }


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
