"""Corners that a person moved or confirmed, and the network's landmarks beside them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from inference.results import Body, Landmarks
from studies.audit.models import Event
from studies.cases.landmarks.corrections import (
    confirm_corners,
    flip_side,
    restore_landmark_set,
    shift_levels,
)
from studies.cases.landmarks.network_sets import count_unchanged, find_network_sets
from studies.cases.models import LandmarkSet
from studies.errors import Conflict
from tests.cases.landmarks.corrected_arms import CORRECTED_ARMS, confirm_case, correct_case
from tests.make import Cast, give_landmarks, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast(arms=CORRECTED_ARMS)


@pytest.fixture
def case(cast):
    return make_case(cast.study, cast.site)


def network_version(case) -> int | None:
    pk = find_network_sets([case.pk]).get(str(case.pk))
    return None if pk is None else LandmarkSet.objects.get(pk=pk).version


def test_corners_are_confirmed_once_and_recorded(case, cast):
    confirm_case(case, cast.coordinator)
    assert case.corners_confirmed
    event = Event.objects.get(action="landmarks.confirmed")
    assert (event.subject, event.data["version"]) == (case.label, 1)
    with pytest.raises(Conflict, match="already been corrected or confirmed"):
        confirm_corners(case=case, actor=cast.coordinator)


def test_moved_corners_count_as_confirmed(case, cast):
    correct_case(case, cast.coordinator)
    assert case.corners_confirmed


def test_outdated_version_is_not_confirmed(case, cast):
    flip_side(case=case, actor=cast.coordinator)
    with pytest.raises(Conflict, match="saved version 2 in the meantime"):
        confirm_corners(case=case, actor=cast.coordinator, based_on=1)


def test_relabelled_or_flipped_corners_stay_as_confirmed_as_they_were(case, cast):
    shift_levels(case=case, by=1, actor=cast.coordinator)
    case.refresh_from_db()
    assert not case.corners_confirmed
    confirm_case(case, cast.coordinator)
    flip_side(case=case, actor=cast.coordinator)
    case.refresh_from_db()
    assert case.corners_confirmed


def test_body_that_gets_a_level_by_relabelling_has_to_be_confirmed(case, cast):
    """The network also detected the vertebra above T12, which no one has looked at."""
    bodies = Landmarks.from_dict(case.landmark_set.landmarks).bodies.values()
    above = Body((20.0, 2.0), (35.0, 2.0), (20.0, 6.0), (35.0, 6.0), 0.9)
    column = [body.to_dict() for body in (above, *bodies)]
    fields = {
        field.name: getattr(case.landmark_set, field.name)
        for field in LandmarkSet._meta.concrete_fields
        if field.name not in {"id", "version", "bodies"}
    }
    case.landmark_set = LandmarkSet.objects.create(**fields, version=2, bodies=column)
    case.save(update_fields=["landmark_set"])
    confirm_case(case, cast.coordinator)
    shift_levels(case=case, by=1, actor=cast.coordinator)
    case.refresh_from_db()
    assert not case.corners_confirmed


def test_restored_network_landmarks_have_to_be_confirmed_again(case, cast):
    confirm_case(case, cast.coordinator)
    correct_case(case, cast.coordinator)
    restore_landmark_set(case=case, version=1, based_on=2, actor=cast.coordinator)
    case.refresh_from_db()
    assert not case.corners_confirmed
    restore_landmark_set(case=case, version=2, based_on=3, actor=cast.coordinator)
    case.refresh_from_db()
    assert case.corners_confirmed


def test_network_set_is_the_one_before_the_corrections(case, cast):
    assert network_version(case) == 1
    correct_case(case, cast.coordinator)
    shift_levels(case=case, by=1, actor=cast.coordinator)
    assert network_version(case) == 1


def test_network_set_has_the_anterior_side_of_the_case(case, cast):
    flip_side(case=case, actor=cast.coordinator)
    correct_case(case, cast.coordinator, x=18)
    # The flipped corners of the network, since version 1 has the other side.
    assert network_version(case) == 2


def test_side_changed_after_the_corners_leaves_no_network_set_until_it_is_restored(case, cast):
    correct_case(case, cast.coordinator)
    flip_side(case=case, actor=cast.coordinator)
    assert network_version(case) is None
    restore_landmark_set(case=case, version=1, based_on=3, actor=cast.coordinator)
    flip_side(case=case, actor=cast.coordinator)
    restore_landmark_set(case=case, version=3, based_on=5, actor=cast.coordinator)
    case.refresh_from_db()
    assert (network_version(case), case.corners_confirmed) == (5, True)


def test_network_set_of_a_former_analysis_is_not_used(case, cast):
    correct_case(case, cast.coordinator)
    fields = {
        field.name: getattr(case.landmark_sets.get(version=1), field.name)
        for field in LandmarkSet._meta.concrete_fields
        if field.name not in {"id", "version"}
    }
    LandmarkSet.objects.create(**fields, version=3)
    assert network_version(case) == 3


def test_network_sets_of_many_cases_take_one_query(cast, django_assert_num_queries):
    cases = [make_case(cast.study, cast.site).pk for _ in range(4)]
    with django_assert_num_queries(1):
        assert len(find_network_sets(cases)) == 4


def test_unchanged_landmarks_are_counted(case, cast):
    other = make_case(cast.study, cast.site)
    sets = {case.landmark_set_id: case.pk, correct_case(other, cast.coordinator).pk: other.pk}
    assert count_unchanged(sets) == 1


def test_coordinator_confirms_through_the_api(case, cast, client_of):
    client = client_of(cast.site_coordinator)
    before = client.get(f"/api/v1/cases/{case.pk}").json()
    assert before["corners_confirmed"] is False and "confirm_corners" in before["actions"]
    answer = client.post(f"/api/v1/cases/{case.pk}/confirm-corners", {"based_on": 1})
    assert answer.json()["corners_confirmed"] is True
    assert "confirm_corners" not in answer.json()["actions"]
    again = client.post(f"/api/v1/cases/{case.pk}/confirm-corners", {"based_on": 1})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "confirmed")


def test_study_without_the_arm_does_not_ask_for_confirmation(client_of):
    cast = Cast()
    case = make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)
    answer = client.get(f"/api/v1/cases/{case.pk}").json()
    assert answer["corners_confirmed"] is None and "confirm_corners" not in answer["actions"]
    page = client.get(reverse("cases", args=[cast.study.slug])).content.decode()
    assert "corners not confirmed" not in page


def test_list_of_cases_with_unconfirmed_corners_leaves_out_the_others(case, cast, client_of):
    confirmed = make_case(cast.study, cast.site)
    confirm_case(confirmed, cast.coordinator)
    client = client_of(cast.coordinator)
    page = client.get(reverse("cases", args=[cast.study.slug]) + "?state=unconfirmed")
    text = page.content.decode()
    assert f"<strong>{case.label}</strong>" in text and "corners not confirmed" in text
    assert f"<strong>{confirmed.label}</strong>" not in text


def test_new_analysis_of_a_replaced_image_needs_a_new_confirmation(case, cast):
    confirm_case(case, cast.coordinator)
    case.landmark_set = case.corners_confirmed_for = None
    case.state = "received"
    case.save()
    case.landmark_sets.all().delete()
    give_landmarks(case)
    assert not case.corners_confirmed
