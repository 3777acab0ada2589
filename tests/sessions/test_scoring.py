"""Saving one score: its queries, its errors, and two windows at the same moment."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from studies.errors import Conflict, NotFound, StudyError
from studies.sessions.models import Change, Reading, Score
from studies.sessions.reading.actions import open_reading
from studies.sessions.scoring import save_cell
from studies.sessions.study_lifecycle import pause_study
from tests.sessions.reading_room import Room, change


@pytest.fixture
def open_reading_of_cast(cast: Any) -> Reading:
    cast.assign_cases(1)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    return open_reading(user=cast.reader.user, pk=reading.pk)


def save(cast: Any, reading: Reading, cell: str, **values: Any) -> dict[str, Any]:
    sent = {"change_id": uuid4(), "version": 0, **values}
    return save_cell(user=cast.reader.user, pk=reading.pk, cell=cell, **sent)


@pytest.mark.django_db
def test_score_takes_five_queries_and_neither_images_nor_landmarks(cast, client_of):
    cast.assign_cases(2)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    pk = room.open()
    room.put(pk, "L1_anterior", score=1)
    with CaptureQueriesContext(connection) as captured:
        assert room.put(pk, "L2_anterior", score=2).status_code == 200
    queries = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    # Sign-in session, person, locks, what is stored, what is written.
    assert len(queries) == 5, queries
    assert not [sql for sql in queries if "cases_image" in sql or "landmarkset" in sql]
    assert not [sql for sql in queries if sql.startswith("UPDATE")]


@pytest.mark.django_db
def test_reading_of_another_person_is_not_found_whatever_is_sent(cast, client_of):
    cast.assign_cases(1)
    pk = Room(client_of(cast.reader.user), cast.study.slug).open()
    cell = f"/api/v1/readings/{pk}/cells/L1_anterior"
    mine, other = client_of(cast.reader.user), client_of(cast.other_reader.user)
    for body in ("{", "[]", '{"score": 9}', '{"text": "\\u0000"}', '"' + 300_000 * "a" + '"'):
        refused = mine.put(cell, body, content_type="application/json")
        assert refused.status_code in {400, 413}, body[:20]
        hidden = other.put(cell, body, content_type="application/json")
        assert hidden.status_code == 404, body[:20]
    assert other.put(cell, change(score=1)).status_code == 404
    assert not Score.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        {"score": 4},
        {"score": -1},
        {"score": 1, "validity": 3},
        {"validity": 0},
        {"validity": 2},
        {"validity": 6, "reason": "x" * 201},
    ],
)
def test_invalid_cell_is_rejected_before_it_reaches_the_database(
    cast, open_reading_of_cast, values
):
    with pytest.raises(StudyError) as error:
        save(cast, open_reading_of_cast, "L1_anterior", **values)
    assert error.value.code == "invalid"
    assert not Change.objects.exists()


@pytest.mark.django_db
def test_reader_who_was_deactivated_cannot_save(cast, open_reading_of_cast):
    cast.study.memberships.filter(pk=cast.reader.pk).update(active=False)
    with pytest.raises(NotFound):
        save(cast, open_reading_of_cast, "L1_anterior", score=1)


@pytest.mark.django_db
def test_cells_are_counted_once_whichever_way_they_change(cast, open_reading_of_cast):
    steps = [
        ("L1_anterior", {"score": 1}, 1),
        ("L1_anterior", {"score": 2, "version": 1}, 1),
        ("L2_anterior", {"validity": 6, "reason": "fusion"}, 2),
        ("L1_anterior", {"version": 2}, 1),
        ("L1_anterior", {"score": 0, "version": 3}, 2),
    ]
    for cell, values, scored in steps:
        answer = save(cast, open_reading_of_cast, cell, **values)
        assert answer["reading"] == {"state": "open", "scored": scored, "complete": False}
    assert Change.objects.count() == len(steps)
    assert Score.objects.count() == 2


def in_other_window(executor: ThreadPoolExecutor, call: Any) -> Future[Any]:
    """Start the call on a separate connection; return once it waits for a row lock."""

    def run() -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    future = executor.submit(run)
    deadline = time.monotonic() + 30
    while not future.done() and not _waiting() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not future.done(), "did not wait for the lock"
    return future


def _waiting() -> bool:
    with connection.cursor() as cursor:
        # A transaction otherwise sees the activity of its first look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_window_that_waited_sees_what_the_other_has_saved(cast, open_reading_of_cast):
    reading, again = open_reading_of_cast, uuid4()
    with ThreadPoolExecutor() as executor:
        with transaction.atomic():
            first = save(cast, reading, "L1_anterior", score=1, change_id=again)
            same, other, stale = (
                in_other_window(executor, lambda values=values: save(cast, reading, **values))
                for values in (
                    {"cell": "L1_anterior", "score": 1, "change_id": again},
                    {"cell": "L2_anterior", "score": 2},
                    {"cell": "L1_anterior", "score": 3},
                )
            )
        assert same.result(30) == first
        assert other.result(30)["reading"]["scored"] == 2
        with pytest.raises(Conflict) as refused:
            stale.result(30)
    assert refused.value.extra["cell"] == first["cell"]
    assert Change.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_score_that_waited_while_the_study_was_paused_is_refused(cast, open_reading_of_cast):
    with ThreadPoolExecutor() as executor:
        with transaction.atomic():
            pause_study(study=cast.study, by=cast.coordinator)
            late = in_other_window(
                executor, lambda: save(cast, open_reading_of_cast, "L1_anterior", score=1)
            )
        with pytest.raises(Conflict) as refused:
            late.result(30)
    assert refused.value.code == "study_closed"
    assert not Score.objects.exists()
