"""Cases with corrected or confirmed corners, for tests of the arm with corrected guides."""

from __future__ import annotations

from inference.results import Landmarks, Vertebra
from studies.cases.landmarks.corrections import confirm_corners, move_corners
from studies.cases.models import Case, LandmarkSet
from studies.readers.models import User
from tests.make import Cast, make_case

CORRECTED_ARMS = ["unguided", "guided", "guided corrected"]


def correct_case(case: Case, by: User, *, x: float = 37) -> LandmarkSet:
    """Move one corner of the current landmarks, as a new version."""
    case.refresh_from_db()
    assert case.landmark_set is not None
    moved = Landmarks.from_dict(case.landmark_set.landmarks).moved(
        Vertebra.L1, "inferior_anterior", (x, 38)
    )
    saved = move_corners(case=case, landmarks=moved, based_on=case.landmark_set.version, actor=by)
    case.refresh_from_db()
    return saved


def confirm_case(case: Case, by: User) -> LandmarkSet:
    """Confirm the corners of the current landmarks."""
    confirm_corners(case=case, actor=by)
    case.refresh_from_db()
    assert case.landmark_set is not None
    return case.landmark_set


def corrected_case(cast: Cast) -> Case:
    case = make_case(cast.study, cast.site)
    correct_case(case, cast.coordinator)
    return case
