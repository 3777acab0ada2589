"""When reading sessions start, continue and end, through the API of the reading room."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.sessions.models import Reading, ReadingSession, SessionInterval
from studies.sessions.study_lifecycle import lock_study
from tests.sessions.reading_room import Room, change
from tests.sessions.reading_sessions.desk import MINUTE, START, score_all, sessions

pytestmark = pytest.mark.django_db


def test_session_starts_when_a_reading_is_opened_and_lasts_to_the_last_activity(desk_of, clock):
    desk = desk_of()
    assert not sessions()
    desk.status()
    assert not sessions()
    pk = desk.open()
    clock.forward(5)
    desk.report(pk, active_s=290)
    clock.forward(2)
    score_all(desk, pk)
    desk.submit(pk)
    (session,) = sessions()
    assert session.number == 1
    assert session.started_at == START
    assert session.last_activity_at == START + 7 * MINUTE
    assert session.ended_at is None
    assert session.length == 7 * MINUTE
    (interval,) = session.intervals.all()
    assert (str(interval.reading_id), interval.position) == (pk, 1)
    assert interval.submitted_at == START + 7 * MINUTE
    assert (interval.active_ms, interval.idle_ms) == (290_000, 0)


def test_scores_touch_no_session(desk_of, clock):
    desk = desk_of()
    pk = desk.open()
    clock.forward(10)
    with CaptureQueriesContext(connection) as captured:
        assert desk.put(pk, "L1_anterior", score=1).status_code == 200
    assert not [query for query in captured if "readingsession" in query["sql"]]
    assert sessions()[0].last_activity_at == START


def test_activity_after_the_idle_limit_starts_the_next_session(desk_of, clock, limit):
    pk = desk_of().open()
    clock.now = START + limit + 10 * MINUTE
    desk_of().report(pk, active_s=60)
    first, second = sessions()
    assert (first.ended_at, first.ended_by) == (START, "idle")
    assert second.started_at == clock.now - MINUTE
    assert second.last_activity_at == clock.now
    assert [i.session.number for i in SessionInterval.objects.filter(reading=pk)] == [1, 2]


def test_activity_within_the_limit_continues_the_session(desk_of, clock, limit):
    desk = desk_of()
    pk = desk.open()
    for _ in range(3):
        clock.now += limit - MINUTE
        desk.report(pk, active_s=30)
    (session,) = sessions()
    assert session.last_activity_at == START + 3 * (limit - MINUTE)


def test_reading_of_two_sessions_has_an_interval_in_each_and_keeps_their_sum(desk_of, clock):
    desk = desk_of()
    pk = desk.open()
    clock.forward(5)
    desk.report(pk, active_s=200, idle_s=50)
    clock.forward(24 * 60)
    desk = desk_of()
    desk.post(pk, "open")
    clock.forward(4)
    desk.report(pk, active_s=100, idle_s=20)
    score_all(desk, pk)
    desk.submit(pk)
    reading = Reading.objects.get(pk=pk)
    first, second = SessionInterval.objects.filter(reading=pk).order_by("session__number")
    assert (first.active_ms, second.active_ms) == (200_000, 100_000)
    assert reading.active_ms == 300_000
    assert reading.idle_ms == first.idle_ms + second.idle_ms == 70_000
    assert (first.position, second.position) == (1, 1)
    assert first.submitted_at is None
    assert second.submitted_at == reading.submitted_at


def test_readings_are_numbered_within_the_session(desk_of, clock):
    desk = desk_of()
    for _ in range(2):
        desk.read()
        clock.forward(5)
    clock.forward(24 * 60)
    desk_of().read()
    positions = SessionInterval.objects.order_by("session__number", "position")
    assert list(positions.values_list("session__number", "position")) == [(1, 1), (1, 2), (2, 1)]


def test_repeated_requests_change_nothing(desk_of, clock):
    desk = desk_of()
    pk = desk.open()
    clock.forward(5)
    sent = {"change_id": str(uuid4()), "active_ms": 60_000, "idle_ms": 0}
    assert desk.client.post(f"/api/v1/readings/{pk}/time", sent).status_code == 200
    before = (sessions()[0].last_activity_at, SessionInterval.objects.get().active_ms)
    clock.forward(20)
    again = {**sent, "age_ms": 20 * 60_000}
    assert desk.client.post(f"/api/v1/readings/{pk}/time", again).status_code == 200
    assert (sessions()[0].last_activity_at, SessionInterval.objects.get().active_ms) == before
    score_all(desk, pk)
    sent = {"change_id": str(uuid4())}
    address = f"/api/v1/readings/{pk}/submit"
    assert desk.client.post(address, sent).status_code == 200
    clock.forward(24 * 60)
    late = desk_of()
    assert late.client.post(address, sent).status_code == 200
    assert len(sessions()) == 1


def test_another_browser_starts_a_session_and_ends_the_first(desk_of, clock):
    pk = desk_of().open()
    clock.forward(10)
    other = desk_of()
    other.post(pk, "open")
    first, second = sessions()
    assert (first.ended_by, first.ended_at) == ("other_sign_in", clock.now)
    assert (second.started_at, second.browser) == (clock.now, "Firefox 128")
    assert first.sign_in != second.sign_in
    assert other.client.session.session_key not in (first.sign_in, second.sign_in)


def test_signing_out_ends_the_session_of_this_browser(desk_of, clock, cast):
    desk = desk_of()
    pk = desk.open()
    clock.forward(6)
    # Another browser of the same person, without a session.
    desk_of().client.post("/accounts/logout/")
    assert sessions()[0].ended_at is None
    desk.client.post("/accounts/logout/")
    (session,) = sessions()
    assert (session.ended_at, session.ended_by) == (clock.now, "sign_out")
    clock.forward(1)
    desk_of().post(pk, "open")
    assert [row.ended_by for row in sessions()] == ["sign_out", ""]


def test_signing_out_by_get_asks_first_and_ends_nothing(desk_of):
    desk = desk_of()
    desk.open()
    assert desk.client.get("/accounts/logout/").status_code == 200
    assert sessions()[0].ended_at is None


def test_lock_ends_running_sessions_and_those_beyond_the_limit_with_their_last_activity(
    desk_of, clock, cast, client_of, limit
):
    desk_of().open()
    clock.now += 2 * limit
    Room(client_of(cast.other_reader.user), cast.study.slug).open()
    clock.forward(5)
    lock_study(study=cast.study, by=cast.coordinator)
    mine = ReadingSession.objects.get(reader=cast.reader)
    assert (mine.ended_at, mine.ended_by) == (START, "idle")
    other = ReadingSession.objects.get(reader=cast.other_reader)
    assert (other.ended_at, other.ended_by) == (clock.now, "lock")


def test_reading_opened_before_sessions_existed_gets_one_with_its_next_activity(desk_of, clock):
    desk = desk_of()
    pk = desk.open()
    SessionInterval.objects.all().delete()
    ReadingSession.objects.all().delete()
    clock.forward(2)
    desk.report(pk, idle_s=30)
    assert not sessions()
    desk.report(pk, active_s=30)
    (session,) = sessions()
    assert session.started_at == clock.now - timedelta(seconds=30)


def test_change_of_a_cell_needs_no_session_fields(desk_of):
    desk = desk_of()
    pk = desk.open()
    cell = f"/api/v1/readings/{pk}/cells/L1_anterior"
    assert desk.client.put(cell, change(score=1)).status_code == 200
