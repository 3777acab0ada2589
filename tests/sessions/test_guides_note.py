"""The note on the origin of the guides that a reader sees."""

from __future__ import annotations

import pytest

from inference.results import Landmarks
from studies.cases.landmarks.corrections import (
    flip_side,
    move_corners,
    restore_landmark_set,
    shift_levels,
)
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.make import CHECKSUM, Cast, landmarks_at, make_case

pytestmark = pytest.mark.django_db

MODEL = f"test-model, {CHECKSUM[:12]}: made for a test"


@pytest.fixture
def cast(db):
    return Cast(arms=["guided"])


@pytest.fixture
def case(cast):
    return make_case(cast.study, cast.site)


@pytest.fixture
def move(cast, case):
    def moved(based_on: int) -> None:
        bodies = landmarks_at()
        bodies["L2"]["superior_anterior"] = [40 + based_on, 38]
        landmarks = Landmarks.from_dict(bodies)
        move_corners(case=case, landmarks=landmarks, based_on=based_on, actor=cast.coordinator)
        case.refresh_from_db()

    return moved


@pytest.fixture
def note(cast, client_of):
    """The note of the first reading, as its reader gets it."""

    def fetched() -> str:
        assign_cases(study=cast.study, by=cast.coordinator)
        open_study(study=cast.study, by=cast.coordinator)
        client = client_of(cast.reader.user)
        current = client.get(f"/api/v1/studies/{cast.study.slug}/reading").json()["current"]
        answer = client.get(f"/api/v1/readings/{current['id']}/guides")
        assert cast.coordinator.username not in answer.content.decode()
        text: str = answer.json()["note"]
        return text

    return fetched


def test_note_names_the_model_when_no_corner_was_changed(case, note):
    assert note() == MODEL


def test_note_names_a_coordinator_when_corners_were_moved(move, note):
    move(1)
    assert note() == f"Corrected by a coordinator: corners. Originally located by {MODEL}"


def test_note_lists_every_kind_of_correction(cast, case, move, note):
    move(1)
    shift_levels(case=case, by=1, actor=cast.coordinator)
    case.refresh_from_db()
    flip_side(case=case, actor=cast.coordinator)
    corrections = "corners, level labels, anterior side"
    assert note() == f"Corrected by a coordinator: {corrections}. Originally located by {MODEL}"


def test_note_names_the_model_when_its_corners_were_restored(cast, case, move, note):
    move(1)
    restore_landmark_set(case=case, version=1, based_on=2, actor=cast.coordinator)
    assert note() == MODEL
