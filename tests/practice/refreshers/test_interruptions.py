"""Refreshers survive pauses, locks, exclusions and small practice sets."""

from __future__ import annotations

import pytest

from studies.cases.review import exclude_case
from studies.practice.models import PracticeCase, PracticeRound
from studies.practice.practice_set import add_case
from studies.readers.models import Membership
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import lock_study, pause_study, reopen_reading
from tests.make import make_case
from tests.practice.refreshers.people import is_refresher, read_kinds, set_up_refreshers
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


def test_open_refresher_survives_reload_pause_and_deactivation(room, cast):
    read_kinds(room, 2)
    pk = room.open()
    room.put(pk, "L1_anterior", score=3)
    pause_study(study=cast.study, by=cast.coordinator)
    assert room.put(pk, "L2_anterior", score=1).json()["error"]["code"] == "study_closed"
    assert room.status()["waiting"]["code"] == "paused"
    type(cast.study).objects.update(state="open")
    Membership.objects.filter(pk=cast.reader.pk).update(active=False)
    assert room.put(pk, "L2_anterior", score=1).status_code == 404
    Membership.objects.filter(pk=cast.reader.pk).update(active=True)
    current = room.status()["current"]
    assert (current["id"], current["state"]) == (pk, "open")
    assert current["cells"]["L1_anterior"]["score"] == 3


def test_nothing_is_saved_in_a_refresher_after_the_lock(room, cast):
    read_kinds(room, 2)
    pk = room.open()
    lock_study(study=cast.study, by=cast.coordinator)
    assert room.put(pk, "L1_anterior", score=1).json()["error"]["code"] == "study_locked"
    assert room.submit(pk).status_code == 409
    assert room.status()["waiting"]["code"] == "locked"


def test_reopened_reading_is_finished_first_and_brings_no_second_refresher(room, cast):
    first = room.read()
    room.read()
    reopen_reading(reading=Reading.objects.get(pk=first), by=cast.coordinator, reason="slip")
    assert room.status()["current"]["id"] == first
    assert room.submit(first).status_code == 200
    assert read_kinds(room, 5) == "rssrs"


def test_excluded_case_still_counts_as_read(room, cast):
    first = room.read()
    exclude_case(case=Reading.objects.get(pk=first).case, actor=cast.coordinator, reason="wrong")
    assert read_kinds(room, 3) == "srs"


def test_empty_practice_set_never_stops_a_reader(room, cast):
    type(cast.study).objects.update(refresher_cases=1)
    PracticeCase.objects.update(active=False)
    assert read_kinds(room, 5) == "sssss"
    assert not PracticeRound.objects.refreshers().exists()


def test_small_practice_set_gives_a_shorter_refresher(cast, client_of):
    set_up_refreshers(cast, phantoms=2, cases=2)
    cast.assign_cases(3)
    PracticeCase.objects.filter(number=2).update(active=False)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    assert read_kinds(room, 4) == "ssrs"


def test_refresher_ends_when_its_last_case_is_excluded(cast, client_of):
    case = make_case(cast.study, cast.site)
    grades = dict.fromkeys(["L1_posterior", "L1_anterior"], 1)
    grades |= {f"L{level}_{wall}": 0 for level in (2, 3, 4) for wall in ("posterior", "anterior")}
    add_case(case=case, by=cast.coordinator, grades=grades, source="consensus")
    set_up_refreshers(cast, phantoms=0)
    cast.assign_cases(4)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    read_kinds(room, 2)
    pk = room.open()
    assert is_refresher(pk)
    exclude_case(case=case, actor=cast.coordinator, reason="wrong image")
    assert room.put(pk, "L1_anterior", score=1).json()["error"]["code"] == "case_excluded"
    assert read_kinds(room, 2) == "ss"


def test_two_windows_draw_one_refresher(room, cast, client_of):
    read_kinds(room, 1)
    other = Room(client_of(cast.reader.user), cast.study.slug)
    assert room.status()["next"] == other.status()["next"]
    assert PracticeRound.objects.refreshers().count() == 1
