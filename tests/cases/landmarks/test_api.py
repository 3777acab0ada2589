"""Corners over the API: what is saved, what is refused, and that nothing is lost in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import pytest
from django.db import connection

from studies.audit.models import Event
from studies.cases.landmarks.corrections import flip_side
from studies.cases.models import LandmarkSet
from tests.make import Cast, landmarks_at, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return make_case(cast.study, cast.site)


@pytest.fixture
def save(cast, case, client_of):
    def send(landmarks, based_on=1, **more):
        body = {"based_on": based_on, "landmarks": landmarks, **more}
        client = client_of(cast.coordinator)
        return client.post(f"/api/v1/cases/{case.pk}/landmarks", body)

    return send


def sent(**corners):
    """Six bodies as a page sends them; ``L1_superior_anterior=[x, y]`` moves a corner."""
    landmarks = deepcopy(landmarks_at())
    for body in landmarks.values():
        del body["confidence"]
    for name, point in corners.items():
        vertebra, _, corner = name.partition("_")
        landmarks[vertebra][corner] = point
    return landmarks


def test_saved_corner_is_in_the_answer_with_its_line_in_the_history(save, cast):
    answer = save(sent(L1_superior_anterior=[38, 22]), reason="at the tip of the lip").json()
    current = answer["landmark_set"]
    assert current["landmarks"]["L1"]["superior_anterior"] == [38.0, 22.0]
    assert current["confidence"] == {
        "T12": 0.9,
        "L1": None,
        **dict.fromkeys(("L2", "L3", "L4", "L5"), 0.9),
    }
    last = answer["history"][-1]
    assert (last["by"], last["parent"], last["reason"]) == ("clara", 1, "at the tip of the lip")
    assert last["moves"] == {
        "moved": 1, "added": 0, "removed": 0, "mean": 7.5, "most": 7.5, "unit": "mm",
    }  # fmt: skip
    event = Event.objects.get(action="landmarks.corrected")
    assert event.data == {
        "version": 2, "source": "moved", "parent": 1, "reason": "at the tip of the lip",
    }  # fmt: skip


def test_corner_outside_the_image_can_be_taken_out_and_put_in_again(save):
    out = save(sent(L5_inferior_anterior=None)).json()
    assert "Corners outside the image: L5." in str(out["landmark_set"]["warnings"])
    back = save(sent(), based_on=2).json()
    assert back["landmark_set"]["landmarks"]["L5"]["inferior_anterior"] == [35.0, 108.0]
    assert back["history"][-1]["moves"]["added"] == 1


def test_body_that_was_not_found_can_be_put_in(save):
    save({**sent(), "T12": None})
    answer = save(sent(), based_on=2).json()
    assert len(answer["landmark_set"]["guides"]) == 13


def test_second_to_save_is_told_who_was_first_and_nothing_changes(save, case):
    save(sent(L1_superior_anterior=[38, 22]))
    late = save(sent(L2_superior_anterior=[38, 40]))
    error = late.json()["error"]
    assert (late.status_code, error["code"], late.json()["version"]) == (409, "stale", 2)
    assert error["message"].startswith("clara saved version 2 in the meantime")
    assert LandmarkSet.objects.filter(case=case).count() == 2


@pytest.mark.parametrize(("path", "sent_with"), [("shift-levels", {"by": 1}), ("flip-side", {})])
def test_names_and_side_are_not_changed_twice_by_two_who_saw_the_same(
    cast, case, client_of, path, sent_with
):
    client, url = client_of(cast.coordinator), f"/api/v1/cases/{case.pk}/{path}"
    assert client.post(url, {**sent_with, "based_on": 1}).status_code == 200
    late = client.post(url, {**sent_with, "based_on": 1})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "stale")
    assert LandmarkSet.objects.filter(case=case).count() == 2


def test_names_that_somebody_has_just_changed_are_not_taken_as_right(cast, client_of):
    case = make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    client, url = client_of(cast.coordinator), f"/api/v1/cases/{case.pk}"
    client.post(f"{url}/shift-levels", {"by": 1, "based_on": 1})
    late = client.post(f"{url}/accept", {"based_on": 1})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "stale")
    assert not Event.objects.filter(action="case.level_labelling_accepted").exists()
    assert client.post(f"{url}/accept", {"based_on": 2}).status_code == 200


@pytest.mark.parametrize(
    ("landmarks", "code", "words"),
    [
        (sent(), "nothing_moved", "No corner was moved"),
        (dict.fromkeys(landmarks_at()), "nothing_left", "At least one corner must remain"),
        (sent(L1_superior_anterior=[80, 22]), "outside", "lies outside"),
        (sent(L1_superior_anterior=["nan", 22]), "invalid", "valid number"),
        (sent(L1_superior_anterior=["inf", 22]), "invalid", "valid number"),
        (sent(L1_superior_anterior=[22]), "invalid", "L1"),
        (sent(L1_middle=[38, 22]), "invalid", "Unknown: middle"),
        ({**sent(), "S1": None}, "invalid", "Unknown: S1"),
        ({"L1": None}, "invalid", "T12"),
        ([], "invalid", "landmarks"),
    ],
)
def test_what_cannot_be_saved_is_refused_in_words(save, case, landmarks, code, words):
    answer = save(landmarks)
    assert answer.status_code in {400, 409}
    assert answer.json()["error"]["code"] == code
    assert words in answer.json()["error"]["message"]
    assert LandmarkSet.objects.filter(case=case).count() == 1


def test_case_that_is_not_ready_is_not_corrected(save, case):
    case.state, case.reason_text = "excluded", "wrong patient"
    case.save()
    assert save(sent(L1_superior_anterior=[38, 22])).json()["error"]["code"] == "not_ready"


def test_locked_study_offers_and_takes_no_correction(save, cast, case, client_of):
    cast.study.state = "locked"
    cast.study.opened_at = cast.study.locked_at = cast.study.created_at
    cast.study.save()
    assert save(sent(L1_superior_anterior=[38, 22])).json()["error"]["code"] == "locked"
    assert client_of(cast.coordinator).get(f"/api/v1/cases/{case.pk}").json()["actions"] == []


def test_any_version_can_be_looked_at_and_taken_again(save, cast, case, client_of):
    flip_side(case=case, actor=cast.coordinator)
    client, url = client_of(cast.coordinator), f"/api/v1/cases/{case.pk}/landmarks"
    assert client.get(f"{url}/1").json()["landmarks"] == landmarks_at()
    assert client.get(f"{url}/7").status_code == 404
    assert client.get(f"{url}/{10**30}").status_code == 404
    assert client.post(f"{url}/7/restore", {"based_on": 2}).status_code == 404
    assert client.post(f"{url}/2/restore", {"based_on": 2}).json()["error"]["code"] == "is_current"
    assert client.post(f"{url}/1/restore", {"based_on": 1}).json()["error"]["code"] == "stale"
    answer = client.post(f"{url}/1/restore", {"based_on": 2}).json()
    assert answer["landmark_set"]["landmarks"] == landmarks_at()
    assert answer["history"][-1]["text"] == "earlier version restored"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_wins_and_the_other_is_told(client_of):
    cast = Cast()
    case = make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)

    def save(x):
        body = {"based_on": 1, "landmarks": sent(L1_superior_anterior=[x, 22])}
        try:
            return client.post(f"/api/v1/cases/{case.pk}/landmarks", body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(save, [36, 37])) == [200, 409]
    assert LandmarkSet.objects.filter(case=case).count() == 2


def test_relabelling_is_previewed_without_saving_and_undone_by_the_version_before(
    cast, case, client_of
):
    client = client_of(cast.coordinator)
    url = f"/api/v1/cases/{case.pk}"
    before = client.get(url).json()["landmark_set"]["landmarks"]
    preview = client.get(f"{url}/relabelled?by=1").json()["landmarks"]
    assert preview["L1"] == before["T12"]
    assert LandmarkSet.objects.count() == 1
    saved = client.post(f"{url}/shift-levels", {"by": 1, "based_on": 1}).json()
    assert saved["landmark_set"]["landmarks"] == preview
    undone = client.post(f"{url}/landmarks/1/restore", {"based_on": 2}).json()
    assert undone["landmark_set"]["landmarks"] == before


@pytest.mark.parametrize("by", ["", "0", "2"])
def test_relabelling_by_anything_but_one_vertebra_is_refused(cast, case, client_of, by):
    client = client_of(cast.coordinator)
    assert client.get(f"/api/v1/cases/{case.pk}/relabelled?by={by}").status_code == 400
