"""A reader's work through the API: saving, repeated requests, two windows, time, submitting."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.sessions.models import Change, Reading, Score
from studies.sessions.study_lifecycle import assign_cases, lock_study, pause_study
from tests.make import make_case
from tests.sessions.reading_room import Room, change

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(cast, client_of):
    cast.assign_cases()
    return Room(client_of(cast.reader.user), cast.study.slug)


def test_saved_score_comes_back_with_its_version(room):
    pk = room.open()
    answer = room.put(pk, "L1_anterior", score=2).json()
    assert answer["cell"] == {"score": 2, "validity": 0, "reason": "", "version": 1}
    assert answer["reading"] == {"state": "open", "scored": 1, "complete": False}
    assert room.status()["current"]["cells"]["L1_anterior"]["score"] == 2


def test_repeated_change_gets_the_stored_answer_and_saves_once(room):
    pk = room.open()
    sent = change(score=3)
    url = f"/api/v1/readings/{pk}/cells/L2_posterior"
    first = room.client.put(url, sent).json()
    room.put(pk, "L2_posterior", score=1, version=1)
    assert room.client.put(url, sent).json() == first
    assert Score.objects.get(cell="L2_posterior").score == 1
    assert Change.objects.filter(kind="L2_posterior").count() == 2


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("put", "cells/L1_anterior", {"version": 0, "score": 3}),
        ("put", "cells/L2_posterior", {"version": 1, "score": 1}),
        ("put", "comment", {"version": 0, "text": "implant"}),
        ("post", "time", {"active_ms": 5, "idle_ms": 0}),
        ("post", "submit", {}),
    ],
)
def test_change_id_of_another_change_is_rejected_and_nothing_is_saved(room, method, path, sent):
    pk = room.open()
    used = change(score=3)
    room.client.put(f"/api/v1/readings/{pk}/cells/L2_posterior", used)
    sent = {**sent, "change_id": used["change_id"]}
    answer = getattr(room.client, method)(f"/api/v1/readings/{pk}/{path}", sent)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "change_id_reused"
    assert Change.objects.count() == 1
    assert list(Score.objects.values_list("cell", "score")) == [("L2_posterior", 3)]


def test_other_grade_with_a_used_change_id_is_rejected(room):
    pk = room.open()
    url = f"/api/v1/readings/{pk}/cells/L2_posterior"
    used = change(validity=6, reason="fusion")
    assert room.client.put(url, used).status_code == 200
    assert room.client.put(url, used).status_code == 200
    assert room.client.put(url, {**used, "reason": "implant"}).status_code == 409


@pytest.mark.parametrize("text", ["a \\u0000 in the report", "C:\\ud800", "L3 is fused 🦴"])
def test_comment_may_contain_the_letters_of_an_escape(room, text):
    pk = room.open()
    answer = room.client.put(f"/api/v1/readings/{pk}/comment", change(text=text))
    assert answer.status_code == 200, answer.json()
    assert Reading.objects.get(pk=pk).comment == text


@pytest.mark.parametrize("text", ["a \x00 b", "half \ud83e"])
def test_character_that_cannot_be_stored_is_rejected_with_a_reason(room, text):
    pk = room.open()
    body = json.dumps(change(text=text))
    url = f"/api/v1/readings/{pk}/comment"
    answer = room.client.put(url, body, content_type="application/json")
    assert answer.status_code == 400
    assert "cannot be stored" in answer.json()["error"]["message"]


def test_second_window_with_an_old_version_gets_the_stored_cell(room):
    pk = room.open()
    room.put(pk, "L1_anterior", score=2)
    stale = room.put(pk, "L1_anterior", score=0)
    assert stale.status_code == 409
    assert stale.json()["error"]["code"] == "stale"
    assert stale.json()["cell"]["score"] == 2
    assert Score.objects.get().score == 2


def test_not_readable_cell_keeps_its_reason_and_no_score(room):
    pk = room.open()
    room.put(pk, "L4_anterior", score=2)
    answer = room.put(pk, "L4_anterior", version=1, validity=6, reason="fusion").json()
    assert answer["cell"] == {"score": None, "validity": 6, "reason": "fusion", "version": 2}


def test_cleared_cell_is_missing_again(room):
    pk = room.open()
    room.put(pk, "L4_anterior", score=2)
    assert room.put(pk, "L4_anterior", version=1, score=None).json()["reading"]["scored"] == 0


@pytest.mark.parametrize(
    "sent",
    [{"score": 4}, {"score": -1}, {"validity": 2}, {"validity": 0}, {"score": 1, "validity": 3}],
)
def test_invalid_cell_is_rejected(room, sent):
    pk = room.open()
    assert room.put(pk, "L1_anterior", **sent).status_code == 400
    assert not Score.objects.exists()


def test_cell_that_does_not_exist_is_not_found(room):
    assert room.put(room.open(), "L5_anterior", score=1).status_code == 404


def test_fetching_opens_nothing_and_starts_no_clock(room):
    where = room.status()
    for pk in (where["current"]["id"], where["next"]["id"]):
        assert room.client.get(f"/api/v1/readings/{pk}").status_code == 200
        assert room.client.get(f"/api/v1/readings/{pk}/pixels").status_code == 200
    assert not Reading.objects.exclude(state="waiting").exists()
    assert not Reading.objects.exclude(opened_at=None).exists()


def test_only_the_current_and_the_next_reading_can_be_fetched(room, cast):
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    states = [
        room.client.get(f"/api/v1/readings/{reading.pk}/pixels").status_code for reading in mine
    ]
    assert states == [200, 200, 404, 404, 404, 404]


def test_next_reading_cannot_be_opened_before_its_turn(room):
    pk = room.status()["next"]["id"]
    assert room.client.post(f"/api/v1/readings/{pk}/open").status_code == 409


def test_incomplete_reading_cannot_be_submitted(room):
    pk = room.open()
    room.put(pk, "L1_anterior", score=2)
    answer = room.submit(pk)
    assert answer.status_code == 409
    assert "7 of the 8 cells" in answer.json()["error"]["message"]


def test_submitted_reading_cannot_be_fetched_by_its_reader(room):
    pk = room.read()
    assert room.client.get(f"/api/v1/readings/{pk}").status_code == 404
    assert room.put(pk, "L1_anterior", score=0, version=1).json()["error"]["code"] == "submitted"
    assert room.status()["progress"]["read"] == 1


def test_second_submission_changes_nothing(room):
    pk = room.read()
    assert room.submit(pk).status_code == 200
    assert Reading.objects.submitted().count() == 1


def test_client_cannot_report_more_time_than_has_passed(room):
    pk = room.open()
    ten_seconds_ago = timezone.now() - timedelta(seconds=10)
    Reading.objects.filter(pk=pk).update(opened_at=ten_seconds_ago, timed_to=ten_seconds_ago)
    sent = {"change_id": str(uuid4()), "active_ms": 3_600_000, "idle_ms": 5000, "guides_ms": 0}
    answer = room.client.post(f"/api/v1/readings/{pk}/time", sent).json()
    assert 10_000 <= answer["active_ms"] <= 13_000
    assert answer["idle_ms"] == 0
    assert room.client.post(f"/api/v1/readings/{pk}/time", sent).json() == answer


def test_time_measured_offline_is_accepted_in_several_requests(room):
    pk = room.open()
    ten_minutes_ago = timezone.now() - timedelta(minutes=10)
    Reading.objects.filter(pk=pk).update(opened_at=ten_minutes_ago, timed_to=ten_minutes_ago)
    for active_ms in (30_000, 570_000, 60_000):
        sent = {"change_id": str(uuid4()), "active_ms": active_ms, "idle_ms": 0, "guides_ms": 0}
        answer = room.client.post(f"/api/v1/readings/{pk}/time", sent).json()
    passed_ms = 1000 * (timezone.now() - ten_minutes_ago).total_seconds()
    assert 600_000 <= answer["active_ms"] <= passed_ms + 2000


def test_score_for_a_locked_study_is_rejected_with_its_own_code(room, cast):
    pk = room.open()
    lock_study(study=cast.study, by=cast.coordinator)
    assert room.put(pk, "L1_anterior", score=2).json()["error"]["code"] == "study_locked"


def test_nothing_is_saved_while_paused_or_after_the_lock(room, cast):
    pk = room.open()
    pause_study(study=cast.study, by=cast.coordinator)
    assert room.put(pk, "L1_anterior", score=1).status_code == 409
    assert room.status()["waiting"]["code"] == "paused"
    lock_study(study=cast.study, by=cast.coordinator)
    assert room.put(pk, "L1_anterior", score=1).status_code == 409
    assert not Score.objects.exists()


def test_reopened_reading_keeps_its_scores_and_is_current(room, cast, client_of):
    pk = room.read(score=2)
    coordinator = client_of(cast.coordinator)
    url = f"/api/v1/readings/{pk}/reopen"
    assert coordinator.post(url, {"reason": ""}).status_code == 400
    assert coordinator.post(url, {"reason": "wrong patient side"}).status_code == 200
    assert room.status()["current"]["id"] == pk
    assert room.status()["current"]["cells"]["L1_anterior"]["score"] == 2


def test_excluded_case_leaves_the_list_and_keeps_its_scores(room, cast, client_of):
    pk = room.read()
    case = Reading.objects.get(pk=pk).case
    url = f"/api/v1/cases/{case.pk}/exclude"
    assert client_of(cast.coordinator).post(url, {"reason": "hip"}).status_code == 200
    assert room.status()["progress"]["total"] == 4
    assert Score.objects.filter(reading=pk).count() == 8


def test_later_cases_are_appended_and_move_no_reading(room, cast):
    before = list(Reading.objects.order_by("pk").values_list("pk", "position", "batch"))
    make_case(cast.study, cast.other_site)
    assign_cases(study=cast.study, by=cast.coordinator)
    old = Reading.objects.filter(pk__in=[pk for pk, *_ in before])
    assert list(old.order_by("pk").values_list("pk", "position", "batch")) == before
    added = Reading.objects.exclude(pk__in=[pk for pk, *_ in before])
    assert set(added.values_list("position", "batch")) == {(4, 2)}


def test_later_landmarks_do_not_change_an_assigned_reading(room, cast, client_of):
    reading = Reading.objects.filter(reading_list__arm="guided").first()
    url = f"/api/v1/cases/{reading.case_id}/shift-levels"
    assert client_of(cast.coordinator).post(url, {"by": 1}).status_code == 200
    reading.refresh_from_db()
    assert reading.landmark_set.version == 1
    assert reading.case.landmark_set.version == 2


def test_submission_repeated_after_the_reading_was_reopened_changes_nothing(room, cast, client_of):
    """As when the answer to the first submission was lost on the network."""
    pk = room.open()
    for cell in CELLS:
        room.put(pk, cell, score=1)
    sent = {"change_id": str(uuid4())}
    assert room.client.post(f"/api/v1/readings/{pk}/submit", sent).status_code == 200
    coordinator = client_of(cast.coordinator)
    reopened = coordinator.post(f"/api/v1/readings/{pk}/reopen", {"reason": "L3 was missed."})
    assert reopened.status_code == 200
    assert room.client.post(f"/api/v1/readings/{pk}/submit", sent).status_code == 200
    assert Reading.objects.get(pk=pk).state == Reading.State.OPEN
