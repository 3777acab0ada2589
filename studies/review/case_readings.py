"""The first readings of a case in an arm, as the review page shows them."""

from __future__ import annotations

from typing import TypedDict

from studies.analytics.scale import CELLS, group_of, sum_grades
from studies.cases.models import Case
from studies.cases.representations.images import ImageJSON, image_json
from studies.cases.representations.landmarks import GuideJSON
from studies.sessions.measuring.representations import Point
from studies.sessions.models import Reading


class ReviewedCellJSON(TypedDict):
    """The final value of a cell: a grade, or the reason why it is not readable."""

    score: int | None
    validity: int | None
    reason: str


class ReviewedReadingJSON(TypedDict):
    """A reading under the label of its reader. ``traces`` are lines in image pixels."""

    reader: str
    cells: dict[str, ReviewedCellJSON]
    total: int | None
    group: str | None
    comment: str
    traces: list[list[Point]]


class ReviewedCaseJSON(TypedDict):
    """The image of a case, its guides and its readings in one arm."""

    image: ImageJSON
    image_version: int
    guides: list[GuideJSON]
    readings: list[ReviewedReadingJSON]


def reviewed_case_json(case: Case, arm: str) -> ReviewedCaseJSON:
    """Return the first reading of each reader of a case in an arm.

    The guides are those with which the case was assigned, whether or not the arm shows them.
    """
    readings = list(first_readings(case, arm))
    # All readings of a case are assigned with the same landmarks.
    landmarks = readings[0].landmark_set if readings else case.landmark_set
    limits = case.study.group_limits
    return {
        "image": image_json(case.image, landmarks.anterior if landmarks else ""),
        "image_version": case.image.version,
        "guides": landmarks.guides if landmarks else [],
        "readings": [reviewed_reading_json(reading, limits) for reading in readings],
    }


def first_readings(case: Case, arm: str) -> list[Reading]:
    """Return the readings of a case in an arm that count as first readings, by reader label."""
    submitted = (
        Reading.objects.filter(case=case, reading_list__arm=arm, replicate=1)
        .submitted()
        .select_related("reading_list__reader", "landmark_set", "measurement")
        .prefetch_related("scores")
        .order_by("reading_list__reader__label", "reading_list__period")
    )
    # A reader has one list per arm; the earliest period counts, as in the statistics.
    by_reader: dict[str, Reading] = {}
    for reading in submitted:
        by_reader.setdefault(reading.reading_list.reader.label, reading)
    return list(by_reader.values())


def reviewed_reading_json(reading: Reading, limits: tuple[int, int]) -> ReviewedReadingJSON:
    """Return a reading with its cells, total and traces."""
    scores = {score.cell: score for score in reading.scores.all()}
    total = sum_grades(scores[cell].score if cell in scores else None for cell in CELLS)
    measurement = getattr(reading, "measurement", None)
    return {
        "reader": reading.reading_list.reader.label,
        "cells": {
            cell: {"score": score.score, "validity": score.validity, "reason": score.reason}
            for cell, score in scores.items()
            if cell in CELLS
        },
        "total": total,
        "group": group_of(total, limits),
        "comment": reading.comment,
        "traces": [trace["points"] for trace in measurement.traces] if measurement else [],
    }
