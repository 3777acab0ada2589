"""Refreshers through the API: when they come, what they look like, and who sees them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from studies.analytics.scale import CELLS
from studies.practice.models import PracticeReading, PracticeRound
from studies.protocol.design import change_study
from studies.sessions.models import Reading, ReadingSession, SessionInterval
from tests.practice.refreshers.people import is_refresher, read_kinds, set_up_refreshers
from tests.sessions.reading_room import Room, change

pytestmark = pytest.mark.django_db


def test_refresher_comes_after_every_two_study_readings_of_a_period(room):
    assert read_kinds(room, 7) == "ssrssrs"
    assert room.status()["waiting"]["code"] == "washout"
    refreshers = PracticeRound.objects.refreshers().order_by("number")
    assert list(refreshers.values_list("number", "after_readings")) == [(1, 2), (2, 4)]
    assert all(refresher.exact is not None for refresher in refreshers)


@pytest.mark.slow
def test_period_neither_ends_nor_begins_with_a_refresher(cast, client_of):
    change_study(study=cast.study, actor=cast.coordinator, arms=["unguided", "guided"],
                 washout_days=0)  # fmt: skip
    set_up_refreshers(cast)
    cast.assign_cases(4)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    assert read_kinds(room, 11) == "ssrsssrsrss"
    assert room.status()["waiting"]["code"] == "done"
    for refresher in PracticeRound.objects.refreshers():
        period = cast.reader.reading_lists.get(period=refresher.period)
        assert refresher.arm == period.arm
    assert list(PracticeRound.objects.refreshers().values_list("period", flat=True)) == [1, 2, 2]


def test_next_study_reading_is_refused_until_the_refresher_is_submitted(room):
    read_kinds(room, 2)
    status = room.status()
    following = status["next"]["id"]
    assert is_refresher(status["current"]["id"])
    assert not is_refresher(following)
    refused = room.client.post(f"/api/v1/readings/{following}/open")
    assert refused.json()["error"]["code"] == "not_current"
    # Its image can be fetched ahead, as that of any next reading.
    assert room.client.get(f"/api/v1/readings/{following}/pixels").status_code == 200
    room.read()
    assert room.client.post(f"/api/v1/readings/{following}/open").status_code == 200


def test_refresher_is_announced_as_the_next_reading_and_can_be_fetched_ahead(room):
    room.read()
    status = room.status()
    following = status["next"]["id"]
    assert (is_refresher(status["current"]["id"]), is_refresher(following)) == (False, True)
    for part in ("", "/pixels"):
        assert room.client.get(f"/api/v1/readings/{following}{part}").status_code == 200
    assert room.client.post(f"/api/v1/readings/{following}/open").status_code == 409
    pk = room.open()
    for cell in status["current"]["cells"]:
        room.put(pk, cell, score=1)
    assert room.submit(pk).json()["next"] == following


def test_refresher_has_the_keys_and_counts_of_a_study_reading(room):
    study = room.status()
    pk = room.open()
    answers = {"study": _all_answers(room, pk)}
    numbers = [study["progress"]["read"], room.status()["progress"]["read"]]
    room.read()
    refresher = room.status()
    assert is_refresher(refresher["current"]["id"])
    assert refresher.keys() == study.keys()
    for part in ("current", "progress", "study"):
        assert refresher[part].keys() == study[part].keys()
    assert refresher["current"]["image"].keys() == study["current"]["image"].keys()
    answers["refresher"] = _all_answers(room, room.open())
    assert answers["refresher"] == answers["study"]
    numbers += [refresher["progress"]["read"]]
    numbers += [room.status()["progress"]["read"]]
    assert numbers == [0, 1, 2, 3]
    assert refresher["submitted"] is None
    assert refresher["progress"]["total"] == study["progress"]["total"] == 10 + 4


def _all_answers(room, pk):
    """The status and the keys of the answer to each request of the reading room."""
    base = f"/api/v1/readings/{pk}"
    requests = [
        room.client.get(base),
        room.client.get(f"{base}/pixels"),
        room.client.post(f"{base}/open"),
        room.put(pk, "L1_anterior", score=1),
        room.put(pk, "L1_anterior", score=2),
        room.put(pk, "L1_anterior", version=1, score=None),
        room.client.put(f"{base}/comment", change(text="faint")),
        room.client.put(f"{base}/comment", change(text="other")),
        room.client.put(f"{base}/comment", change(version=1, text="")),
        room.client.put(f"{base}/traces", change(traces=[])),
        room.client.post(f"{base}/time", {**change(), "active_ms": 5, "idle_ms": 0}),
        room.client.post(f"{base}/time", {"active_ms": "x"}),
        room.submit(pk),
        *(room.put(pk, cell, score=1) for cell in CELLS if cell != "L1_anterior"),
        room.put(pk, "L1_anterior", version=2, score=1),
        room.submit(pk),
        room.submit(pk),
        room.client.get(base),
        room.client.post(f"{base}/feedback/seen"),
        room.client.get(f"/api/v1/practice/readings/{pk}"),
        room.client.get(f"/api/v1/practice/readings/{pk}/feedback"),
    ]
    return [(answer.status_code, _keys(answer)) for answer in requests]


def _keys(answer):
    if answer["Content-Type"] != "application/json":
        return answer["Content-Type"]
    body = answer.json()
    return body["error"]["code"] if "error" in body else sorted(body)


def test_guides_of_a_phantom_have_the_origin_of_study_guides(cast, client_of):
    change_study(study=cast.study, actor=cast.coordinator, arms=["guided"])
    set_up_refreshers(cast)
    cast.assign_cases(3)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    study = room.client.get(f"/api/v1/readings/{room.open()}/guides").json()
    read_kinds(room, 2)
    pk = room.open()
    assert is_refresher(pk)
    guides = room.client.get(f"/api/v1/readings/{pk}/guides").json()
    assert guides.keys() == study.keys()
    assert guides["note"] == study["note"]
    assert len(guides["guides"]) == 13


def test_other_reader_never_reaches_a_refresher(room, cast, client_of):
    read_kinds(room, 2)
    pk = room.open()
    other = client_of(cast.other_reader.user)
    for method, path in (("get", ""), ("get", "/pixels"), ("post", "/open"), ("post", "/submit")):
        assert getattr(other, method)(f"/api/v1/readings/{pk}{path}").status_code == 404
    for person in (cast.coordinator, cast.statistician, cast.outsider):
        assert client_of(person).get(f"/api/v1/readings/{pk}").status_code == 404


def test_result_of_a_refresher_is_shown_to_coordinators_only(room, cast, client_of):
    read_kinds(room, 3)
    assert (
        "Refresher" not in room.client.get(f"/studies/{cast.study.slug}/practice").content.decode()
    )
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/progress")
    assert "After 2 readings: kappa" in page.content.decode()
    finished = PracticeRound.objects.refreshers().get()
    assert room.client.get(f"/api/v1/practice/rounds/{finished.pk}").status_code == 404


def test_feedback_is_shown_until_the_reader_goes_on(cast, client_of):
    set_up_refreshers(cast, feedback=True)
    cast.assign_cases(4)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    read_kinds(room, 2)
    # Without a next reading, the room waits for the answer instead of showing the next image.
    assert room.status()["next"] is None
    pk = room.read()
    for _ in range(2):
        shown = room.status()["submitted"]
        assert shown["reading"]["id"] == pk
        assert [cell["score"] for cell in shown["feedback"]["cells"]] == [1] * 8
    assert room.client.get(f"/api/v1/readings/{pk}/pixels").status_code == 200
    for _ in range(2):
        assert room.client.post(f"/api/v1/readings/{pk}/feedback/seen").status_code == 204
    assert room.status()["submitted"] is None
    assert room.client.get(f"/api/v1/readings/{pk}").status_code == 404


def test_refresher_leaves_no_trace_in_readings_times_and_sessions(room):
    read_kinds(room, 2)
    before = (Reading.objects.submitted().count(), SessionInterval.objects.count())
    session = ReadingSession.objects.get()
    pk = room.open()
    room.client.post(
        f"/api/v1/readings/{pk}/time", {"change_id": str(uuid4()), "active_ms": 1, "idle_ms": 0}
    )
    room.read()
    assert (Reading.objects.submitted().count(), SessionInterval.objects.count()) == before
    assert ReadingSession.objects.get().last_activity_at > session.last_activity_at


def test_measured_refresher_is_traced_and_measured(cast, client_of):
    change_study(study=cast.study, actor=cast.coordinator, arms=["guided measured"])
    set_up_refreshers(cast)
    cast.assign_cases(3)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    read_kinds(room, 2)
    pk = room.open()
    assert is_refresher(pk)
    guide = PracticeReading.objects.get(pk=pk)
    assert guide.round.arm == "guided measured"
    sent = change(traces=[{"wall": "anterior", "points": [[10, 10], [10, 60]]}])
    answer = room.client.put(f"/api/v1/readings/{pk}/traces", sent)
    assert answer.json()["measurement"]["version"] == 1
    assert room.client.put(f"/api/v1/readings/{pk}/traces", sent).json() == answer.json()
    stale = room.client.put(f"/api/v1/readings/{pk}/traces", change(traces=[]))
    assert stale.json()["measurement"]["version"] == 1
    assert room.status()["current"]["measurement"] == answer.json()["measurement"]
