"""A reader's changes to the practice readings of a round that the reader started."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studies.cases.models import Case
from studies.errors import Conflict, NotFound
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.rounds.changes import open_locked, submit_locked, write_cell, write_traces
from studies.practice.rounds.finishing import finish_round
from studies.practice.rounds.queries import own_readings, remaining_readings, upcoming_readings
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import User
from studies.sessions.measuring.representations import SavedMeasurementJSON
from studies.sessions.queue import waiting_for_instructions
from studies.sessions.reading.checks import check_changeable
from studies.sessions.scoring import SavedCellJSON

State = PracticeReading.State


@transaction.atomic
def open_practice_reading(*, user: User, pk: UUID) -> PracticeReading:
    """Open the current reading of a round; one that is open stays unchanged.

    Raises Conflict for another reading, and while the instructions are not acknowledged.
    """
    reading = _lock_reading(user, pk)
    if reading != next(iter(upcoming_readings(reading.round)), None):
        raise Conflict("not_current", "This is not your next case. Reload the page to continue.")
    waiting = waiting_for_instructions(reading.round.reader, reading.round.arm)
    if waiting is not None and reading.state == State.WAITING:
        raise Conflict(waiting.code, waiting.message)
    open_locked(reading)
    return reading


@transaction.atomic
def save_practice_cell(*, user: User, pk: UUID, cell: str, **values: Any) -> SavedCellJSON:
    """Store a score or a reason, or clear the cell; return the answer for the client."""
    return write_cell(_lock_reading(user, pk), _check_writable, cell=cell, **values)


@transaction.atomic
def save_practice_traces(*, user: User, pk: UUID, **values: Any) -> SavedMeasurementJSON:
    """Store the traces of a measured arm; return the lengths and grades measured from them."""
    return write_traces(_lock_reading(user, pk), _check_writable, **values)


@transaction.atomic
def submit_practice_reading(*, user: User, pk: UUID) -> PracticeReading:
    """Submit a complete practice reading; the last one finishes the round.

    A repeated request changes nothing. Raises Conflict while a cell has neither a score nor a
    reason.
    """
    reading = _lock_reading(user, pk)
    if reading.state == State.SUBMITTED:
        return reading
    _check_writable(reading)
    submit_locked(reading)
    if not remaining_readings(reading.round).exists():
        finish_round(reading.round)
    return reading


@transaction.atomic
def mark_feedback_seen(*, user: User, pk: UUID) -> PracticeReading:
    """Record that the reader closed the reference grades; repeated requests change nothing.

    Raises NotFound unless the reading was submitted.
    """
    reading = _lock_reading(user, pk)
    if reading.state != State.SUBMITTED:
        raise NotFound
    if reading.feedback_seen_at is None:
        reading.feedback_seen_at = timezone.now()
        reading.save(update_fields=["feedback_seen_at"])
    return reading


def _lock_reading(user: User, pk: UUID) -> PracticeReading:
    """Return the reader's own practice reading with its round locked. Raises NotFound.

    The round rather than the reading: two windows that submit the last two readings must not both
    leave the round unfinished.
    """
    rounds = PracticeRound.objects.of_reader(user).practised().filter(readings__pk=pk)
    if rounds.select_for_update(of=("self",)).first() is None:
        raise NotFound
    return own_readings(user).get(pk=pk)


def _check_writable(reading: PracticeReading) -> None:
    # Share-locked, so that the study cannot be locked between this check and the change.
    study = lock_study_row(reading.round.reader.study_id)
    case = reading.practice_case.case
    excluded = case is not None and case.state != Case.State.READY
    check_changeable(locked=study.locked, excluded=excluded, reading=reading.state)
