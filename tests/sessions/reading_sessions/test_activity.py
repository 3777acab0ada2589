"""When reading sessions start, continue and end, through the API of the reading room."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.sessions.models import Reading, ReadingSession, SessionInterval
from studies.sessions.reading_sessions.activity import (
    UNKNOWN_CLIENT,
    idle_limit,
    record_activity,
)
from studies.sessions.study_lifecycle import lock_study
from tests.sessions.reading_room import Room, change
from tests.sessions.test_scoring import in_other_window

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
MINUTE = timedelta(minutes=1)
SMALL = {"viewport_width": 1000, "viewport_height": 700, "device_pixel_ratio": 2}
LARGE = {"viewport_width": 1920, "viewport_height": 1000, "device_pixel_ratio": 1}


class Clock:
    """The server's time, which a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


class Desk(Room):
    """The reading room in one browser of the cast's reader."""

    def post(self, pk: str, action: str, **values: Any) -> Any:
        sent = {"change_id": str(uuid4()), **values} if action != "open" else values
        answer = self.client.post(f"/api/v1/readings/{pk}/{action}", sent)
        assert answer.status_code == 200, answer.content
        return answer

    def report(self, pk: str, *, active_s: float = 0, idle_s: float = 0, **values: Any) -> Any:
        sent = {"active_ms": round(active_s * 1000), "idle_ms": round(idle_s * 1000), **values}
        return self.post(pk, "time", **sent)


@pytest.fixture
def clock(monkeypatch: Any) -> Iterator[Clock]:
    moved = Clock()
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def limit(settings: Any) -> timedelta:
    settings.SESSION_COOKIE_AGE = 3600
    assert idle_limit() == timedelta(hours=1)
    return idle_limit()


@pytest.fixture
def desk_of(cast: Any, client_of: Any, clock: Clock, limit: timedelta) -> Any:
    cast.assign_cases(4)

    def make() -> Desk:
        # A new sign-in whenever the test needs one, as after its expiry.
        client = client_of(cast.reader.user)
        client.credentials(HTTP_USER_AGENT=FIREFOX)
        return Desk(client, cast.study.slug)

    return make


def sessions() -> list[ReadingSession]:
    return list(ReadingSession.objects.order_by("number"))


def score_all(desk: Desk, pk: str) -> None:
    for cell in CELLS:
        assert desk.put(pk, cell, score=1).status_code == 200


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


def test_report_without_activity_neither_starts_nor_continues_a_session(desk_of, clock, limit):
    desk = desk_of()
    pk = desk.open()
    clock.forward(30)
    desk.report(pk, idle_s=1700)
    assert sessions()[0].last_activity_at == START
    clock.now = START + 3 * limit
    desk_of().report(pk, idle_s=3600)
    (session,) = sessions()
    assert session.last_activity_at == START
    assert session.intervals.get().idle_ms == 5_300_000


def test_delayed_report_extends_the_session_in_which_it_was_measured(desk_of, clock, limit):
    """The connection was lost after 10 minutes; the reader signs in again the next day."""
    desk = desk_of()
    pk = desk.open()
    clock.forward(10)
    desk.report(pk, active_s=500)
    measured_at = START + 20 * MINUTE
    clock.now = START + timedelta(days=1)
    next_day = desk_of()
    next_day.report(
        pk, active_s=100, age_ms=round((clock.now - measured_at).total_seconds() * 1000)
    )
    (session,) = sessions()
    assert session.last_activity_at == measured_at
    next_day.post(pk, "open")
    first, second = sessions()
    assert (first.ended_at, first.ended_by) == (measured_at, "idle")
    assert second.started_at == clock.now


def test_delayed_report_that_arrives_after_the_next_session_started_still_finds_its_own(
    desk_of, clock
):
    pk = desk_of().open()
    measured_at = START + 20 * MINUTE
    clock.now = START + timedelta(days=1)
    next_day = desk_of()
    next_day.post(pk, "open")
    next_day.report(
        pk, active_s=100, age_ms=round((clock.now - measured_at).total_seconds() * 1000)
    )
    first, second = sessions()
    assert first.last_activity_at == first.ended_at == measured_at
    assert second.started_at == second.last_activity_at == clock.now
    assert first.intervals.get().active_ms == 100_000


def test_delayed_report_of_no_session_changes_none_but_keeps_its_time(desk_of, clock, limit):
    pk = desk_of().open()
    measured_at = START + 5 * limit
    clock.now = START + timedelta(days=2)
    next_day = desk_of()
    next_day.report(
        pk, active_s=100, age_ms=round((clock.now - measured_at).total_seconds() * 1000)
    )
    (session,) = sessions()
    assert session.last_activity_at == START
    assert session.intervals.get().active_ms == Reading.objects.get(pk=pk).active_ms == 100_000


def test_delay_of_a_whole_year_or_more_is_rejected_and_negative_too(desk_of):
    desk = desk_of()
    pk = desk.open()
    for age_ms in (-1, 366 * 24 * 3600 * 1000):
        sent = {"change_id": str(uuid4()), "active_ms": 1, "idle_ms": 0, "age_ms": age_ms}
        assert desk.client.post(f"/api/v1/readings/{pk}/time", sent).status_code == 400


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


def test_report_measured_before_signing_out_does_not_continue_the_session(desk_of, clock):
    desk = desk_of()
    pk = desk.open()
    clock.forward(6)
    desk.client.post("/accounts/logout/")
    ended_at = clock.now
    clock.forward(20)
    desk_of().report(pk, active_s=60, age_ms=21 * 60_000)
    (session,) = sessions()
    assert (session.ended_at, session.last_activity_at) == (ended_at, START)
    assert session.intervals.get().active_ms == 60_000


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


def test_smallest_viewport_of_the_session_is_kept(desk_of, clock):
    desk = desk_of()
    pk = desk.status()["current"]["id"]
    desk.post(pk, "open", **LARGE)
    clock.forward(1)
    desk.report(pk, active_s=30, **SMALL)
    clock.forward(1)
    desk.report(pk, active_s=30, **LARGE)
    (session,) = sessions()
    assert (session.viewport_width, session.viewport_height) == (1000, 700)
    assert session.device_pixel_ratio == 2


def test_invalid_viewport_is_rejected(desk_of):
    desk = desk_of()
    pk = desk.open()
    for wrong in ({"viewport_width": 0}, {"viewport_height": -3}, {"device_pixel_ratio": 0}):
        sent = {"change_id": str(uuid4()), "active_ms": 1, "idle_ms": 0, **wrong}
        assert desk.client.post(f"/api/v1/readings/{pk}/time", sent).status_code == 400


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


def test_queries_of_the_reading_path_do_not_grow_with_sessions(desk_of, clock, cast):
    desk = desk_of()
    pk = desk.open()

    def queries() -> int:
        # Less than the interval in which the sign-in session is renewed.
        clock.forward(0.1)
        with CaptureQueriesContext(connection) as captured:
            desk.report(pk, active_s=20)
        return len(captured)

    queries()
    few = queries()
    ReadingSession.objects.update(number=100)
    ended = {"last_activity_at": START, "ended_at": START, "ended_by": "idle"}
    ReadingSession.objects.bulk_create(
        ReadingSession(reader=cast.reader, number=number, started_at=START, **ended)
        for number in range(1, 40)
    )
    assert queries() == few


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_activity_at": START - MINUTE},
        {"ended_at": START - MINUTE, "ended_by": "idle"},
        {"ended_at": START},
        {"ended_by": "idle"},
        {"viewport_width": 100},
        {"device_pixel_ratio": 0},
    ],
)
def test_database_rejects_impossible_sessions(cast, wrong):
    values = {"reader": cast.reader, "number": 1, "started_at": START, "last_activity_at": START}
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingSession.objects.create(**values | wrong)
    ReadingSession.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingSession.objects.create(**values | {"number": 2})


def test_change_of_a_cell_needs_no_session_fields(desk_of):
    desk = desk_of()
    pk = desk.open()
    cell = f"/api/v1/readings/{pk}/cells/L1_anterior"
    assert desk.client.put(cell, change(score=1)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_start_a_session_at_once_share_it(cast):
    cast.assign_cases(2)
    first, second = Reading.objects.filter(reading_list__reader=cast.reader).in_order()[:2]

    def work_on(reading: Reading) -> None:
        with transaction.atomic():
            record_activity(reading=reading, client=UNKNOWN_CLIENT, now=timezone.now())

    with ThreadPoolExecutor() as executor:
        with transaction.atomic():
            work_on(first)
            waiting = in_other_window(executor, lambda: work_on(second))
        waiting.result()
    (session,) = sessions()
    assert [interval.reading for interval in session.intervals.all()] == [first, second]
