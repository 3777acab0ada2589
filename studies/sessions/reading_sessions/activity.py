"""Assign readers' activity to reading sessions, by `rule`, and to the readings done in them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max

from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingSession, SessionInterval
from studies.sessions.reading_sessions.breaks import add_unbroken_time
from studies.sessions.reading_sessions.client import NO_TIME, Client, TimeSpent
from studies.sessions.reading_sessions.rule import End, covers, idle_limit


def lock_reader(reader: int) -> None:
    """Lock a reader's membership, so that two windows start sessions and revisions in turn."""
    Membership.objects.select_for_update(no_key=True).filter(pk=reader).values_list("pk").get()


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
        if earlier is None or not covers(earlier, client, began, at):
            return None
        return _extend(earlier, client, began, at, active_ms)
    if latest is not None and covers(latest, client, began, at):
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
