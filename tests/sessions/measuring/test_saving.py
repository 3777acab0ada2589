"""Saving the traces of a measured reading through the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pgtrigger
import pytest

from studies.cases.models import LandmarkSet
from studies.protocol.models import Arm
from studies.sessions.models import Change, Measurement, Reading
from studies.sessions.study_lifecycle import lock_study, pause_study
from tests.make import Cast
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db

# Images are 80 x 128 pixels of 2.5 mm: levels of 20 rows are 50 mm high.
LINES = [[[10, y], [70, y]] for y in (10, 30, 50, 70, 90)]
GUIDES = [
    {"name": name, "kind": "guide", "posterior": [10, y], "anterior": [40, y], "end": [70, y]}
    for name, y in zip(
        ("T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5"), range(10, 91, 20), strict=True
    )
]
TRACE = {"wall": "anterior", "points": [[60, 25], [60, 45]]}


def play(arm: str, client_of: Any) -> tuple[Cast, Room, str]:
    """An open study with one arm; the reading that Rita has opened."""
    cast = Cast(arms=[arm])
    cast.assign_cases()
    # Landmark sets never change; these have only one of their guides.
    with pgtrigger.ignore("cases.LandmarkSet:never_changed"):
        LandmarkSet.objects.update(guides=GUIDES)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    return cast, room, room.open()


def send(room: Room, pk: str, **values: Any) -> Any:
    sent = {"change_id": str(uuid4()), "version": 0, "traces": [TRACE], "boundaries": []}
    return room.client.put(f"/api/v1/readings/{pk}/traces", {**sent, **values})


def test_guides_divide_the_traces_into_levels(client_of):
    _, room, pk = play("guided measured", client_of)
    answer = send(room, pk)
    assert answer.status_code == 200, answer.content
    results = answer.json()["measurement"]["results"]
    assert results["unit"] == "mm"
    assert results["cells"]["L1_anterior"] == {"calcified": 12.5, "wall": 50, "grade": 1}
    assert results["cells"]["L2_anterior"] == {"calcified": 37.5, "wall": 50, "grade": 3}
    assert results["cells"]["L2_posterior"]["grade"] == 0
    assert results["aac8"] == {"posterior": 0, "anterior": 1}


def test_boundaries_of_the_reader_divide_the_traces_without_guides(client_of):
    _, room, pk = play("measured", client_of)
    unset = send(room, pk).json()["measurement"]
    assert unset["results"]["cells"]["L2_anterior"]["grade"] is None
    assert unset["results"]["cells"]["L2_posterior"]["grade"] == 0
    results = send(room, pk, version=1, boundaries=LINES).json()["measurement"]["results"]
    assert results["cells"]["L2_anterior"] == {"calcified": 37.5, "wall": 50, "grade": 3}


def test_stored_traces_are_part_of_the_reading(client_of):
    _, room, pk = play("measured", client_of)
    assert room.status()["current"]["measurement"] == {
        "traces": [],
        "boundaries": [],
        "results": None,
        "version": 0,
    }
    sent = send(room, pk, boundaries=[*LINES[:4], None]).json()["measurement"]
    shown = room.status()["current"]
    assert shown["measurement"] == sent
    assert (sent["version"], sent["traces"]) == (1, [TRACE])
    assert sent["boundaries"] == [*LINES[:4], None]
    assert not shown["guides_allowed"]


@pytest.mark.parametrize("arm", ["unguided", "guided"])
def test_other_arms_take_no_traces(arm, client_of):
    _, room, pk = play(arm, client_of)
    answer = send(room, pk)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_measured")
    assert room.status()["current"]["measurement"] is None


def test_arm_without_guides_reaches_nothing_of_the_models_output(client_of):
    _, room, pk = play("measured", client_of)
    send(room, pk, boundaries=LINES)
    assert room.client.get(f"/api/v1/readings/{pk}/guides").status_code == 404
    shown = str(room.status()) + str(room.client.get(f"/api/v1/readings/{pk}").json())
    for secret in ("test-model", "T12", "landmark", "crop", "uncertain", "lordosis"):
        assert secret not in shown
    assert (
        room.client.post(
            f"/api/v1/readings/{pk}/time",
            {"change_id": str(uuid4()), "active_ms": 10, "idle_ms": 0, "guides_ms": 10},
        ).status_code
        == 200
    )
    assert Reading.objects.get(pk=pk).guides_ms == 0


def test_boundaries_are_rejected_where_guides_divide_the_levels(client_of):
    _, room, pk = play("guided measured", client_of)
    assert send(room, pk, boundaries=LINES).json()["error"]["code"] == "invalid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"traces": [{"wall": "lateral", "points": [[1, 1], [2, 2]]}]},
        {"traces": [{"wall": "anterior", "points": [[1, 1]]}]},
        {"traces": [{"wall": "anterior", "points": [[1, 1], [1, 2, 3]]}]},
        {"traces": [{"wall": "anterior", "points": [[1, 1], [80, 2]]}]},
        {"traces": [{"wall": "anterior", "points": [[-1, 1], [8, 2]]}]},
        {"traces": [TRACE] * 101},
        {"traces": [{"wall": "anterior", "points": [[1, 1]] * 4001}]},
        {"traces": [{"wall": "anterior", "points": [[1, 1]] * 2100}] * 2},
        {"boundaries": LINES[:4]},
        {"boundaries": [*LINES[:4], [[1, 1]]]},
        {"boundaries": [*LINES[:4], [[1, 1], [1, 500]]]},
        {"traces": "none"},
        {"version": -1},
    ],
)
def test_invalid_traces_are_rejected_and_nothing_is_stored(wrong, client_of):
    _, room, pk = play("measured", client_of)
    answer = send(room, pk, **wrong)
    assert answer.status_code == 400, answer.content
    assert not Measurement.objects.exists()
    assert not Change.objects.filter(kind="traces").exists()


def test_older_version_gets_the_stored_traces(client_of):
    _, room, pk = play("guided measured", client_of)
    send(room, pk)
    stale = send(room, pk, traces=[])
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "stale")
    assert stale.json()["measurement"]["traces"] == [TRACE]
    assert stale.json()["measurement"]["version"] == 1
    assert send(room, pk, traces=[], version=1).json()["measurement"]["version"] == 2


def test_repeated_change_gets_its_answer_and_changes_nothing(client_of):
    cast, room, pk = play("guided measured", client_of)
    change_id = str(uuid4())
    first = send(room, pk, change_id=change_id)
    send(room, pk, traces=[], version=1)
    pause_study(study=cast.study, by=cast.coordinator)
    again = send(room, pk, change_id=change_id)
    assert (again.status_code, again.json()) == (200, first.json())
    assert Measurement.objects.get().traces == []
    other = send(room, pk, change_id=change_id, traces=[])
    assert other.json()["error"]["code"] == "change_id_reused"


def test_every_version_of_the_traces_is_kept(client_of):
    _, room, pk = play("guided measured", client_of)
    send(room, pk)
    send(room, pk, traces=[], version=1)
    versions = [change.value["traces"] for change in Change.objects.filter(kind="traces")]
    assert versions == [[TRACE], []]


def test_nothing_is_saved_after_submission_or_lock(client_of):
    cast, room, pk = play("guided measured", client_of)
    for cell in room.status()["current"]["cells"]:
        room.put(pk, cell, score=0)
    assert room.submit(pk).status_code == 200
    assert send(room, pk).json()["error"]["code"] == "submitted"
    lock_study(study=cast.study, by=cast.coordinator)
    assert send(room, pk).json()["error"]["code"] == "study_locked"


def test_submission_needs_a_decision_on_every_cell(client_of):
    _, room, pk = play("guided measured", client_of)
    send(room, pk)
    assert room.submit(pk).json()["error"]["code"] == "incomplete"


def test_arm_states_whether_guides_are_shown_and_plaques_measured(client_of):
    cast, _, _ = play("guided measured", client_of)
    arm = Arm.objects.get(study=cast.study)
    assert (arm.guides, arm.measured) == (True, True)
    reading_list = cast.reader.reading_lists.get()
    assert (reading_list.guides, reading_list.measured) == (True, True)


def test_queries_do_not_depend_on_the_number_of_traces(client_of, django_assert_num_queries):
    _, room, pk = play("guided measured", client_of)
    send(room, pk)
    with django_assert_num_queries(13):
        send(room, pk, version=1, traces=[TRACE] * 3)
    with django_assert_num_queries(13):
        send(room, pk, version=2, traces=[TRACE] * 100)
