"""The second reading of a case in a sequential study: it starts with the scores of the first.

Readers decide at the second reading which of their first scores they keep. A pad that starts with
these scores makes every change deliberate. In measured arms, in which grades follow from traces,
the pad starts empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db.models import OuterRef, Subquery

from studies.protocol.models import Study
from studies.sessions.models import Change, Reading, Score

START = "start"
"""The kind of the change that stores the scores with which a second reading started."""


def lock_first_reading(reading: Reading) -> Reading | None:
    """Return the first reading of the case with its row locked; None if there is none.

    Only second readings of sequential studies have one.
    """
    if not reading.follows:
        return None
    firsts = Reading.objects.select_for_update(of=("self",)).filter(
        reading_list__reader=reading.reading_list.reader_id,
        reading_list__period=reading.reading_list.period,
        reading_list__step=1,
        case=reading.case_id,
        replicate=reading.replicate,
    )
    return firsts.get()


def has_start_scores(study: Study) -> bool:
    """Return whether exports have the scores with which second readings started."""
    arms = study.arms.values_list("code", flat=True)
    return study.sequential and not any("measured" in arm for arm in arms)


def start_scores() -> Subquery:
    """Return the stored start of the outer reading as a subquery; null without one."""
    starts = Change.objects.filter(reading=OuterRef("pk"), kind=START).order_by("at", "pk")
    return Subquery(starts.values("value")[:1])


def start_columns(start: Mapping[str, Any] | None, cell: str) -> dict[str, Any]:
    """Return the export's columns of a cell; None in first readings."""
    value = (start or {}).get("cells", {}).get(cell, {})
    return {
        "started_from_score": value.get("score"),
        "started_from_validity": value.get("validity"),
    }


def start_from_first_reading(reading: Reading, first: Reading) -> None:
    """Copy the scores of the first reading to a second reading that is being opened.

    The copied values are stored as a change as well, so that exports and the history of the reading
    distinguish them from scores that the reader entered. The comment is not copied.
    """
    if reading.measured:
        return
    scores = list(first.scores.order_by("cell"))
    Score.objects.bulk_create(
        Score(
            reading=reading,
            cell=score.cell,
            score=score.score,
            validity=score.validity,
            reason=score.reason,
        )
        for score in scores
    )
    cells = {
        score.cell: {"score": score.score, "validity": score.validity, "reason": score.reason}
        for score in scores
    }
    Change.objects.create(
        reading=reading, change_id=uuid4(), kind=START, value={"cells": cells}, answer={}
    )
