"""Guides from the network's and from corrected landmarks, as arms of one study."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studies.analytics.scale import CELLS
from studies.cases.landmarks.corrections import flip_side, shift_levels
from studies.errors import Conflict, StudyError
from studies.readers.members import set_active
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.assignment.readiness import list_requirements
from studies.sessions.assignment.reassignment import reassign_cases
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.cases.landmarks.corrected_arms import (
    CORRECTED_ARMS,
    confirm_case,
    correct_case,
    corrected_case,
)
from tests.make import Cast, acknowledge_first_period, make_case, make_reader
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast(arms=CORRECTED_ARMS, washout_days=0)


def versions(**conditions) -> dict[str, set[int]]:
    """The landmark versions of the readings in each arm."""
    rows = Reading.objects.filter(**conditions).values_list(
        "reading_list__arm", "landmark_set__version"
    )
    arms: dict[str, set[int]] = {}
    for arm, version in rows:
        arms.setdefault(arm, set()).add(version)
    return arms


def start(cast: Cast) -> None:
    assign_cases(study=cast.study, by=cast.coordinator)
    open_study(study=cast.study, by=cast.coordinator)
    acknowledge_first_period(cast.study)


def test_guided_arm_shows_the_network_and_the_corrected_arm_the_corrections(cast):
    corrected_case(cast)
    start(cast)
    assert versions() == {"unguided": {2}, "guided": {1}, "guided corrected": {2}}


def test_measured_guides_are_those_of_the_network_as_well(db):
    cast = Cast(arms=["guided measured", "guided corrected"])
    corrected_case(cast)
    start(cast)
    assert versions() == {"guided measured": {1}, "guided corrected": {2}}


def test_confirmed_landmarks_are_the_same_in_both_arms(cast):
    confirm_case(make_case(cast.study, cast.site), cast.coordinator)
    start(cast)
    assert versions() == {"unguided": {1}, "guided": {1}, "guided corrected": {1}}


def test_study_without_the_arm_still_shows_corrections_in_the_guided_arm(db):
    cast = Cast()
    corrected_case(cast)
    make_case(cast.study, cast.site)
    start(cast)
    assert versions(case__landmark_sets__version=2) == {"unguided": {2}, "guided": {2}}


def test_every_arm_of_a_case_has_the_same_anterior_side(cast):
    case = make_case(cast.study, cast.site)
    flip_side(case=case, actor=cast.coordinator)
    correct_case(case, cast.coordinator, x=18)
    start(cast)
    assert set(Reading.objects.values_list("landmark_set__anterior", flat=True)) == {"left"}
    assert versions() == {"unguided": {3}, "guided": {2}, "guided corrected": {3}}


def test_side_changed_after_the_corners_is_explained_before_assignment(cast):
    case = corrected_case(cast)
    flip_side(case=case, actor=cast.coordinator)
    with pytest.raises(StudyError, match=f"anterior side of {case.label} was changed after"):
        assign_cases(study=cast.study, by=cast.coordinator)
    assert not Reading.objects.exists()


def test_corners_are_not_done_before_any_case_is_ready(cast):
    make_case(cast.study, cast.site, state="pending_review")
    corners = next(one for one in list_requirements(cast.study) if one.name == "corners")
    assert not corners.met
    assert "requires corrected or confirmed corners of every case" in corners.text


def test_case_without_confirmed_corners_is_left_for_a_later_batch(cast, client_of):
    corrected_case(cast)
    other = make_case(cast.study, cast.site)
    preview = preview_assignment(cast.study)
    assert (preview.cases, preview.unconfirmed, preview.left_out) == (1, 1, 0)
    client = client_of(cast.coordinator)
    slug = cast.study.slug
    page = client.get(reverse("assignment", args=[slug])).content.decode()
    assert "1 case is left out because its corners are neither corrected nor confirmed" in page
    assert f"{reverse('cases', args=[slug])}?state=unconfirmed" in page
    overview = client.get(reverse("study", args=[slug])).content.decode()
    assert "2 cases are ready." in overview
    assert "The corners of 1 of 2 cases are corrected or confirmed" in overview
    answer = client.get(f"/api/v1/studies/{slug}/assignment-preview").json()
    assert (answer["cases"], answer["unconfirmed"]) == (1, 1)
    start(cast)
    assert not Reading.objects.filter(case=other).exists()
    confirm_case(other, cast.coordinator)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert set(other.readings.values_list("batch", flat=True)) == {2}


def test_assignment_without_any_confirmed_case_says_what_to_do(cast, client_of):
    for _ in range(2):
        make_case(cast.study, cast.site)
    with pytest.raises(Conflict, match="Correct the corners of 2 cases, or confirm"):
        assign_cases(study=cast.study, by=cast.coordinator)
    client = client_of(cast.coordinator)
    slug = cast.study.slug
    requirements = client.get(f"/api/v1/studies/{slug}/readiness").json()["requirements"]
    corners = next(one for one in requirements if one["name"] == "corners")
    assert (corners["met"], corners["before"]) == (False, "assignment")
    overview = client.get(reverse("study", args=[slug])).content.decode()
    assert "Correct or confirm the corners of 2 cases." in overview
    assert f"{reverse('cases', args=[slug])}?state=unconfirmed" in overview


def test_correction_after_assignment_does_not_change_assigned_readings(cast):
    case = corrected_case(cast)
    start(cast)
    before = versions()
    correct_case(case, cast.coordinator, x=39)
    shift_levels(case=case, by=1, actor=cast.coordinator)
    flip_side(case=case, actor=cast.coordinator)
    assert versions() == before


def test_reassigned_readings_keep_the_landmarks_of_their_arm(cast, client_of):
    case = corrected_case(cast)
    start(cast)
    Room(client_of(cast.reader.user), cast.study.slug).read()
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    make_reader(cast.study, cast.site, "rosa")
    # Neither a later correction nor a changed side reaches the readings of the other reader.
    correct_case(case, cast.coordinator, x=39)
    flip_side(case=case, actor=cast.coordinator)
    reassign_cases(study=cast.study, reader="R01", to="R03", by=cast.coordinator)
    assert versions(reading_list__reader__label="R03") == {
        "unguided": {2},
        "guided": {1},
        "guided corrected": {2},
    }


def test_reader_gets_the_guides_of_the_arm(cast, client_of):
    case = corrected_case(cast)
    start(cast)
    client = client_of(cast.reader.user)
    room = Room(client, cast.study.slug)
    guides = {}
    for _ in CORRECTED_ARMS:
        pk = room.open()
        arm = Reading.objects.get(pk=pk).arm
        answer = client.get(f"/api/v1/readings/{pk}/guides")
        guides[arm] = answer.json() if answer.status_code == 200 else None
        for cell in CELLS:
            assert room.put(pk, cell, score=1).status_code == 200
        assert room.submit(pk).status_code == 200
    network, corrected = case.landmark_sets.order_by("version")
    assert guides["unguided"] is None
    assert guides["guided"]["guides"] == network.guides
    assert guides["guided"]["note"].startswith("test-model")
    assert guides["guided corrected"]["guides"] == corrected.guides
    assert guides["guided corrected"]["note"].startswith("Corrected by a coordinator: corners.")


def test_preview_takes_the_same_number_of_queries_for_more_cases(
    cast, django_assert_max_num_queries
):
    corrected_case(cast)
    with CaptureQueriesContext(connection) as first:
        preview_assignment(cast.study)
    for _ in range(3):
        corrected_case(cast)
    with django_assert_max_num_queries(len(first)):
        preview_assignment(cast.study)
