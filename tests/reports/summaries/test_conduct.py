"""Flow of readers, days between readings and deviations, from the database."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.audit.record import record
from studies.practice.instructions.versions import save_instructions
from studies.readers.members import set_active
from studies.reports.document.summary.conduct import DropOuts
from studies.reports.summaries.conduct import (
    summarise_batches,
    summarise_events,
    summarise_gaps,
    summarise_reader_flow,
    unamended_instructions,
)
from studies.sessions.assignment.reassignment import reassign_cases
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import open_study, pause_study
from tests.make import Cast, make_reader
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


def test_readers_are_counted_from_joining_to_completion(cast):
    cast.assign_cases(3)
    flow = summarise_reader_flow(cast.study)
    assert (flow.joined, flow.assigned, flow.started, flow.completed) == (2, 2, 0, 0)
    submit_everything(cast)
    reading = Reading.objects.filter(reading_list__reader=cast.other_reader).first()
    Reading.objects.filter(pk=reading.pk).update(state="waiting", submitted_at=None)
    flow = summarise_reader_flow(cast.study)
    assert (flow.joined, flow.assigned, flow.started, flow.completed) == (2, 2, 2, 1)


def submit(readings):
    now = timezone.now()
    readings.update(state="submitted", opened_at=now, submitted_at=now)


def drop_out(cast, reader, *, submitted):
    """Let a reader submit some readings and leave; return the number of reassigned cases."""
    readings = Reading.objects.filter(reading_list__reader=reader).order_by("position", "pk")
    submit(Reading.objects.filter(pk__in=[reading.pk for reading in readings[:submitted]]))
    set_active(membership=reader, active=False, by=cast.coordinator)
    done = reassign_cases(study=cast.study, reader=reader.label, to="all", by=cast.coordinator)
    return done.cases


def test_drop_outs_are_counted_apart_from_readers_who_completed_their_lists():
    cast = Cast(readers_per_case=2)
    third, fourth = (make_reader(cast.study, cast.site, name) for name in ("rosa", "sam"))
    cast.assign_cases(8)
    started = drop_out(cast, third, submitted=1)
    unstarted = drop_out(cast, fourth, submitted=0)
    assert not Reading.objects.filter(reading_list__reader=fourth).exists()
    assert started and unstarted
    submit(Reading.objects.filter(reading_list__reader__in=[cast.reader, cast.other_reader]))
    # Every reading that is left was submitted, also those of the reader who left.
    assert not Reading.objects.exclude(state="submitted").exists()
    with CaptureQueriesContext(connection) as queries:
        flow = summarise_reader_flow(cast.study)
    assert len(queries) == 3
    assert (flow.joined, flow.assigned, flow.started, flow.completed) == (4, 4, 3, 2)
    assert flow.unfinished == DropOuts(1, started)
    assert flow.unstarted == DropOuts(1, unstarted)


def test_deactivated_reader_without_reassignment_is_a_drop_out(cast):
    cast.assign_cases(3)
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    flow = summarise_reader_flow(cast.study)
    assert (flow.unstarted, flow.unfinished) == (DropOuts(1, 0), DropOuts())
    set_active(membership=cast.reader, active=True, by=cast.coordinator)
    assert summarise_reader_flow(cast.study).unstarted == DropOuts()


def test_reader_deactivated_after_the_last_submission_has_completed(cast):
    cast.assign_cases(3)
    submit_everything(cast)
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    flow = summarise_reader_flow(cast.study)
    assert (flow.completed, flow.unfinished) == (2, DropOuts())
    assert summarise_events(cast.study) == ()


def test_deactivation_of_a_reader_with_readings_left_is_listed(cast):
    third = make_reader(cast.study, cast.site, "rosa")
    cast.assign_cases(6)
    set_active(membership=third, active=False, by=cast.coordinator)
    set_active(membership=third, active=True, by=cast.coordinator)
    submit_everything(cast)
    # The reader finished later, but was deactivated with readings left at that time.
    assert [event.text for event in summarise_events(cast.study)] == [
        f"Reader {third.label} deactivated before submitting all assigned readings",
        f"Reader {third.label} reactivated",
    ]


def test_deactivation_after_the_lock_is_not_a_drop_out(cast):
    cast.assign_cases(3)
    submit(Reading.objects.filter(reading_list__reader=cast.reader))
    lock(cast)
    set_active(membership=cast.other_reader, active=False, by=cast.coordinator)
    flow = summarise_reader_flow(cast.study)
    assert (flow.completed, flow.unstarted) == (1, DropOuts())
    assert summarise_events(cast.study) == ()


def test_deactivation_of_a_coordinator_is_not_listed(cast):
    cast.assign_cases(3)
    record("member.deactivated", study=cast.study, subject="CO02")
    record("member.reactivated", study=cast.study, subject="CO02")
    assert summarise_events(cast.study) == ()


def test_days_between_readings_are_those_between_stored_times(cast):
    cast.assign_cases(4)
    submit_everything(cast)
    start = timezone.now() - timedelta(days=100)
    rng = np.random.default_rng(4)
    expected = []
    for number, first in enumerate(Reading.objects.filter(reading_list__period=1)):
        second = Reading.objects.get(
            reading_list__reader=first.reading_list.reader, case=first.case, reading_list__period=2
        )
        days = float(rng.uniform(28, 60))
        submitted = start + timedelta(hours=number)
        Reading.objects.filter(pk=first.pk).update(
            opened_at=submitted - timedelta(minutes=4), submitted_at=submitted
        )
        opened = submitted + timedelta(days=days)
        Reading.objects.filter(pk=second.pk).update(
            opened_at=opened, submitted_at=opened + timedelta(minutes=4)
        )
        expected.append(days)
    with CaptureQueriesContext(connection) as queries:
        (gap,) = summarise_gaps(cast.study)
    assert len(queries) == 1
    assert (gap.repeats, gap.count) == (False, len(expected))
    assert gap.median_days == pytest.approx(np.median(expected))
    assert (gap.least_days, gap.most_days) == pytest.approx((min(expected), max(expected)))


def test_days_before_a_repeat_in_a_sequential_study_are_not_days_between_arms():
    cast = Cast(design="sequential", hidden_repeats=2, repeat_after_readings=3)
    cast.assign_cases(5)
    submit_everything(cast)
    start = timezone.now() - timedelta(days=100)
    rows = list(Reading.objects.filter(reading_list__reader=cast.reader).order_by("position"))
    Reading.objects.exclude(reading_list__reader=cast.reader).update(state="waiting")
    for number, row in enumerate(rows):
        at = start + number * timedelta(days=1)
        Reading.objects.filter(pk=row.pk).update(opened_at=at, submitted_at=at)
    # The repeat follows the second reading of the case, in the other arm.
    apart = [
        row.position - second.position
        for row in rows
        for second in rows
        if (row.arm, row.replicate, second.arm, second.replicate) == ("unguided", 2, "guided", 1)
        and row.case_id == second.case_id
    ]
    between, repeats = summarise_gaps(cast.study)
    assert (between.repeats, between.count, between.most_days) == (False, 7, 1)
    assert (repeats.repeats, repeats.count) == (True, 2)
    assert (repeats.least_days, repeats.most_days) == (min(apart), max(apart))


def test_pauses_and_reassignments_are_listed_but_not_the_first_opening(cast):
    cast.assign_cases(2)
    assert summarise_events(cast.study) == ()
    pause_study(study=cast.study, by=cast.coordinator)
    open_study(study=cast.study, by=cast.coordinator)
    record("cases.reassigned", study=cast.study, subject="R01", to="R02", cases=1)
    record("study.paused", study=cast.outside_study)
    assert [event.text for event in summarise_events(cast.study)] == [
        "Reading paused",
        "Reading resumed",
        "1 case of reader R01 reassigned to R02",
    ]


def test_batches_are_those_of_the_assignment(cast):
    cast.assign_cases(2)
    (batch,) = summarise_batches(cast.study)
    assert (batch.number, batch.kind, batch.cases, batch.readings) == (1, "first", 2, 8)


def test_instructions_changed_without_an_amendment_are_named(cast):
    def save(text: str) -> None:
        save_instructions(study=cast.study, by=cast.coordinator, text=text, arm_texts={},
                          reason="Asked for")  # fmt: skip

    save("Read.")
    cast.assign_cases(1)
    save("Read well.")
    assert unamended_instructions(cast.study) == ()
    # As an earlier version stored it.
    cast.study.instructions.create(version=3, text="Read better.", saved_by=cast.coordinator)
    assert unamended_instructions(cast.study) == (3,)
