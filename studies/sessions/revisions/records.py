"""Begin a revision, add its time and end it; the reading must be locked."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Max, QuerySet

from studies.errors import Conflict
from studies.sessions.models import Reading, Revision
from studies.sessions.reading_sessions.client import TimeSpent


def begin_revision(reading: Reading, *, now: datetime) -> Revision:
    """Let the reader change a submitted reading; its first times and its position stay."""
    last = reading.revisions.aggregate(last=Max("number"))["last"] or 0
    revision = Revision.objects.create(reading=reading, number=last + 1, started_at=now)
    reading.state = Reading.State.OPEN
    # The time between submission and revision is not reading time.
    reading.timed_to = now
    reading.save(update_fields=["state", "timed_to"])
    return revision


def add_time_spent(reading: Reading, time: TimeSpent) -> None:
    """Add time to the reading, without storing it, or to the revision in progress."""
    if not reading.in_revision:
        reading.active_ms += time.active_ms
        reading.idle_ms += time.idle_ms
        reading.guides_ms += time.guides_ms
        return
    _in_progress(reading).update(
        active_ms=F("active_ms") + time.active_ms,
        idle_ms=F("idle_ms") + time.idle_ms,
        guides_ms=F("guides_ms") + time.guides_ms,
    )


def end_revision(reading: Reading, *, now: datetime, discarded: bool = False) -> None:
    """Submit the reading again, or discard its revision; the first time of submission stays."""
    ended = {"discarded_at": now} if discarded else {"submitted_at": now}
    _in_progress(reading).update(**ended)
    reading.state = Reading.State.SUBMITTED
    reading.save(update_fields=["state"])


def check_not_discarded(reading: Reading) -> None:
    """Raise Conflict if the last revision was discarded, so that its reader learns of it."""
    last = reading.revisions.order_by("-number").first()
    if last is not None and last.discarded_at is not None:
        raise Conflict(
            "study_locked",
            "The study was locked before you submitted this revision. The scores of your earlier "
            "submission count.",
        )


def _in_progress(reading: Reading) -> QuerySet[Revision]:
    return reading.revisions.filter(submitted_at=None, discarded_at=None)
