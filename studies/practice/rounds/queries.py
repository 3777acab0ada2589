"""A reader's practice rounds and readings: which there are, and which are left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from studies.analytics.scale import CELLS
from studies.cases.models import Case
from studies.errors import NotFound
from studies.practice.models import PracticeReading, PracticeRound
from studies.readers.models import User

State = PracticeReading.State


def get_round(*, user: User, pk: UUID) -> PracticeRound:
    """Return one of the rounds that the reader started. Raises NotFound.

    Refreshers are left out: their addresses are those of study readings.
    """
    rounds = PracticeRound.objects.of_reader(user).practised().select_related("reader__study")
    practice_round = rounds.filter(pk=pk).first()
    if practice_round is None:
        raise NotFound
    return practice_round


def get_practice_reading(*, user: User, pk: UUID, fetchable: bool = True) -> PracticeReading:
    """Return one of the reader's own practice readings, refreshers apart. Raises NotFound.

    ``fetchable`` limits it to the current and the next one of its round, as in a study: later cases
    of an attempt cannot be looked at in advance. The last one submitted is included until the
    reader has seen its feedback.
    """
    reading = own_readings(user).filter(pk=pk, round__in=PracticeRound.objects.practised()).first()
    if reading is None or (fetchable and not _is_fetchable(reading)):
        raise NotFound
    return reading


def get_feedback_reading(*, user: User, pk: UUID) -> PracticeReading:
    """Return a submitted practice reading, whose reference standard may be shown."""
    reading = get_practice_reading(user=user, pk=pk, fetchable=False)
    if reading.state != State.SUBMITTED:
        raise NotFound
    return reading


def upcoming_readings(practice_round: PracticeRound) -> list[PracticeReading]:
    """Return the current reading of a round and the next one."""
    readings = remaining_readings(practice_round).order_by("position")
    return list(with_case(readings)[:2])


def unseen_feedback(practice_round: PracticeRound) -> PracticeReading | None:
    """Return the last submitted reading of a round while the reader has not seen its feedback."""
    if not practice_round.shows_feedback:
        return None
    submitted = practice_round.readings.filter(state=State.SUBMITTED)
    last = with_case(submitted).order_by("-submitted_at", "-position").first()
    return last if last is not None and last.feedback_seen_at is None else None


def remaining_readings(practice_round: PracticeRound) -> QuerySet[PracticeReading]:
    """Return the readings left in a round; those of a case that was excluded are left out."""
    return practice_round.readings.exclude(state=State.SUBMITTED).filter(_case_ready())


def counted_readings(practice_round: PracticeRound) -> QuerySet[PracticeReading]:
    """Return the readings that are submitted or left in a round."""
    return practice_round.readings.filter(Q(state=State.SUBMITTED) | _case_ready())


def own_readings(user: User) -> QuerySet[PracticeReading]:
    """Return the practice readings of an active reader, with everything that is shown of them."""
    rounds = PracticeRound.objects.of_reader(user)
    return with_case(PracticeReading.objects.filter(round__in=rounds))


def with_case(readings: QuerySet[PracticeReading]) -> QuerySet[PracticeReading]:
    """Fetch the round, the study and the case with each reading."""
    return readings.select_related(
        "round__reader__study",
        "practice_case__case__image",
        "practice_case__case__landmark_set",
    )


def scores_of(reading: PracticeReading) -> dict[str, int | None]:
    """Return the score of each cell, None where it is not readable."""
    return {cell: (reading.cells.get(cell) or empty_cell())["score"] for cell in CELLS}


def asks_for_aac8(reading: PracticeReading) -> bool:
    """Return whether AAC-8 is asked for, as in the study's readings."""
    return reading.round.reader.study.scores_aac8


def empty_cell() -> dict[str, Any]:
    """Return the value of a cell without a score."""
    return {"score": None, "validity": None, "reason": "", "version": 0}


def _is_fetchable(reading: PracticeReading) -> bool:
    if reading in upcoming_readings(reading.round):
        return True
    return reading == unseen_feedback(reading.round)


def _case_ready() -> Q:
    return Q(practice_case__case=None) | Q(practice_case__case__state=Case.State.READY)
