"""A reader's work on one reading: fetch, open, save, comment, time, submit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from studies.analytics.scale import CELLS, Validity
from studies.audit.record import record
from studies.errors import Conflict, NotFound, StudyError
from studies.protocol.models import Study
from studies.protocol.study_lock import held_study
from studies.readers.models import User
from studies.sessions.models import Change, Reading, Score
from studies.sessions.queue import queue_of

CLOCK_SLACK = timedelta(seconds=2)


def own_reading(*, user: User, pk: UUID) -> Reading:
    """A reading of this reader's own, at whatever state; raises NotFound."""
    reading = Reading.objects.of_reader(user).filter(pk=pk).first()
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
    reading = _locked(user, pk)
    if queue_of(reading.reading_list.reader).current != reading:
        raise Conflict("not_current", "This is not your next case. Reload the page to go on.")
    if reading.state == Reading.State.WAITING:
        reading.state = Reading.State.OPEN
        reading.opened_at = reading.timed_to = timezone.now()
        reading.save(update_fields=["state", "opened_at", "timed_to"])
        record("reading.opened", actor=user, study=reading.study, subject=reading.pk)
    return reading


@transaction.atomic
def save_cell(
    *,
    user: User,
    pk: UUID,
    cell: str,
    change_id: UUID,
    version: int,
    score: int | None = None,
    validity: int | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """Store a grade, or why there is none, or clear the cell; returns the answer for the client.

    A repeated ``change_id`` returns what was answered then. Raises Conflict with the stored cell
    when ``version`` is not the stored one, and when ``change_id`` belongs to another change.
    """
    if cell not in CELLS:
        raise NotFound(f"There is no cell {cell}.")
    reading = _locked(user, pk)
    value = _cell_value(score, validity, reason)
    sent = dict(zip(("score", "validity", "reason"), value, strict=True))
    if (answered := _answered(reading, change_id, cell, sent)) is not None:
        return answered
    _check_writable(reading)
    stored = Score.objects.filter(reading=reading, cell=cell).first()
    if version != (stored.version if stored else 0):
        raise Conflict(
            "stale",
            "This cell was changed in another window. It shows what is stored now.",
            cell=cell_json(stored),
        )
    saved = stored or Score(reading=reading, cell=cell, version=0)
    saved.score, saved.validity, saved.reason = value
    saved.version += 1
    saved.full_clean(exclude=["reading"])
    saved.save()
    answer = {"cell": cell_json(saved), "reading": _state(reading)}
    _remember(reading, change_id, cell, cell_json(saved), answer)
    return answer


@transaction.atomic
def save_comment(
    *, user: User, pk: UUID, change_id: UUID, version: int, text: str
) -> dict[str, Any]:
    reading = _locked(user, pk)
    if (answered := _answered(reading, change_id, "comment", {"text": text})) is not None:
        return answered
    _check_writable(reading)
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
    _remember(reading, change_id, "comment", {"text": text}, answer)
    return answer


@transaction.atomic
def add_time(
    *, user: User, pk: UUID, change_id: UUID, active_ms: int, idle_ms: int, guides_ms: int
) -> dict[str, Any]:
    """Add intervals that the client measured, never more than the server's clock allows.

    ``timed_to`` goes on by what was added, so that what was measured while the line was down and
    comes in several parts finds room, and all of it together never more than has passed.
    """
    reading = _locked(user, pk)
    sent = {"active_ms": active_ms, "idle_ms": idle_ms, "guides_ms": guides_ms}
    if (answered := _answered(reading, change_id, "time", sent)) is not None:
        return answered
    _check_writable(reading)
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
    _remember(reading, change_id, "time", sent, answer)
    return answer


@transaction.atomic
def submit_reading(*, user: User, pk: UUID, change_id: UUID) -> Reading:
    """Submit; a second request of the same or another window finds it submitted and is content.

    So is one that was answered before a coordinator gave the reading back.
    """
    reading = _locked(user, pk)
    answered = _answered(reading, change_id, "submit", {})
    if reading.state == Reading.State.SUBMITTED or answered is not None:
        return reading
    _check_writable(reading)
    missing = len(CELLS) - _state(reading)["scored"]
    if missing:
        raise Conflict(
            "incomplete",
            f"{missing} of the {len(CELLS)} cells have neither a grade nor a reason.",
        )
    reading.state = Reading.State.SUBMITTED
    reading.submitted_at = timezone.now()
    reading.save(update_fields=["state", "submitted_at"])
    _remember(reading, change_id, "submit", {}, {})
    record("reading.submitted", actor=user, study=reading.study, subject=reading.pk)
    return reading


@transaction.atomic
def reopen_reading(*, reading: Reading, by: User, reason: str) -> Reading:
    """Give a submitted reading back to its reader, until the lock; the scores stay in Change."""
    if not reason.strip():
        raise StudyError("reason_missing", "Say why the reading is reopened.")
    reading = Reading.objects.select_for_update(of=("self",)).get(pk=reading.pk)
    if held_study(reading.study.pk).locked:
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


def cell_json(score: Score | None) -> dict[str, Any]:
    if score is None:
        return {"score": None, "validity": None, "reason": "", "version": 0}
    return {
        "score": score.score,
        "validity": score.validity,
        "reason": score.reason,
        "version": score.version,
    }


def _locked(user: User, pk: UUID) -> Reading:
    """The person's own reading, its row locked, so that two windows write one after the other."""
    mine = Reading.objects.of_reader(user)
    reading = mine.select_for_update(of=("self",)).filter(pk=pk).first()
    if reading is None:
        raise NotFound
    return reading


def _opened_again_since(reading: Reading) -> bool:
    """Whether the reader opened the same case later, in another period, arm or replicate."""
    reader = reading.reading_list.reader_id
    same = Reading.objects.filter(case=reading.case_id, reading_list__reader=reader)
    later = Q(opened_at__gt=reading.opened_at) | Q(
        opened_at=reading.opened_at, reading_list__period__gt=reading.reading_list.period
    )
    return same.exclude(pk=reading.pk).filter(later).exists()


def _check_writable(reading: Reading) -> None:
    study = held_study(reading.study.pk)
    if study.locked:
        raise Conflict("study_locked", "The study is locked: nothing more can be saved.")
    if study.state != Study.State.OPEN:
        raise Conflict(
            "study_closed",
            f"The study is {study.get_state_display()}: nothing more can be saved.",
        )
    if reading.case.state == "excluded":
        raise Conflict("case_excluded", "This case was taken out of the study. Go on to the next.")
    if reading.state == Reading.State.SUBMITTED:
        raise Conflict("submitted", "This case is submitted already. Go on to the next.")
    if reading.state != Reading.State.OPEN:
        raise Conflict("not_open", "Open the case before you score it.")


def _cell_value(
    score: int | None, validity: int | None, reason: str
) -> tuple[int | None, int | None, str]:
    if score is not None:
        if validity not in (None, Validity.VALID):
            raise StudyError("invalid", "A cell has a grade or a reason why not, never both.")
        return score, Validity.VALID, ""
    if validity == Validity.VALID:
        raise StudyError("invalid", "A readable cell needs a grade from 0 to 3.")
    return None, validity, reason if validity is not None else ""


def _state(reading: Reading) -> dict[str, Any]:
    scored = Score.objects.filter(reading=reading, validity__isnull=False).count()
    return {"state": reading.state, "scored": scored, "complete": scored == len(CELLS)}


def _answered(
    reading: Reading, change_id: UUID, kind: str, sent: dict[str, Any]
) -> dict[str, Any] | None:
    """What this change was answered with; raises Conflict if the id belongs to another change."""
    change = Change.objects.filter(reading=reading, change_id=change_id).first()
    if change is None:
        return None
    if change.kind != kind or any(change.value.get(name) != sent[name] for name in sent):
        raise Conflict(
            "change_id_reused",
            "Nothing was saved: this change_id belongs to another change. Send a new one.",
        )
    return change.answer


def _remember(
    reading: Reading, change_id: UUID, kind: str, value: dict[str, Any], answer: dict[str, Any]
) -> None:
    Change.objects.create(
        reading=reading, change_id=change_id, kind=kind, value=value, answer=answer
    )


def _milliseconds_since(start: datetime, now: datetime) -> int:
    return max(0, round((now - start + CLOCK_SLACK).total_seconds() * 1000))
