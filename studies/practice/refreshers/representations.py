"""JSON of refreshers, in the form of study readings so that the two cannot be told apart."""

from __future__ import annotations

from studies.practice.models import PracticeReading
from studies.practice.refreshers.turn import (
    MixedTurn,
    get_mixed_progress,
    get_mixed_turn,
    get_unseen_feedback,
)
from studies.practice.representations import (
    ReadingOverviewJSON,
    feedback_json,
    practice_guides_json,
    practice_reading_json,
)
from studies.practice.rounds.changes import shown_landmarks
from studies.protocol.models import Arm
from studies.readers.models import Membership
from studies.sessions.guides import GuidesJSON, describe_model, describe_origin, guides_json
from studies.sessions.models import Reading
from studies.sessions.representations import (
    ReadingJSON,
    SubmittedJSON,
    overview_json,
    progress_json,
)


def mixed_overview_json(reader: Membership) -> ReadingOverviewJSON:
    """Return the reader's progress and the reading to do now, with refreshers mixed in."""
    turn = get_mixed_turn(reader)
    overview: ReadingOverviewJSON = {**overview_json(reader, turn.queue), "submitted": None}
    if reader.study.refresher_interval is None:
        return overview
    overview["progress"] = progress_json(get_mixed_progress(reader))
    if isinstance(turn.current, PracticeReading):
        overview["current"] = refresher_json(turn.current, turn.beside)
        overview["waiting"] = None
    overview["next"] = {"id": str(turn.next.pk)} if turn.next else None
    seen = get_unseen_feedback(reader)
    if seen is not None:
        overview["submitted"] = {
            "reading": refresher_json(seen, turn.beside),
            "feedback": {**feedback_json(seen), "last": False},
        }
    return overview


def mixed_submitted_json(reader: Membership) -> SubmittedJSON:
    """Return the reading to do after a submission, and the reader's progress."""
    # Another instance may have been read before the submission.
    reader.refresh_from_db(fields=["refreshers_done"])
    turn = get_mixed_turn(reader)
    return {
        "next": str(turn.current.pk) if turn.current else None,
        "progress": progress_json(get_mixed_progress(reader)),
    }


def refresher_json(reading: PracticeReading, beside: Reading | None) -> ReadingJSON:
    """Return a refresher reading with the position of the study reading beside it."""
    total = beside.reading_list.readings.counted().count() if beside else reading.position
    position = beside.position if beside else reading.position
    return {**practice_reading_json(reading, total), "position": position, "name": ""}


def refresher_guides_json(reading: PracticeReading, turn: MixedTurn) -> GuidesJSON:
    """Return the guides of a refresher reading, with an origin as that of study readings.

    The guides of a phantom are exact, but stating this would reveal that it is not a study case.
    """
    landmarks = shown_landmarks(reading)
    if landmarks is not None:
        return guides_json(landmarks)
    # In an arm with corrected guides, most study readings name a correction.
    corrected = reading.round.arm == Arm.Code.GUIDED_CORRECTED
    describe = describe_origin if corrected else describe_model
    note = describe(turn.beside.landmark_set) if turn.beside else ""
    return {**practice_guides_json(reading), "note": note}
