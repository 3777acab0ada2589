"""A coordinator's corrections: each is a new set, the old ones stay, the measures follow."""

from __future__ import annotations

import json

import pytest
from django.db import InternalError

from inference.measurements import measure
from inference.results import Landmarks, Vertebra
from studies.cases.images.decoding import decode_stored_image
from studies.cases.landmarks.corrections import (
    accept_level_labels,
    flip_side,
    move_corners,
    restore_landmark_set,
    shift_levels,
)
from studies.cases.models import Case, LandmarkSet
from studies.errors import Conflict
from tests.make import landmarks_at, make_case

pytestmark = pytest.mark.django_db
UNCERTAINTY = {"reason": "seventh_body", "detail": "a seventh body of similar strength above T12"}


@pytest.fixture
def case(cast):
    return make_case(cast.study, cast.site, uncertainty=UNCERTAINTY)


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


def test_case_with_uncertain_levels_cannot_be_assigned_until_accepted(case, cast):
    assert case in Case.objects.with_uncertain_levels()
    assert case not in Case.objects.assignable()
    accept_level_labels(case=case, actor=cast.coordinator)
    assert case in Case.objects.assignable()


def test_labels_that_a_person_moved_are_no_longer_uncertain(case, cast):
    shift_levels(case=case, by=1, actor=cast.coordinator)
    assert case in Case.objects.assignable()


def test_network_probabilities_do_not_apply_to_labels_that_a_person_moved(case, cast):
    names = {"probability": 0.7, "runner_up": None, "shifts": {"0": 0.7}, "other_count": 0.3}
    original = case.landmark_set
    case.landmark_set = LandmarkSet.objects.create(
        **{
            field.name: getattr(original, field.name)
            for field in LandmarkSet._meta.concrete_fields
            if field.name not in {"id", "version", "level_names"}
        },
        version=2,
        level_names={**names, "views": 1},
    )
    case.save()
    flipped = flip_side(case=case, actor=cast.coordinator)
    assert flipped.level_names["probability"] == 0.7
    case.refresh_from_db()
    assert shift_levels(case=case, by=1, actor=cast.coordinator).level_names is None


def test_changed_side_leaves_the_levels_uncertain(case, cast):
    flip_side(case=case, actor=cast.coordinator)
    assert case in Case.objects.with_uncertain_levels()


def test_locked_study_changes_no_landmarks(cast):
    (case,) = cast.assign_cases(1)
    cast.study.state = "locked"
    cast.study.locked_at = cast.study.opened_at
    cast.study.save()
    with pytest.raises(Conflict, match="locked"):
        shift_levels(case=case, by=1, actor=cast.coordinator)


def test_seventh_body_takes_the_free_name_after_a_corner_was_moved(cast, case):
    moved = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L5, "inferior_anterior", (30.5, 109))
    move_corners(case=case, landmarks=moved, based_on=1, actor=cast.coordinator)
    case.refresh_from_db()
    shifted = shift_levels(case=case, by=-1, actor=cast.coordinator)
    assert shifted.landmarks["L4"]["inferior_anterior"] == [30.5, 109.0]


def test_moved_corner_makes_a_new_set_with_guides_of_its_own(case, cast):
    shift_levels(case=case, by=1, actor=cast.coordinator)
    restore_landmark_set(case=case, version=1, based_on=2, actor=cast.coordinator)
    moved = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L1, "inferior_anterior", (37, 38))
    saved = move_corners(
        case=case, landmarks=moved, based_on=3, actor=cast.coordinator, reason="a lip"
    )
    before = LandmarkSet.objects.get(case=case, version=3)
    assert (saved.version, saved.source, saved.author) == (4, "moved", cast.coordinator)
    assert (saved.parent, saved.reason, saved.model_name) == (before, "a lip", "test-model")
    changed = {
        one["name"] for one, other in zip(saved.guides, before.guides, strict=True) if one != other
    }
    assert {"L1/L2", "L1 1/3", "L1 2/3", "L2 1/3", "L2 2/3"} <= changed
    assert before.landmarks == landmarks_at()


def test_measures_of_a_moved_corner_are_those_of_the_one_door(case, cast):
    moved = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L3, "superior_anterior", (36.5, 59))
    saved = move_corners(case=case, landmarks=moved, based_on=1, actor=cast.coordinator)
    image = decode_stored_image(case.image)
    expected = measure(image, Landmarks.from_dict(saved.landmarks), "right").to_dict()
    for name in ("guides", "crop", "morphometry", "warnings"):
        assert getattr(saved, name) == json.loads(json.dumps(expected[name]))


def test_set_that_was_saved_cannot_be_changed(case, cast):
    with pytest.raises(InternalError, match="Cannot update"):
        LandmarkSet.objects.filter(case=case).update(landmarks={})


def test_accepted_uncertainty_stays_accepted_when_a_corner_is_moved(case, cast):
    accept_level_labels(case=case, actor=cast.coordinator)
    moved = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L3, "superior_anterior", None)
    saved = move_corners(case=case, landmarks=moved, based_on=1, actor=cast.coordinator)
    assert saved.level_uncertainty == UNCERTAINTY
    assert case in Case.objects.assignable()


def test_earlier_set_comes_back_as_a_new_one_with_its_own_side(case, cast):
    flip_side(case=case, actor=cast.coordinator)
    again = restore_landmark_set(case=case, version=1, based_on=2, actor=cast.coordinator)
    case.refresh_from_db()
    assert (again.version, again.source, again.parent.version) == (3, "taken", 1)
    assert again.landmarks == landmarks_at()
    assert case.anterior == "right"
    assert again.origin.source == "model"


def test_reading_keeps_the_set_it_was_dealt_with(cast):
    (case,) = cast.assign_cases(1)
    first = case.landmark_set
    moved = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L1, "superior_anterior", (36, 23))
    saved = move_corners(case=case, landmarks=moved, based_on=1, actor=cast.coordinator)
    assert {reading.landmark_set for reading in case.readings.all()} == {first}
    case.refresh_from_db()
    assert case.landmark_set == saved
