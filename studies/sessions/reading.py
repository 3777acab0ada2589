"""A reader's work on one reading: fetch, open, comment, time, submit. Scores: `scoring`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.audit.record import record
from studies.errors import Conflict, NotFound, StudyError
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import User
from studies.sessions.changes import check_writable, locked_reading, previous_answer, remember
from studies.sessions.models import Reading
from studies.sessions.queue import queue_of

CLOCK_SLACK = timedelta(seconds=2)


def own_reading(*, user: User, pk: UUID) -> Reading:
    """A reading of this reader's own, at whatever state; raises NotFound."""
    reading = Reading.objects.of_reader(user).with_case().filter(pk=pk).first()
    if reading is None:
        raise NotFound
    return reading


def fetchable_reading(*, user: User, pk: UUID) -> Reading:
    """A reading that this reader may look at now: the current or the next; raises NotFound."""
    reading = own_reading(user=user, pk=pk)
    if not queue_of(reading.reading_list.reader).holds(reading):
        raise NotFound
    return reading


def guided_reading(*, user: User, pk: UUID) -> Reading:
    reading = fetchable_reading(user=user, pk=pk)
    if reading.arm != "guided":
        raise NotFound
    return reading


@transaction.atomic
def open_reading(*, user: User, pk: UUID) -> Reading:
    """Open the current reading and start its clock; once open it stays so."""
    reading = locked_reading(user, pk, with_case=True)
    if queue_of(reading.reading_list.reader).current != reading:
        raise Conflict("not_current", "This is not your next case. Reload the page to go on.")
    if reading.state == Reading.State.WAITING:
        reading.state = Reading.State.OPEN
        reading.opened_at = reading.timed_to = timezone.now()
        reading.save(update_fields=["state", "opened_at", "timed_to"])
        record("reading.opened", actor=user, study=reading.study, subject=reading.pk)
    return reading


@transaction.atomic
def save_comment(
    *, user: User, pk: UUID, change_id: UUID, version: int, text: str
) -> dict[str, Any]:
    reading = locked_reading(user, pk)
    if (answered := previous_answer(reading, change_id, "comment", {"text": text})) is not None:
        return answered
    check_writable(reading)
    if version != reading.comment_version:
        raise Conflict(
            "stale",
            "The comment was changed in another window. It shows what is stored now.",
            comment=reading.comment,
            comment_version=reading.comment_version,
        )
    reading.comment = text
    reading.comment_version += 1
    reading.save(update_fields=["comment", "comment_version"])
    answer = {"comment": text, "comment_version": reading.comment_version}
    remember(reading, change_id, "comment", {"text": text}, answer)
    return answer


@transaction.atomic
def add_time(
    *, user: User, pk: UUID, change_id: UUID, active_ms: int, idle_ms: int, guides_ms: int
) -> dict[str, Any]:
    """Add intervals that the client measured, never more than the server's clock allows.

    ``timed_to`` goes on by what was added, so that what was measured while the line was down and
    comes in several parts finds room, and all of it together never more than has passed.
    """
    reading = locked_reading(user, pk)
    sent = {"active_ms": active_ms, "idle_ms": idle_ms, "guides_ms": guides_ms}
    if (answered := previous_answer(reading, change_id, "time", sent)) is not None:
        return answered
    check_writable(reading)
    now = timezone.now()
    timed_to = reading.timed_to or now
    allowed = _milliseconds_since(timed_to, now)
    active = min(active_ms, allowed)
    idle = min(idle_ms, allowed - active)
    reading.active_ms += active
    reading.idle_ms += idle
    if reading.arm == "guided":
        reading.guides_ms += min(guides_ms, active + idle)
    reading.timed_to = timed_to + timedelta(milliseconds=active + idle)
    reading.save(update_fields=["active_ms", "idle_ms", "guides_ms", "timed_to"])
    answer = {"active_ms": reading.active_ms, "idle_ms": reading.idle_ms}
    remember(reading, change_id, "time", sent, answer)
    return answer


@transaction.atomic
def submit_reading(*, user: User, pk: UUID, change_id: UUID) -> Reading:
    """Submit; a second request of the same or another window finds it submitted and is content.

    So is one that was answered before a coordinator gave the reading back.
    """
    reading = locked_reading(user, pk)
    answered = previous_answer(reading, change_id, "submit", {})
    if reading.state == Reading.State.SUBMITTED or answered is not None:
        return reading
    check_writable(reading)
    missing = len(CELLS) - reading.scores.filter(validity__isnull=False).count()
    if missing:
        raise Conflict(
            "incomplete",
            f"{missing} of the {len(CELLS)} cells have neither a grade nor a reason.",
        )
    reading.state = Reading.State.SUBMITTED
    reading.submitted_at = timezone.now()
    reading.save(update_fields=["state", "submitted_at"])
    remember(reading, change_id, "submit", {}, {})
    record("reading.submitted", actor=user, study=reading.study, subject=reading.pk)
    return reading


@transaction.atomic
def reopen_reading(*, reading: Reading, by: User, reason: str) -> Reading:
    """Give a submitted reading back to its reader, until the lock; the scores stay in Change."""
    if not reason.strip():
        raise StudyError("reason_missing", "Say why the reading is reopened.")
    reading = Reading.objects.select_for_update(of=("self",)).get(pk=reading.pk)
    if lock_study_row(reading.study.pk).locked:
        raise Conflict("locked", "The study is locked: no reading can be reopened.")
    if reading.state != Reading.State.SUBMITTED:
        raise Conflict("not_submitted", "This reading has not been submitted.")
    if _opened_again_since(reading):
        raise Conflict(
            "read_again",
            "The reader has since opened this case in another period, arm or replicate. "
            "This reading can no longer be reopened.",
        )
    reading.state = Reading.State.OPEN
    reading.previous_submission_at, reading.submitted_at = reading.submitted_at, None
    reading.timed_to = timezone.now()
    reading.save(update_fields=["state", "previous_submission_at", "submitted_at", "timed_to"])
    record("reading.reopened", actor=by, study=reading.study, subject=reading.pk, reason=reason)
    return reading


def _opened_again_since(reading: Reading) -> bool:
    """Whether the reader opened the same case later, in another period, arm or replicate."""
    reader = reading.reading_list.reader_id
    same = Reading.objects.filter(case=reading.case_id, reading_list__reader=reader)
    later = Q(opened_at__gt=reading.opened_at) | Q(
        opened_at=reading.opened_at, reading_list__period__gt=reading.reading_list.period
    )
    return same.exclude(pk=reading.pk).filter(later).exists()


def _milliseconds_since(start: datetime, now: datetime) -> int:
    return max(0, round((now - start + CLOCK_SLACK).total_seconds() * 1000))
