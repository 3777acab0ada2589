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

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from studies.protocol.models import Study
from studies.readers.models import Membership, User
from studies.sessions.models import Reading, ReadingSession, SessionInterval
from studies.sessions.reading_sessions.breaks import add_unbroken_time

End = ReadingSession.End

# A report that is older was delayed. The reader may have signed in again since it was measured, so
# that its session cannot be recognised by the sign-in.
DELAYED_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Client:
    """The browser that sends a request, and how long ago what it reports was measured."""

    sign_in: str = ""
    browser: str = ""
    viewport: tuple[int, int] | None = None
    device_pixel_ratio: float | None = None
    age: timedelta = timedelta(0)


UNKNOWN_CLIENT = Client()


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Time on a reading, in milliseconds."""

    active_ms: int = 0
    idle_ms: int = 0
    guides_ms: int = 0


NO_TIME = TimeSpent()


def lock_reader(reader: int) -> None:
    """Lock a reader's membership, so that two windows start sessions and revisions in turn."""
    Membership.objects.select_for_update(no_key=True).filter(pk=reader).values_list("pk").get()


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


def record_activity(
    *,
    reading: Reading,
    client: Client,
    now: datetime,
    time: TimeSpent = NO_TIME,
    submitted: bool = False,
    revision: bool = False,
) -> ReadingSession | None:
    """Assign an activity in a locked reading to the reader's session, and start one if necessary.

    Returns the session.

    A revision continues the session, but positions and times of the readings in it stay those of
    the first submission. Other activity that belongs to no session, for example because it was
    reported too late, is added to the latest interval of the reading and changes no session.
    """
    # By the server's clock minus an age: the reader's own clock is never used.
    at = now - client.age
    began = at - timedelta(milliseconds=time.active_ms)
    session = _session_of(reading.reading_list.reader_id, client, began, at, now, time.active_ms)
    if revision:
        return session
    if session is None:
        interval = _latest_interval(reading)
    else:
        interval = _interval_in(session, reading, began)
    if interval is not None:
        _add_to_interval(interval, time, now if submitted else None)
    return session


def find_session(*, reader: int, client: Client, now: datetime) -> ReadingSession | None:
    """Return the session that an activity of this client would continue, None if it starts one."""
    at = now - client.age
    session = session_before(reader=reader, at=at)
    return session if session is not None and _covers(session, client, at, at) else None


def session_before(*, reader: int, at: datetime) -> ReadingSession | None:
    """Return the last session of a reader that had started at this time."""
    started = ReadingSession.objects.filter(reader=reader, started_at__lte=at)
    return started.order_by("-number").first()


def continue_session(
    *, reader: int, client: Client, now: datetime, active_ms: int = 0
) -> ReadingSession | None:
    """Return the session of an activity outside the study readings; start one if necessary.

    It belongs to no interval, so that positions and counts of readings leave it out. Returns None
    for an activity that belongs to no session, because it was reported too late.
    """
    at = now - client.age
    began = at - timedelta(milliseconds=active_ms)
    return _session_of(reader, client, began, at, now, active_ms)


def record_idle_time(*, reading: Reading, time: TimeSpent) -> None:
    """Add time without activity to the latest interval of a locked reading."""
    interval = _latest_interval(reading)
    if interval is not None:
        _add_to_interval(interval, time, None)


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


def _session_of(
    reader: int, client: Client, began: datetime, at: datetime, now: datetime, active_ms: int
) -> ReadingSession | None:
    """Return the session to which an activity belongs, extended to it; None if there is none."""
    # Two windows of one reader start a session in turn.
    lock_reader(reader)
    # Locked, so that signing out or locking the study cannot end the session meanwhile.
    sessions = ReadingSession.objects.filter(reader=reader).select_for_update(of=("self",))
    latest = sessions.order_by("-number").first()
    # A delayed report belongs to the session of its time, not to the one of its arrival.
    if latest is not None and at < latest.started_at:
        earlier = sessions.filter(started_at__lte=at).order_by("-number").first()
        if earlier is None or not _covers(earlier, client, began, at):
            return None
        return _extend(earlier, client, began, at, active_ms)
    if latest is not None and _covers(latest, client, began, at):
        return _extend(latest, client, began, at, active_ms)
    # Too old to start a session that would appear to run now.
    if now - at > idle_limit():
        return None
    if latest is not None:
        if latest.ended_at is None:
            _end_before(latest, began)
        # Sessions of one reader must not overlap, or their lengths would add up to more than the
        # time.
        began = max(began, latest.ended_at or began)
    number = latest.number + 1 if latest else 1
    return _start(reader, client, number, began, max(began, at), active_ms)


def _covers(session: ReadingSession, client: Client, began: datetime, at: datetime) -> bool:
    """Return whether an activity that ended after the session's start belongs to the session."""
    if client.age > DELAYED_AFTER:
        # Without the version: the browser may have been updated in the meantime.
        same = _without_version(session.browser) == _without_version(client.browser)
    else:
        same = session.sign_in == client.sign_in
    if session.ended_at is not None and session.ended_by != End.IDLE:
        return same and at <= session.ended_at
    return same and began <= session.last_activity_at + idle_limit()


def _without_version(browser: str) -> str:
    return browser.rpartition(" ")[0]


def _extend(
    session: ReadingSession, client: Client, began: datetime, at: datetime, active_ms: int
) -> ReadingSession:
    add_unbroken_time(session, began=began, active_ms=active_ms)
    # A session that was ended by signing out or by the lock keeps its end.
    if session.ended_by in ("", End.IDLE):
        session.last_activity_at = max(session.last_activity_at, at)
    if session.ended_by == End.IDLE:
        session.ended_at = session.last_activity_at
    _record_display(session, client)
    session.save(
        update_fields=[
            "last_activity_at",
            "ended_at",
            "unbroken_ms",
            "viewport_width",
            "viewport_height",
            "device_pixel_ratio",
        ]
    )
    return session


def _end_before(session: ReadingSession, began: datetime) -> None:
    """End a session that the reader continued elsewhere, or left for longer than the limit."""
    if began > session.last_activity_at + idle_limit():
        session.ended_at, session.ended_by = session.last_activity_at, End.IDLE
    else:
        session.ended_at = max(session.last_activity_at, began)
        session.ended_by = End.OTHER_SIGN_IN
    session.save(update_fields=["ended_at", "ended_by"])


def _start(
    reader: int, client: Client, number: int, started_at: datetime, at: datetime, active_ms: int
) -> ReadingSession:
    session = ReadingSession(
        reader_id=reader,
        number=number,
        started_at=started_at,
        last_activity_at=at,
        sign_in=client.sign_in,
        browser=client.browser,
        unbroken_ms=active_ms,
    )
    _record_display(session, client)
    session.save(force_insert=True)
    return session


def _record_display(session: ReadingSession, client: Client) -> None:
    """Keep the smallest viewport by area: the least favourable one in which cases were read."""
    if client.viewport is None:
        return
    width, height = client.viewport
    if (
        session.viewport_width is None
        or session.viewport_height is None
        or width * height < session.viewport_width * session.viewport_height
    ):
        session.viewport_width, session.viewport_height = width, height
        session.device_pixel_ratio = client.device_pixel_ratio


def _interval_in(session: ReadingSession, reading: Reading, began: datetime) -> SessionInterval:
    interval = SessionInterval.objects.filter(session=session, reading=reading).first()
    if interval is not None:
        return interval
    last = SessionInterval.objects.filter(session=session).aggregate(last=Max("position"))["last"]
    return SessionInterval.objects.create(
        session=session,
        reading=reading,
        position=(last or 0) + 1,
        started_at=max(began, session.started_at),
    )


def _latest_interval(reading: Reading) -> SessionInterval | None:
    return SessionInterval.objects.filter(reading=reading).order_by("-session__number").first()


def _add_to_interval(
    interval: SessionInterval, time: TimeSpent, submitted_at: datetime | None
) -> None:
    if time == NO_TIME and submitted_at is None:
        return
    interval.active_ms += time.active_ms
    interval.idle_ms += time.idle_ms
    interval.guides_ms += time.guides_ms
    interval.submitted_at = submitted_at or interval.submitted_at
    interval.save(update_fields=["active_ms", "idle_ms", "guides_ms", "submitted_at"])
