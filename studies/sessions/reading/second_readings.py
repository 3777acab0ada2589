"""The second reading of a case in a sequential study: it starts with the scores of the first.

Readers decide at the second reading which of their first scores they keep. A pad that starts with
these scores makes every change deliberate. In measured arms, in which grades follow from traces,
the pad starts empty.
"""

from __future__ import annotations

from uuid import uuid4

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
