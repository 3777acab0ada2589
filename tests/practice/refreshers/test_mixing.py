"""Refreshers through the API: when they come, what they look like, and what they survive."""

from __future__ import annotations

from uuid import uuid4

import pytest

from studies.analytics.scale import CELLS
from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.practice.models import PracticeCase, PracticeReading, PracticeRound
from studies.practice.practice_set import add_case, remove_practice_case
from studies.practice.refreshers.rules import set_refreshers
from studies.protocol.design import change_study
from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingSession, SessionInterval
from studies.sessions.study_lifecycle import lock_study, pause_study, reopen_reading
from tests.make import make_case
from tests.practice.refreshers.people import is_refresher, read_kinds, set_up_refreshers
from tests.sessions.reading_room import Room, change

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(cast, client_of):
    """The room of a reader with five cases per period and one practice case after every two."""
    set_up_refreshers(cast)
    cast.assign_cases(5)
    return Room(client_of(cast.reader.user), cast.study.slug)


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


def test_rules_need_enough_practice_cases_and_end_with_the_opening(cast):
    with pytest.raises(Conflict, match="practice set contains only 0"):
        set_refreshers(study=cast.study, by=cast.coordinator, interval=50)
    set_up_refreshers(cast, phantoms=1)
    with pytest.raises(Conflict, match="Add another case first"):
        remove_practice_case(practice_case=PracticeCase.objects.get(), by=cast.coordinator)
    cast.assign_cases(1)
    with pytest.raises(Conflict, match="has been opened"):
        set_refreshers(study=cast.study, by=cast.coordinator, interval=None)


def test_coordinator_sets_refreshers_on_the_page(cast, client_of):
    client = client_of(cast.coordinator)
    address = f"/studies/{cast.study.slug}/practice/refreshers"
    sent = {"enabled": "on", "interval": 50, "cases": 2}
    refused = client.post(address, sent, format="multipart")
    assert refused.status_code == 400
    assert "practice set contains only 0" in refused.content.decode()
    client.post(f"/studies/{cast.study.slug}/practice/phantoms", {"number": 2}, format="multipart")
    assert client.post(address, sent, format="multipart").status_code == 302
    cast.study.refresh_from_db()
    assert (cast.study.refresher_interval, cast.study.refresher_cases) == (50, 2)
    assert cast.study.refresher_feedback is False
