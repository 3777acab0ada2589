"""When reading sessions start, continue and end.

A display check, opening a reading, reporting active time and submitting are activity; scores are
not, because their request must stay fast and the time report that follows covers them. Activity
continues the reader's latest session unless that session has ended:

- The idle limit, which also signs people out, has passed since its last activity. It then ended
  with that activity. This is stored when the next session starts; until then it follows from the
  times.
- The reader signed out, or the study was locked.
- The activity comes from another sign-in, usually in another browser.

Reports that were delayed by a lost connection state how long ago they were measured. They belong to
the session of that time. If there is none, they change no session.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from studies.readers.models import Membership
from studies.sessions.models import ReadingSession
from studies.sessions.reading_sessions.client import Client

End = ReadingSession.End

# A report that is older was delayed. The reader may have signed in again since it was measured, so
# that its session cannot be recognised by the sign-in.
DELAYED_AFTER = timedelta(minutes=2)


def idle_limit() -> timedelta:
    """Return the time without activity after which a session has ended and people sign in again."""
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def has_ended(session: ReadingSession, *, now: datetime) -> bool:
    """Return whether a session has ended, also if its end by the idle limit is not stored yet."""
    return session.ended_at is not None or now > session.last_activity_at + idle_limit()


def current_session(reader: Membership, *, sign_in: str, now: datetime) -> ReadingSession | None:
    """Return the session that activity of this sign-in would continue now, or None."""
    latest = reader.reading_sessions.order_by("-number").first()
    if latest is None or latest.sign_in != sign_in or has_ended(latest, now=now):
        return None
    return latest


def find_session(*, reader: int, client: Client, now: datetime) -> ReadingSession | None:
    """Return the session that an activity of this client would continue, None if it starts one."""
    at = now - client.age
    session = session_before(reader=reader, at=at)
    return session if session is not None and covers(session, client, at, at) else None


def session_before(*, reader: int, at: datetime) -> ReadingSession | None:
    """Return the last session of a reader that had started at this time."""
    started = ReadingSession.objects.filter(reader=reader, started_at__lte=at)
    return started.order_by("-number").first()


def covers(session: ReadingSession, client: Client, began: datetime, at: datetime) -> bool:
    """Return whether an activity that ended after the session's start belongs to the session."""
    if client.age > DELAYED_AFTER:
        # Without the version: the browser may have been updated in the meantime.
        same = _without_version(session.browser) == _without_version(client.browser)
    else:
        same = session.sign_in == client.sign_in
    # Signing out and the lock end a session at once; an end by the idle limit moves with activity.
    if session.ended_at is not None and session.ended_by != End.IDLE:
        return same and at <= session.ended_at
    return same and began <= session.last_activity_at + idle_limit()


def _without_version(browser: str) -> str:
    return browser.rpartition(" ")[0]
