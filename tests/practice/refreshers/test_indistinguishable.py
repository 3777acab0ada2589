"""Revision, AAC-8, display checks and announcements do not reveal a refresher."""

from __future__ import annotations

from typing import Any

import pytest

from studies.analytics.scale import AAC8_CELLS, CELLS
from studies.practice.instructions.versions import save_instructions
from studies.practice.models import PracticeReading, PracticeRound
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import reopen_reading
from tests.make import Cast
from tests.practice.refreshers.people import is_refresher, read_kinds, set_up_refreshers
from tests.sessions.display.test_checks import send_check
from tests.sessions.reading_room import Room

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def make_room(client_of: Any, cases: int = 4, **design: Any) -> tuple[Cast, Room]:
    """The room of a reader with one practice case after every two study readings."""
    cast = Cast(**design)
    set_up_refreshers(cast)
    cast.assign_cases(cases)
    return cast, Room(client_of(cast.reader.user), cast.study.slug)


def code(answer: Any) -> str:
    assert answer.status_code == 409, answer.json()
    return str(answer.json()["error"]["code"])


def revise(room: Room, pk: str, **body: Any) -> Any:
    return room.client.post(f"/api/v1/readings/{pk}/revise", body)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("never", "revision_not_allowed"), ("session", "session_over"), ("period", "period_complete")],
)
def test_revision_of_a_refresher_is_refused_for_a_reason_of_study_readings(
    client_of, rule, expected
):
    cast, room = make_room(client_of, revision_rule=rule)
    read_kinds(room, 2)
    pk = room.open()
    assert is_refresher(pk)
    unsubmitted = "revision_not_allowed" if rule == "never" else "not_submitted"
    assert code(revise(room, pk)) == unsubmitted
    room.read()
    assert code(revise(room, pk)) == expected
    assert revise(room, pk, viewport_width="wide").status_code == 400
    assert PracticeReading.objects.get(pk=pk).state == "submitted"
    for person in (cast.other_reader.user, cast.coordinator, cast.statistician, cast.outsider):
        answer = client_of(person).post(f"/api/v1/readings/{pk}/revise")
        assert answer.status_code == 404


def test_revising_a_reading_neither_skips_nor_repeats_a_refresher(client_of):
    _, room = make_room(client_of, revision_rule="session")
    first = room.read()
    assert not is_refresher(room.read())
    refresher = room.open()
    assert is_refresher(refresher)
    before = room.status()["progress"]
    assert revise(room, first).status_code == 200
    status = room.status()
    assert (status["current"]["id"], status["next"]["id"]) == (first, refresher)
    assert status["progress"] == before
    assert room.submit(first).json()["next"] == refresher
    assert room.status()["current"]["id"] == refresher
    assert room.read() == refresher
    assert read_kinds(room, 2) == "ss"
    assert PracticeRound.objects.refreshers().count() == 1


def test_coordinators_find_a_reading_by_the_number_that_its_reader_saw(client_of):
    cast, room = make_room(client_of)
    assert read_kinds(room, 3) == "ssr"
    shown = room.status()["progress"]["read"] + 1
    pk = room.read()
    assert not is_refresher(pk)
    reading = Reading.objects.get(pk=pk)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/progress").content.decode()
    (option,) = [text for text in page.split("<option")[1:] if pk in text]
    assert (shown, reading.name) == (4, "reading 3, period 1")
    assert "R01: number 4, reading 3, period 1" in option
    assert "Ask the reader for the number on the screen" in page
    reopen_reading(reading=reading, by=cast.coordinator, reason="slip")
    room.submit(room.open())
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/progress").content.decode()
    assert "R01: number 4, reading 3, period 1" in page


def test_home_page_names_no_reading_that_a_refresher_may_precede(client_of):
    _, room = make_room(client_of, revision_rule="session")
    first, _ = room.read(), room.read()
    assert is_refresher(room.open())
    assert "Next: reading" not in room.client.get("/").content.decode()
    revise(room, first)
    assert "Next: reading 1, period 1 (being revised)" in room.client.get("/").content.decode()


def test_reader_cannot_start_a_refresher(client_of):
    cast, room = make_room(client_of)
    address = f"/studies/{cast.study.slug}/practice/start/refresher"
    for _ in range(2):
        assert room.client.post(address).status_code == 404
        read_kinds(room, 2)
    assert PracticeRound.objects.refreshers().count() == 1


def test_refresher_asks_for_aac8_as_the_study_readings_do(client_of):
    _, room = make_room(client_of, scores="aac24_aac8")
    answers = []
    for _ in range(3):
        pk = room.open()
        current = room.status()["current"]
        for cell in CELLS:
            room.put(pk, cell, score=1)
        refused = room.submit(pk)
        saved = [room.put(pk, cell, score=4).json() for cell in AAC8_CELLS]
        shown = room.status()["current"]["aac8"]
        answers.append((current["aac8"], refused.json()["error"]["message"], saved, shown))
        assert room.submit(pk).status_code == 200
    assert is_refresher(pk)
    assert answers[0] == answers[1] == answers[2]
    assert PracticeRound.objects.refreshers().get().exact is not None


def test_refresher_refuses_aac8_as_the_study_readings_do(client_of):
    _, room = make_room(client_of)
    first = room.put(room.open(), "all_anterior", score=1)
    read_kinds(room, 2)
    pk = room.open()
    assert is_refresher(pk)
    second = room.put(pk, "all_anterior", score=1)
    assert code(first) == code(second) == "aac8_not_scored"
    assert room.put(pk, "L5_anterior", score=1).status_code == 404


def test_session_without_a_required_display_check_opens_no_refresher(client_of):
    cast, room = make_room(client_of, display_check="required")
    assert send_check(room).json()["passed"]
    read_kinds(room, 2)
    pk = room.status()["current"]["id"]
    assert is_refresher(pk)
    other = Room(client_of(cast.reader.user), cast.study.slug)
    assert code(other.client.post(f"/api/v1/readings/{pk}/open")) == "display_check"
    assert send_check(other).json()["passed"]
    assert other.open() == pk


def test_refresher_waits_for_the_announcement_of_its_period(client_of):
    cast, room = make_room(client_of, washout_days=0)
    assert read_kinds(room, 6) == "ssrsss"
    opened = Reading.objects.exclude(opened_at=None).latest("opened_at")
    earlier = Reading.objects.filter(
        reading_list__reader=cast.reader, reading_list__period=1
    ).exclude(case=opened.case)
    reopened = earlier.in_order().first()
    reopen_reading(reading=reopened, by=cast.coordinator, reason="a slip")
    assert room.open() == str(reopened.pk)
    assert room.submit(reopened.pk).status_code == 200
    status = room.status()
    assert status["announcement"]["period"] == 2
    pk = status["current"]["id"]
    assert is_refresher(pk)
    assert code(room.client.post(f"/api/v1/readings/{pk}/open")) == "period_not_acknowledged"
    assert room.open() == pk
    assert room.status()["announcement"] is None


def test_open_refresher_keeps_scores_and_arm_while_readings_of_period_1_are_reopened(client_of):
    cast, room = make_room(client_of, washout_days=0)
    assert read_kinds(room, 6) == "ssrsss"
    refresher = room.open()
    assert is_refresher(refresher)
    room.put(refresher, "L1_anterior", score=3)
    before = PracticeReading.objects.get(pk=refresher)
    opened = Reading.objects.exclude(opened_at=None).latest("opened_at")
    earlier = Reading.objects.filter(
        reading_list__reader=cast.reader, reading_list__period=1
    ).exclude(case=opened.case)
    first, second = earlier.in_order()[:2]
    for reading in (first, second):
        reopen_reading(reading=reading, by=cast.coordinator, reason="a slip")
    for reading, following in ((first, str(second.pk)), (second, None)):
        status = room.status()
        assert status["next"] == (following and {"id": following})
        assert room.open() == str(reading.pk)
        assert room.submit(reading.pk).status_code == 200
    assert room.open() == refresher
    after = PracticeReading.objects.get(pk=refresher)
    assert (after.cells, after.round.arm) == (before.cells, before.round.arm)


def test_open_refresher_keeps_its_position_when_new_instructions_appear(client_of):
    cast, room = make_room(client_of)
    read_kinds(room, 2)
    pk = room.open()
    before = room.status()["current"]
    save_instructions(
        study=cast.study,
        by=cast.coordinator,
        text="Read this.",
        arm_texts={},
        reason="Clearer wording",
    )
    status = room.status()
    assert (status["current"], status["next"]) == (before, None)
    assert room.read() == pk
    assert room.status()["waiting"]["code"] == "instructions"
