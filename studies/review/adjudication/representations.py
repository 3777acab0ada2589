"""JSON of an adjudication: image, scores so far and, if the design allows it, the originals.

Nothing in it identifies the case or a reader.
"""

from __future__ import annotations

import string
from datetime import datetime
from typing import Annotated, TypedDict

from studies.analytics.scale import CELL_SCORES, CELLS
from studies.cases.representations.images import ImageJSON, image_json
from studies.cases.representations.landmarks import GuideJSON
from studies.openapi import Keyword, UUIDText
from studies.review.models import Adjudication
from studies.sessions.models import Reading
from studies.sessions.reading_representations import ValidityCodeJSON, validity_codes_json


class AdjudicatedCellJSON(TypedDict):
    """A grade, or the NHANES code of the reason why a cell is not readable."""

    score: Annotated[int | None, Keyword("enum", (*CELL_SCORES, None))]
    validity: int


class AdjudicationJSON(TypedDict):
    """The stored scores of an adjudication, and when it was submitted."""

    id: UUIDText
    cells: dict[str, AdjudicatedCellJSON]
    submitted_at: datetime | None


class OriginalScoresJSON(TypedDict):
    """The cells of an original reading, named by a letter."""

    name: str
    cells: dict[str, AdjudicatedCellJSON]


class AdjudicationPageJSON(AdjudicationJSON):
    """Everything that the page of an adjudication shows."""

    image: ImageJSON
    image_version: int
    guides: list[GuideJSON]
    originals: list[OriginalScoresJSON]
    validity_codes: list[ValidityCodeJSON]


def adjudication_json(adjudication: Adjudication) -> AdjudicationJSON:
    """Return the stored scores of an adjudication."""
    return {
        "id": str(adjudication.pk),
        "cells": adjudication.scores,
        "submitted_at": adjudication.submitted_at,
    }


def adjudication_page_json(adjudication: Adjudication) -> AdjudicationPageJSON:
    """Return what the page of an adjudication shows.

    Guides are shown if the readers of the arm had them.
    """
    keys = adjudication.readings
    stored = Reading.objects.filter(pk__in=keys).select_related("landmark_set", "reading_list")
    readings = {str(reading.pk): reading for reading in stored.prefetch_related("scores")}
    ordered = [readings[key] for key in keys if key in readings]
    landmarks = ordered[0].landmark_set if ordered else None
    guided = bool(ordered) and ordered[0].guided
    image = adjudication.case.image
    shown = ordered if adjudication.round.shows_scores else []
    return {
        **adjudication_json(adjudication),
        "image": image_json(image, landmarks.anterior if landmarks else ""),
        "image_version": image.version,
        "guides": landmarks.guides if landmarks and guided else [],
        "originals": [
            {"name": f"Score {letter}", "cells": _cells(reading)}
            for letter, reading in zip(string.ascii_uppercase, shown, strict=False)
        ],
        "validity_codes": validity_codes_json(),
    }


def _cells(reading: Reading) -> dict[str, AdjudicatedCellJSON]:
    return {
        score.cell: {"score": score.score, "validity": score.validity}
        for score in reading.scores.all()
        if score.cell in CELLS and score.validity is not None
    }
