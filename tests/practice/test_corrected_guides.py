"""Practice shows the guides that the arm shows."""

from __future__ import annotations

import pytest

from studies.analytics.scale import CELLS
from studies.errors import Conflict
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.practice_set import add_case
from studies.practice.rounds.changes import guides_of
from tests.cases.landmarks.corrected_arms import CORRECTED_ARMS, corrected_case
from tests.make import Cast, make_case

pytestmark = pytest.mark.django_db
GRADES = dict.fromkeys(CELLS, 1)


def guides_in(cast: Cast, arm: str) -> tuple[list, list, list]:
    """The guides of a practice case in an arm, and those of the network and of the correction."""
    case = corrected_case(cast)
    practice_case = add_case(case=case, by=cast.coordinator, grades=GRADES, source="panel")
    practice_round = PracticeRound.objects.create(
        reader=cast.reader, kind="practice", number=1, arm=arm
    )
    reading = PracticeReading.objects.create(
        round=practice_round, practice_case=practice_case, position=1
    )
    network, corrected = case.landmark_sets.order_by("version")
    return guides_of(reading), network.guides, corrected.guides


def test_guided_arm_shows_the_network_beside_an_arm_with_corrections():
    shown, network, corrected = guides_in(Cast(arms=CORRECTED_ARMS), "guided")
    assert shown == network != corrected


def test_corrected_arm_shows_the_corrections():
    shown, network, corrected = guides_in(Cast(arms=CORRECTED_ARMS), "guided corrected")
    assert shown == corrected != network


def test_case_with_unconfirmed_corners_cannot_be_used_for_practice_in_such_a_study():
    cast = Cast(arms=CORRECTED_ARMS)
    case = make_case(cast.study, cast.site)
    with pytest.raises(Conflict, match="Correct or confirm the corners"):
        add_case(case=case, by=cast.coordinator, grades=GRADES, source="panel")


def test_study_without_the_arm_shows_the_corrections():
    shown, _, corrected = guides_in(Cast(), "guided")
    assert shown == corrected
