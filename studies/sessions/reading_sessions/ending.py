"""End reading sessions when a reader signs out or the study is locked."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.models import ReadingSession
from studies.sessions.reading_sessions.rule import End, idle_limit


def end_sessions_of_sign_in(*, user: User, sign_in: str) -> int:
    """End the sessions of a person who signs out in one browser; return how many there were."""
    running = ReadingSession.objects.filter(reader__user=user, sign_in=sign_in, ended_at=None)
    return _end_running(running, End.SIGN_OUT)


def end_sessions_of_study(*, study: Study) -> int:
    """End the sessions of a study that is being locked; return how many there were."""
    running = ReadingSession.objects.filter(reader__study=study, ended_at=None)
    return _end_running(running, End.LOCK)


def _end_running(running: QuerySet[ReadingSession], reason: str) -> int:
    now = timezone.now()
    # Sessions beyond the idle limit had ended before, although nothing had stored it yet.
    within_limit = Q(last_activity_at__gte=now - idle_limit())
    ended = running.filter(within_limit).update(ended_at=now, ended_by=reason)
    return ended + running.update(ended_at=F("last_activity_at"), ended_by=End.IDLE)
