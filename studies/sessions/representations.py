"""JSON representations of readings, queues, progress and guides, as the reading room gets them."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings

from studies.analytics.scale import CELLS, VALIDITY_LABELS, Validity
from studies.cases.models import LandmarkSet
from studies.cases.representations import image_json
from studies.sessions.models import Reading
from studies.sessions.queue import Progress, Queue
from studies.sessions.scoring import cell_json

CORRECTED = {
    LandmarkSet.Source.MOVED: "corners",
    LandmarkSet.Source.SHIFTED: "level labels",
    LandmarkSet.Source.FLIPPED: "anterior side",
}


def progress_json(progress: Progress) -> dict[str, Any]:
    """Return a reader's progress."""
    return {
        "read": progress.read,
        "total": progress.total,
        "period": progress.period,
        "periods": progress.periods,
        "minutes_left": progress.minutes_left,
    }


def queue_json(queue: Queue) -> dict[str, Any]:
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


def reading_json(reading: Reading) -> dict[str, Any]:
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
        "cells": {cell: cell_json(scores.get(cell)) for cell in CELLS},
        "comment": reading.comment,
        "comment_version": reading.comment_version,
        "guides_allowed": reading.arm == "guided",
        "boundary": study.boundary,
        # The reasons to choose from; a grade implies that the cell is valid.
        "validity_codes": [
            {"code": code.value, "label": label}
            for code, label in VALIDITY_LABELS.items()
            if code != Validity.VALID
        ],
    }


def guides_json(reading: Reading) -> dict[str, Any]:
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
