"""Break reminders: after how much active time without a pause, and how many a session had."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import ReadingSession

PAUSE: Final = timedelta(minutes=5)
"""The shortest time without activity that counts as a pause."""


def add_unbroken_time(session: ReadingSession, *, began: datetime, active_ms: int) -> None:
    """Add active time to a session's time without a pause; a pause before it starts anew.

    Call it before ``last_activity_at`` is moved to this activity.
    """
    if began - session.last_activity_at >= PAUSE:
        session.unbroken_ms = 0
    session.unbroken_ms += active_ms


def is_break_due(session: ReadingSession | None, study: Study) -> bool:
    """Return whether the reader should be reminded to take a break before the next reading."""
    limit = timedelta(minutes=study.break_after_minutes)
    if session is None or not limit:
        return False
    return timedelta(milliseconds=session.unbroken_ms) >= limit


def find_running_session(reader: Membership) -> ReadingSession | None:
    """Return the reader's session that has not ended, if there is one."""
    return ReadingSession.objects.filter(reader=reader, ended_at=None).first()


@transaction.atomic
def record_break_reminder(*, reader: Membership) -> int | None:
    """Count a reminder in the running session, and return the minutes since the last pause.

    Returns None, and counts nothing, when no reminder is due, for example because another window
    has just shown it or because the reader comes back from a pause.
    """
    # Locked, so that two windows count one reminder.
    running = ReadingSession.objects.select_for_update(of=("self",))
    session = running.filter(reader=reader, ended_at=None).first()
    if session is None or not is_break_due(session, reader.study):
        return None
    if timezone.now() - session.last_activity_at >= PAUSE:
        return None
    minutes = round(session.unbroken_ms / 60_000)
    session.break_reminders += 1
    # The next reminder follows after as much time again.
    session.unbroken_ms = 0
    session.save(update_fields=["break_reminders", "unbroken_ms"])
    return minutes
