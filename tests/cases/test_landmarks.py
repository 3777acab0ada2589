"""A coordinator's corrections: each is a new set, the old ones stay, the measures follow."""

from __future__ import annotations

import pytest

from inference.shapes import Landmarks
from studies.cases.landmarks import accept_doubt, flip_side, shift_levels
from studies.cases.models import Case, LandmarkSet
from studies.errors import Conflict
from tests.make import landmarks_at, make_case

pytestmark = pytest.mark.django_db
DOUBT = {"reason": "seventh_body", "detail": "a seventh body of equal strength above T12"}


@pytest.fixture
def case(cast):
    return make_case(cast.study, cast.site, doubt=DOUBT)


def test_shifted_names_move_down_and_the_old_set_stays(case, cast):
    before = case.landmark_set.landmarks
    shifted = shift_levels(case=case, by=1, actor=cast.coordinator)
    assert shifted.version == 2
    assert shifted.landmarks["L1"] == before["T12"]
    assert shifted.landmarks["T12"] is None
    assert LandmarkSet.objects.get(case=case, version=1).landmarks == before


def test_seventh_body_takes_the_name_that_becomes_free(cast, case):
    column = list(Landmarks.from_dict(landmarks_at()).bodies.values())
    above = Landmarks.from_dict(landmarks_at(top=-14)).bodies["T12"]
    LandmarkSet.objects.create(
        case=case,
        version=2,
        source="model",
        model_name="m",
        model_checksum="c",
        anterior="right",
        landmarks=landmarks_at(),
        bodies=[body.to_dict() for body in [above, *column]],
        guides=[],
        crop={},
        morphometry={},
    )
    case.landmark_set = LandmarkSet.objects.get(case=case, version=2)
    case.save()
    shifted = shift_levels(case=case, by=1, actor=cast.coordinator)
    assert shifted.landmarks["T12"] == above.to_dict()
    assert shifted.landmarks["L5"] == column[4].to_dict()


def test_there_and_back_is_the_same_again_with_the_bodies_in_between(case, cast):
    shift_levels(case=case, by=-1, actor=cast.coordinator)
    case.refresh_from_db()
    assert case.landmark_set.landmarks["L5"] is None
    assert case.landmark_set.landmarks["T12"] == landmarks_at()["L1"]


def test_flipped_side_exchanges_anterior_and_posterior_and_moves_the_guides(case, cast):
    flipped = flip_side(case=case, actor=cast.coordinator)
    case.refresh_from_db()
    old = landmarks_at()["L1"]
    assert case.anterior == flipped.anterior == "left"
    assert flipped.landmarks["L1"]["superior_anterior"] == old["superior_posterior"]
    assert all(line["end"][0] < line["posterior"][0] for line in flipped.guides)


def test_doubtful_case_cannot_be_dealt_until_accepted(case, cast):
    assert case in Case.objects.in_doubt()
    assert case not in Case.objects.dealable()
    accept_doubt(case=case, actor=cast.coordinator)
    assert case in Case.objects.dealable()


def test_names_that_a_person_moved_are_no_longer_in_doubt(case, cast):
    shift_levels(case=case, by=1, actor=cast.coordinator)
    assert case in Case.objects.dealable()


def test_changed_side_leaves_the_doubt_about_the_levels(case, cast):
    flip_side(case=case, actor=cast.coordinator)
    assert case in Case.objects.in_doubt()


def test_locked_study_changes_no_landmarks(cast):
    (case,) = cast.deal(1)
    cast.study.state = "locked"
    cast.study.locked_at = cast.study.opened_at
    cast.study.save()
    with pytest.raises(Conflict, match="locked"):
        shift_levels(case=case, by=1, actor=cast.coordinator)
