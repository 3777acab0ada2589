"""A reader's changes to the readings of a refresher.

They behave like study readings, but belong to no reading list.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NoReturn
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studies.cases.models import Case
from studies.errors import Conflict, NotFound
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.refreshers.preparation import end_refresher
from studies.practice.refreshers.turn import MixedTurn, get_mixed_turn, get_unseen_feedback
from studies.practice.rounds.changes import open_locked, submit_locked, write_cell, write_traces
from studies.practice.rounds.finishing import finish_round
from studies.practice.rounds.queries import own_readings, remaining_readings
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import Membership, User
from studies.sessions.display.checks import require_display_check
from studies.sessions.measuring.representations import SavedMeasurementJSON
from studies.sessions.period_changes import check_period_acknowledged
from studies.sessions.queue import INSTRUCTIONS
from studies.sessions.reading.actions import CommentJSON, TimeJSON, milliseconds_since
from studies.sessions.reading.checks import check_states
from studies.sessions.reading_sessions.activity import continue_session
from studies.sessions.reading_sessions.breaks import is_break_due
from studies.sessions.reading_sessions.client import UNKNOWN_CLIENT, Client
from studies.sessions.revisions.rule import check_study_allows, time_is_over
from studies.sessions.scoring import SavedCellJSON

State = PracticeReading.State


def get_own_refresher(*, user: User, pk: UUID) -> PracticeReading:
    """Return a refresher reading of this reader in any state. Raises NotFound."""
    rounds = PracticeRound.objects.refreshers()
    reading = own_readings(user).filter(pk=pk, round__in=rounds).first()
    if reading is None:
        raise NotFound
    return reading


def get_fetchable_refresher(*, user: User, pk: UUID) -> tuple[PracticeReading, MixedTurn]:
    """Return the current or next refresher reading, or the one whose feedback is shown.

    Raises NotFound for any other.
    """
    reading = get_own_refresher(user=user, pk=pk)
    reader = reading.round.reader
    turn = get_mixed_turn(reader)
    if reading not in (turn.current, turn.next) and reading != get_unseen_feedback(reader):
        raise NotFound
    return reading, turn


@transaction.atomic
def open_refresher(*, user: User, pk: UUID, client: Client = UNKNOWN_CLIENT) -> PracticeReading:
    """Open the current reading of a refresher; one that is open stays unchanged."""
    reading = _lock_reading(user, pk)
    turn = get_mixed_turn(reading.round.reader)
    if turn.current != reading:
        waiting = turn.queue.waiting
        if waiting is not None and waiting.code == INSTRUCTIONS:
            raise Conflict(waiting.code, waiting.message)
        raise Conflict("not_current", "This is not your next case. Reload the page to continue.")
    # As for a study reading, so that neither tells which of the two it is.
    reader, now = reading.round.reader, timezone.now()
    check_period_acknowledged(reader, turn.queue)
    if reading.state == State.WAITING:
        require_display_check(reader=reader, client=client, now=now)
    open_locked(reading)
    continue_session(reader=reader.pk, client=client, now=now)
    return reading


@transaction.atomic
def refuse_revision(*, user: User, pk: UUID) -> NoReturn:
    """Raise Conflict with a reason that a study reading could have as well.

    A refresher is never revised, because its scores are compared with the reference grades as they
    were first given. Raises NotFound unless the reading is the reader's own.
    """
    reading = get_own_refresher(user=user, pk=pk)
    reader, case = reading.round.reader, reading.practice_case.case
    excluded = case is not None and case.state != Case.State.READY
    check_states(
        reading=State.OPEN,
        study=reader.study.state,
        case="excluded" if excluded else "ready",
    )
    check_study_allows(reader, submitted=reading.state == State.SUBMITTED)
    raise time_is_over(reader.study)


@transaction.atomic
def save_refresher_cell(
    *, user: User, pk: UUID, cell: str, change_id: UUID, **values: Any
) -> SavedCellJSON:
    """Store a score or a reason, or clear the cell; return the answer for the client.

    Versions alone tell a repeated request from another one; ``change_id`` is not needed.
    """
    return write_cell(_lock_reading(user, pk), _check_writable, cell=cell, **values)


@transaction.atomic
def save_refresher_traces(
    *, user: User, pk: UUID, change_id: UUID, **values: Any
) -> SavedMeasurementJSON:
    """Store the traces of a measured arm; return the lengths and grades measured from them."""
    return write_traces(_lock_reading(user, pk), _check_writable, **values)


@transaction.atomic
def save_refresher_comment(
    *, user: User, pk: UUID, change_id: UUID, version: int, text: str
) -> CommentJSON:
    """Store the comment, as on a study reading. Raises Conflict for an old version."""
    reading = _lock_reading(user, pk)
    repeated = (text, version + 1) == (reading.comment, reading.comment_version)
    if not repeated:
        _check_writable(reading)
        if version != reading.comment_version:
            raise Conflict(
                "stale",
                "The comment was changed in another window. The stored comment is shown now.",
                comment=reading.comment,
                comment_version=reading.comment_version,
            )
        reading.comment, reading.comment_version = text, version + 1
        reading.save(update_fields=["comment", "comment_version"])
    return {"comment": reading.comment, "comment_version": reading.comment_version}


@transaction.atomic
def add_refresher_time(
    *,
    user: User,
    pk: UUID,
    change_id: UUID,
    active_ms: int,
    idle_ms: int,
    client: Client = UNKNOWN_CLIENT,
    **_: Any,
) -> TimeJSON:
    """Add intervals measured by the client, limited as for a study reading.

    They keep the reader's session alive and are part of no statistic.
    """
    reading = _lock_reading(user, pk)
    session = None
    # The client repeats a report until it is answered, and sends no other one meanwhile.
    if change_id != reading.last_time_change:
        _check_writable(reading)
        now = timezone.now()
        timed_to = reading.timed_to or now
        active = min(active_ms, milliseconds_since(timed_to, now))
        idle = min(idle_ms, milliseconds_since(timed_to, now) - active)
        reading.active_ms += active
        reading.idle_ms += idle
        reading.timed_to = timed_to + timedelta(milliseconds=active + idle)
        reading.last_time_change = change_id
        reading.save(update_fields=["active_ms", "idle_ms", "timed_to", "last_time_change"])
        if active_ms:
            session = continue_session(
                reader=reading.round.reader_id, client=client, now=now, active_ms=active
            )
    return {
        "active_ms": reading.active_ms,
        "idle_ms": reading.idle_ms,
        "break_due": is_break_due(session, reading.round.reader.study),
    }


@transaction.atomic
def submit_refresher(*, user: User, pk: UUID, client: Client = UNKNOWN_CLIENT) -> Membership:
    """Submit a complete reading; the last one of the refresher ends it. Return the reader.

    A repeated request changes nothing. Raises Conflict while a cell has neither a score nor a
    reason.
    """
    reading = _lock_reading(user, pk)
    refresher = reading.round
    reader: Membership = refresher.reader
    if reading.state == State.SUBMITTED:
        return reader
    _check_writable(reading)
    submit_locked(reading)
    continue_session(reader=reader.pk, client=client, now=timezone.now())
    if not remaining_readings(refresher).exists():
        finish_round(refresher)
        end_refresher(reader, refresher.number)
    return reader


@transaction.atomic
def mark_refresher_feedback_seen(*, user: User, pk: UUID) -> None:
    """Record that the reader closed the reference grades.

    Raises NotFound unless the study shows them and the reading was submitted.
    """
    reading = _lock_reading(user, pk)
    if reading.state != State.SUBMITTED or not reading.round.shows_feedback:
        raise NotFound
    if reading.feedback_seen_at is None:
        reading.feedback_seen_at = timezone.now()
        reading.save(update_fields=["feedback_seen_at"])


def _lock_reading(user: User, pk: UUID) -> PracticeReading:
    """Return the reader's own refresher reading; two windows change it in turn.

    The lock is on the membership, as when a refresher is drawn, so that neither waits for the
    other while it holds a second lock.
    """
    reader = get_own_refresher(user=user, pk=pk).round.reader_id
    Membership.objects.select_for_update(of=("self",)).get(pk=reader)
    return get_own_refresher(user=user, pk=pk)


def _check_writable(reading: PracticeReading) -> None:
    study = lock_study_row(reading.round.reader.study_id)
    case = reading.practice_case.case
    excluded = case is not None and case.state != Case.State.READY
    check_states(reading=reading.state, study=study.state, case="excluded" if excluded else "ready")
