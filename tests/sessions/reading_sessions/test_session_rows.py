"""Rows of reading sessions: the viewport, constraints of the database, and concurrent requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.sessions.models import Reading, ReadingSession
from studies.sessions.reading_sessions.activity import record_activity
from studies.sessions.reading_sessions.client import UNKNOWN_CLIENT
from tests.sessions.reading_sessions.desk import MINUTE, START, sessions
from tests.sessions.test_scoring import in_other_window

pytestmark = pytest.mark.django_db

SMALL = {"viewport_width": 1000, "viewport_height": 700, "device_pixel_ratio": 2}
LARGE = {"viewport_width": 1920, "viewport_height": 1000, "device_pixel_ratio": 1}


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
