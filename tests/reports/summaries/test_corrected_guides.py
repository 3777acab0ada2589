"""How many cases of the arm with corrected guides were corrected, and how many confirmed."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studies.reports.summaries.study import summarise_study
from studies.sessions.study_lifecycle import assign_cases
from tests.cases.landmarks.corrected_arms import CORRECTED_ARMS, confirm_case, corrected_case
from tests.make import Cast, make_case

pytestmark = pytest.mark.django_db


def summary_of(cast: Cast):
    return summarise_study(cast.study, snapshot_at=timezone.now(), data_hash="")


def test_corrected_and_confirmed_cases_are_counted():
    cast = Cast(arms=CORRECTED_ARMS)
    for _ in range(2):
        corrected_case(cast)
    confirm_case(make_case(cast.study, cast.site), cast.coordinator)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert summary_of(cast).corners_confirmed == (2, 1)


def test_study_without_the_arm_has_no_such_counts(cast):
    corrected_case(cast)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert summary_of(cast).corners_confirmed is None
