"""A reader's changes to one reading: open, comment, time, submit.

Scores are in `scoring`, traces in `measuring.saving`.

Every change locks the reading, checks that it may be changed, and stores its response, so that a
repeated request gets the same response and changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict, cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict
from studies.readers.models import User
from studies.sessions.display.checks import require_display_check
from studies.sessions.models import Reading
from studies.sessions.period_changes import check_period_acknowledged
from studies.sessions.queue import get_queue
from studies.sessions.reading.access import lock_reading
from studies.sessions.reading.checks import check_complete, check_writable
from studies.sessions.reading.second_readings import lock_first_reading, start_from_first_reading
from studies.sessions.reading.stored_changes import find_previous_answer, store_change
from studies.sessions.reading_sessions.activity import record_activity, record_idle_time
from studies.sessions.reading_sessions.breaks import is_break_due
from studies.sessions.reading_sessions.client import UNKNOWN_CLIENT, Client, TimeSpent
from studies.sessions.revisions.records import (
    add_time_spent,
    check_not_discarded,
    end_revision,
)
from studies.sessions.viewing.view_states import ViewReport, add_view

# Client and server clocks round differently; without slack the last interval is always cut short.
CLOCK_SLACK = timedelta(seconds=2)


class CommentJSON(TypedDict):
    """The stored comment."""

    comment: str
    comment_version: int


class TimeJSON(TypedDict):
    """The times of a reading, in milliseconds, and whether a break reminder is due."""

    active_ms: int
    idle_ms: int
    break_due: bool


@transaction.atomic
def open_reading(*, user: User, pk: UUID, client: Client = UNKNOWN_CLIENT) -> Reading:
    """Open the current reading and start its clock; a reading that is open stays unchanged.

    The second reading of a case in a sequential study starts with the scores of the first one.

    Raises Conflict for another reading, before a change of period is acknowledged, and if the
    session lacks a required display check.
    """
    reading = lock_reading(user, pk, with_case=True)
    # Before the queue is read, so that no other window revises the first reading meanwhile.
    first = lock_first_reading(reading)
    # Only the current reading opens, so that the stored order is the order of reading.
    queue = get_queue(reading.reading_list.reader)
    queue.check_opens(reading)
    check_period_acknowledged(reading.reading_list.reader, queue)
    now = timezone.now()
    if reading.state == Reading.State.WAITING:
        require_display_check(reader=reading.reading_list.reader, client=client, now=now)
        reading.state = Reading.State.OPEN
        reading.opened_at = reading.timed_to = now
        reading.save(update_fields=["state", "opened_at", "timed_to"])
        if first is not None:
            start_from_first_reading(reading, first)
        study = reading.study
        record("reading.opened", actor=user, study=study, subject=reading.pk, reading=reading.name)
    record_activity(reading=reading, client=client, now=now, revision=reading.in_revision)
    return reading


@transaction.atomic
def save_comment(*, user: User, pk: UUID, change_id: UUID, version: int, text: str) -> CommentJSON:
    """Store the comment on a reading; return the answer for the client.

    Raises Conflict with the stored comment when ``version`` is not the stored one.
    """
    reading = lock_reading(user, pk)
    previous = find_previous_answer(reading, change_id, "comment", {"text": text})
    if previous is not None:
        return cast("CommentJSON", previous)
    check_writable(reading)
    if version != reading.comment_version:
        raise Conflict(
            "stale",
            "The comment was changed in another window. The stored comment is shown now.",
            comment=reading.comment,
            comment_version=reading.comment_version,
        )
    reading.comment = text
    reading.comment_version += 1
    reading.save(update_fields=["comment", "comment_version"])
    answer: CommentJSON = {"comment": text, "comment_version": reading.comment_version}
    store_change(reading, change_id, "comment", {"text": text}, answer)
    return answer


@transaction.atomic
def add_time(
    *,
    user: User,
    pk: UUID,
    change_id: UUID,
    active_ms: int,
    idle_ms: int,
    guides_ms: int,
    view: ViewReport | None = None,
    client: Client = UNKNOWN_CLIENT,
) -> TimeJSON:
    """Add intervals measured by the client, limited to the time that passed on the server.

    ``view`` is how the image was displayed meanwhile.

    ``timed_to`` advances by what was added, not to the present. Intervals that were measured
    offline and arrive in several requests are therefore accepted in full, while their sum never
    exceeds the time that has passed. Times of a revision are stored with the revision.
    """
    reading = lock_reading(user, pk)
    sent: dict[str, Any] = {"active_ms": active_ms, "idle_ms": idle_ms, "guides_ms": guides_ms}
    if view is not None:
        sent["view"] = view
    previous = find_previous_answer(reading, change_id, "time", sent)
    if previous is not None:
        return cast("TimeJSON", {**previous, "break_due": False})
    check_writable(reading)
    now = timezone.now()
    timed_to = reading.timed_to or now
    allowed = milliseconds_since(timed_to, now)
    # Active time takes precedence where both do not fit.
    active = min(active_ms, allowed)
    idle = min(idle_ms, allowed - active)
    # Guides cannot be visible for longer than the case.
    guides = min(guides_ms, active + idle) if reading.guided else 0
    spent = TimeSpent(active, idle, guides)
    add_time_spent(reading, spent)
    # Advances by what was counted, not to now: time of a delayed report can still be claimed.
    reading.timed_to = timed_to + timedelta(milliseconds=active + idle)
    reading.save(update_fields=["active_ms", "idle_ms", "guides_ms", "timed_to"])
    revision = reading.in_revision
    session = None
    # What was sent decides: a report without activity must not continue the reader's session.
    if active_ms:
        session = record_activity(
            reading=reading, client=client, now=now, time=spent, revision=revision
        )
    elif not revision:
        record_idle_time(reading=reading, time=spent)
    if view is not None and not revision:
        add_view(reading=reading, view=view)
    times = {"active_ms": reading.active_ms, "idle_ms": reading.idle_ms}
    store_change(reading, change_id, "time", sent, times)
    return cast("TimeJSON", {**times, "break_due": is_break_due(session, reading.study)})


@transaction.atomic
def submit_reading(
    *, user: User, pk: UUID, change_id: UUID, client: Client = UNKNOWN_CLIENT
) -> Reading:
    """Submit a complete reading.

    A repeated request changes nothing, even if its response was sent before a coordinator reopened
    the reading. Raises Conflict while a cell has neither a score nor a reason, and for a revision
    that the lock of the study has discarded.
    """
    reading = lock_reading(user, pk)
    previous = find_previous_answer(reading, change_id, "submit", {})
    # Before the checks: a repeated request must succeed although nothing can be changed any more.
    if reading.state == Reading.State.SUBMITTED or previous is not None:
        if previous is None:
            check_not_discarded(reading)
        return reading
    check_writable(reading)
    # A cleared cell keeps its row, without a validity code.
    scored = set(reading.scores.filter(validity__isnull=False).values_list("cell", flat=True))
    check_complete(scored, aac8=reading.study.scores_aac8)
    now = timezone.now()
    revision = reading.in_revision
    if revision:
        end_revision(reading, now=now)
    else:
        reading.state, reading.submitted_at = Reading.State.SUBMITTED, now
        reading.save(update_fields=["state", "submitted_at"])
    record_activity(reading=reading, client=client, now=now, submitted=True, revision=revision)
    store_change(reading, change_id, "submit", {}, {})
    action = "reading.revised" if revision else "reading.submitted"
    record(action, actor=user, study=reading.study, subject=reading.pk, reading=reading.name)
    return reading


def milliseconds_since(start: datetime, now: datetime) -> int:
    """Return the time between two moments, with slack for the client's rounding."""
    return max(0, round((now - start + CLOCK_SLACK).total_seconds() * 1000))
