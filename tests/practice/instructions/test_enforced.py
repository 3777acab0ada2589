"""No case is served before the reader has acknowledged the current instructions."""

from __future__ import annotations

import pytest

from studies.practice.instructions.versions import save_instructions
from studies.sessions import queue
from studies.sessions.models import Reading
from tests.practice.people import Trainee, set_up_practice
from tests.practice.refreshers.people import is_refresher, read_kinds, set_up_refreshers
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


def write(cast, text="Read this.", **arm_texts):
    save_instructions(
        study=cast.study,
        by=cast.coordinator,
        text=text,
        arm_texts=arm_texts,
        reason="Clearer wording",
    )


def acknowledge(room, cast, version, part):
    address = f"/api/v1/studies/{cast.study.slug}/instructions/acknowledge"
    answer = room.client.post(address, {"version": version, "part": part})
    assert answer.status_code == 200


@pytest.fixture
def room(cast, client_of):
    write(cast, unguided="No guides.", guided="Guides may be wrong.")
    cast.assign_cases(3)
    return Room(client_of(cast.reader.user), cast.study.slug)


def test_case_is_refused_until_both_parts_are_acknowledged(room, cast):
    arm = cast.reader.reading_lists.get(period=1).arm
    status = room.status()
    assert (status["current"], status["next"]) == (None, None)
    assert status["waiting"]["code"] == "instructions"
    assert status["waiting"]["parts"] == ["study", arm]
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    opened = room.client.post(f"/api/v1/readings/{mine.pk}/open")
    assert opened.status_code == 409
    assert opened.json()["error"]["code"] == "instructions"
    for path in ("", "/pixels", "/guides"):
        assert room.client.get(f"/api/v1/readings/{mine.pk}{path}").status_code == 404
    acknowledge(room, cast, 1, "study")
    assert room.status()["waiting"]["parts"] == [arm]
    acknowledge(room, cast, 1, arm)
    assert room.open() == str(mine.pk)


def test_part_of_the_second_arm_is_asked_when_that_arm_begins(room, cast, monkeypatch):
    first, second = (reading_list.arm for reading_list in cast.reader.reading_lists.all())
    for part in ("study", first):
        acknowledge(room, cast, 1, part)
    monkeypatch.setattr(queue, "find_turn", without_washout(queue.find_turn))
    for _ in range(3):
        room.read()
    assert room.status()["waiting"]["parts"] == [second]
    acknowledge(room, cast, 1, second)
    assert room.status()["current"]["arm"] == second


def without_washout(find_turn):
    def find(*arguments, washout, **options):
        return find_turn(*arguments, washout=washout * 0, **options)

    return find


def test_open_case_may_be_finished_when_a_new_version_appears(room, cast):
    arm = cast.reader.reading_lists.get(period=1).arm
    for part in ("study", arm):
        acknowledge(room, cast, 1, part)
    pk = room.open()
    write(cast, text="Read this as well.")
    status = room.status()
    assert status["current"]["id"] == pk
    assert status["next"] is None
    room.read()
    assert room.status()["waiting"]["parts"] == ["study"]
    acknowledge(room, cast, 2, "study")
    room.read()


def test_certification_case_is_refused_as_well(cast, client_of):
    write(cast)
    set_up_practice(cast, phantoms=2, cases=2)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    practice_round = trainee.begin("certification")
    status = trainee.status(practice_round)
    assert status["current"] is None
    assert (status["waiting"]["code"], status["waiting"]["parts"]) == ("instructions", ["study"])
    acknowledge(trainee, cast, 1, "study")
    trainee.open(practice_round)


def test_refresher_waits_for_new_instructions_unless_it_is_open(cast, client_of):
    set_up_refreshers(cast)
    cast.assign_cases(4)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    read_kinds(room, 2)
    pk = room.status()["current"]["id"]
    assert is_refresher(pk)
    write(cast)
    assert room.status()["waiting"]["code"] == "instructions"
    opened = room.client.post(f"/api/v1/readings/{pk}/open")
    assert opened.json()["error"]["code"] == "instructions"
    acknowledge(room, cast, 1, "study")
    room.open()
    write(cast, text="Again.")
    assert room.status()["current"]["id"] == pk
    room.read()
    assert room.status()["waiting"]["code"] == "instructions"


def test_reader_starts_reading_from_the_home_page_to_see_the_instructions(room):
    assert "Start reading" in room.client.get("/").content.decode()
