"""Summary of a study and its expected comparison, as data snapshots contain them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from inference.results import Landmarks, Vertebra
from studies.analytics.study.subset import Subset
from studies.audit.models import Event
from studies.cases.landmarks.corrections import flip_side, move_corners, restore_landmark_set
from studies.reports.document.summary.conduct import ReaderSessions
from studies.reports.document.summary.study import expected_comparison
from studies.reports.snapshot import current_snapshot
from studies.reports.summaries.study import summarise_study
from studies.sessions.models import Reading, Reopening
from studies.sessions.study_lifecycle import reopen_reading
from tests.make import Cast, landmarks_at, make_case
from tests.reports.study import FACTS
from tests.reports.submitted_study import submit_everything

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


def reopen_latest(reading: Reading, cast: Cast, reason: str) -> None:
    """Reopen a reading of period 2, which its reader opened after the case's other reading."""
    Reading.objects.filter(pk=reading.pk).update(opened_at=F("submitted_at"))
    reopen_reading(reading=reading, by=cast.coordinator, reason=reason)


def test_reopened_readings_are_listed_with_reader_reason_and_person(cast: Cast):
    cast.assign_cases(2)
    submit_everything(cast)
    readings = Reading.objects.filter(reading_list__reader=cast.reader, reading_list__period=2)
    reasons = ["wrong side", "L3 was missed"]
    for reading, reason in zip(readings.in_order(), reasons, strict=True):
        reopen_latest(reading, cast, reason)
    summary = summarise_study(cast.study, snapshot_at=timezone.now(), data_hash="")
    assert [row.reason for row in summary.reopenings] == reasons
    first = readings.in_order()[0]
    assert summary.reopenings[0].reading == f"R01, {first.name} ({first.case.label}, {first.arm})"
    assert summary.reopenings[0].by == "clara"
    assert summary.reopenings[0].at == Reopening.objects.get(reading=first).at
    assert Event.objects.filter(action="reading.reopened").count() == 2


def test_reopenings_of_another_study_are_not_listed(cast: Cast):
    cast.assign_cases(1)
    submit_everything(cast)
    reading = Reading.objects.filter(reading_list__period=2).first()
    reopen_latest(reading, cast, "wrong side")
    summary = summarise_study(cast.outside_study, snapshot_at=timezone.now(), data_hash="")
    assert summary.reopenings == ()


def test_reopening_cannot_be_changed_or_deleted(cast: Cast):
    cast.assign_cases(1)
    submit_everything(cast)
    reading = Reading.objects.filter(reading_list__period=2).first()
    reopen_latest(reading, cast, "wrong side")
    for change in (lambda rows: rows.update(reason="another"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            change(Reopening.objects.all())
    assert Reopening.objects.get().reason == "wrong side"


def test_difference_is_expected_where_the_study_has_both_arms_and_no_arm_is_selected() -> None:
    assert expected_comparison(FACTS) == ("guided", "unguided")
    assert expected_comparison(FACTS, Subset(readers=("R1", "R2"))) == ("guided", "unguided")
    assert expected_comparison(FACTS, Subset(arm="guided")) is None
    three = replace(FACTS, arms=("measured", "unguided", "guided"))
    assert expected_comparison(three) == ("measured", "unguided")
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
