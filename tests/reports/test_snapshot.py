"""Summary of a study and its expected comparison, as data snapshots contain them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from inference.results import Landmarks, Vertebra
from studies.analytics.study.subset import Subset
from studies.cases.landmarks.sets import flip_side, move_corners, restore_landmark_set
from studies.reports.document.study_summary import ReaderSessions
from studies.reports.snapshot import current_snapshot, expected_comparison, summarise_study
from tests.make import Cast, landmarks_at, make_case
from tests.reports.study import FACTS

pytestmark = pytest.mark.django_db
MOVED = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L1, "superior_anterior", (38.25, 22.0))


def test_case_counts_as_corrected_by_the_corners_that_it_was_read_with(cast: Cast):
    moved, restored, retaken, _ = (make_case(cast.study, cast.site) for _ in range(4))
    for case in (moved, restored, retaken):
        move_corners(case=case, landmarks=MOVED, based_on=1, actor=cast.coordinator)
    restore_landmark_set(case=restored, version=1, based_on=2, actor=cast.coordinator)
    flip_side(case=retaken, actor=cast.coordinator)
    restore_landmark_set(case=retaken, version=2, based_on=3, actor=cast.coordinator)
    cast.assign_cases(0)
    summary = summarise_study(cast.study, snapshot_at=timezone.now(), data_hash="")
    assert summary.levels_corrected == 2


def test_difference_is_expected_where_the_study_has_both_arms_and_no_arm_is_selected() -> None:
    assert expected_comparison(FACTS) == ("guided", "unguided")
    assert expected_comparison(FACTS, Subset(readers=("R1", "R2"))) == ("guided", "unguided")
    assert expected_comparison(FACTS, Subset(arm="guided")) is None
    assert expected_comparison(replace(FACTS, arms=("guided",))) is None


def test_summary_has_the_sessions_of_readers_who_have_any(read):
    assert current_snapshot(read.study).summary.sessions == ()
    start = timezone.now() - timedelta(hours=2)
    for number in (1, 2):
        read.reader.reading_sessions.create(
            number=number,
            started_at=start,
            last_activity_at=start + timedelta(minutes=20 * number),
            ended_at=start + timedelta(minutes=20 * number),
            ended_by="idle",
        )
    (sessions,) = current_snapshot(read.study).summary.sessions
    assert sessions == ReaderSessions("R01", 2, 30.0, 60.0, 0)
