"""Actions of a coordinator on a study: assign cases, open, pause, reopen readings, lock."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone

from studies.audit.record import record
from studies.cases.models import Case, Upload
from studies.errors import Conflict, StudyError
from studies.jobs.queue import send
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import User
from studies.registry.study_models import fix_model
from studies.sessions.assignment.batches import add_batch
from studies.sessions.assignment.case_strata import store_strata
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.assignment.readiness import check_requirements
from studies.sessions.assignment.storage import store_readings
from studies.sessions.models import Reading, Reopening
from studies.sessions.reading_sessions.ending import end_sessions_of_study
from studies.sessions.revisions.rule import opened_again_since
from studies.sessions.submitted_readings.unfinished_revisions import (
    discard_unfinished_revisions,
    lock_readings_in_revision,
)

PREPARE_SNAPSHOT: Final = "prepare_snapshot"
"""The task that is queued when a study is locked."""


@transaction.atomic
def assign_cases(*, study: Study, by: User, other_weights: bool = False) -> int:
    """Store the next batch after the readings of earlier batches; return how many it has.

    The first batch also fixes the model with which late cases are analysed.

    Parameters
    ----------
    other_weights
        Confirms that cases of the first batch may have been analysed with other weights than those
        that this assignment fixes.

    Raises
    ------
    Conflict
        The study is locked, something is missing, or cases were analysed with other weights.
    """
    # The lock keeps two coordinators from drawing the same batch at the same time.
    study = Study.objects.select_for_update().prefetch_related("arms").get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Cases can no longer be assigned.")
    _lock_ready_cases(study)
    preview = preview_assignment(study)
    if preview.weights.to_confirm and not other_weights:
        raise Conflict("other_weights", preview.weights.text)
    store_readings(study=study, rows=preview.rows, batch=preview.batch, landmarks=preview.landmarks)
    store_strata(study=study, batch=preview.batch, balance=preview.strata)
    add_batch(
        study=study,
        number=preview.batch,
        by=by,
        cases=preview.cases,
        readings=len(preview.rows),
    )
    if preview.weights.first:
        weights = preview.weights
        fix_model(study=study, by=by, model=weights.model, choice=weights.choice)
    record(
        "cases.assigned",
        actor=by,
        study=study,
        batch=preview.batch,
        cases=preview.cases,
        readings=len(preview.rows),
        seed=study.seed,
        strata=len(preview.strata),
        other_weights=preview.weights.other_cases,
    )
    return len(preview.rows)


@transaction.atomic
def open_study(*, study: Study, by: User) -> Study:
    """Open a draft or paused study for reading."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked and cannot be opened again.")
    check_requirements(study, before="opening", code="nothing_assigned")
    study.state = Study.State.OPEN
    # The report states the first opening, so a second one does not change it.
    study.state_changed_at = timezone.now()
    study.opened_at = study.opened_at or study.state_changed_at
    study.save(update_fields=["state", "state_changed_at", "opened_at"])
    record("study.opened", actor=by, study=study)
    return study


@transaction.atomic
def pause_study(*, study: Study, by: User) -> Study:
    """Stop reading until the study is opened again."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.state != Study.State.OPEN:
        raise Conflict("not_open", "Only an open study can be paused.")
    study.state = Study.State.PAUSED
    study.state_changed_at = timezone.now()
    study.save(update_fields=["state", "state_changed_at"])
    record("study.paused", actor=by, study=study)
    return study


@transaction.atomic
def lock_study(*, study: Study, by: User) -> Study:
    """End data entry: scores become visible and can no longer be changed.

    Only two people together can reopen the study (`review.reopening`).

    Revisions that have not been submitted again are discarded. Upload records are deleted, because
    they contain the original file names.
    """
    # First, because saves lock their reading before the study; the other order could deadlock.
    lock_readings_in_revision(study)
    # Waits for all saves that hold a shared lock on this row, so that none arrives after the lock.
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.state not in {Study.State.OPEN, Study.State.PAUSED}:
        raise Conflict("not_open", "Only an open or paused study can be locked.")
    # Recorded, so that the audit trail shows how complete the data were.
    unread = Reading.objects.filter(reading_list__study=study).to_read().count()
    study.state = Study.State.LOCKED
    study.locked_at = study.state_changed_at = timezone.now()
    study.save(update_fields=["state", "state_changed_at", "locked_at"])
    discarded = discard_unfinished_revisions(study=study, now=study.locked_at)
    # The list of uploads holds names of files, which may contain names of patients.
    Upload.objects.filter(study=study).delete()
    end_sessions_of_study(study=study)
    record("study.locked", actor=by, study=study, unread=unread, discarded_revisions=discarded)
    return study


@transaction.atomic
def reopen_reading(*, reading: Reading, by: User, reason: str) -> Reading:
    """Reopen a submitted reading for its reader. The earlier scores stay in `Change`.

    Raises Conflict when the study is locked, when the reading is not submitted, when its case is
    excluded, and when the reader has since opened the same case again.
    """
    if not reason.strip():
        raise StudyError("reason_missing", "Enter a reason for reopening the reading.")
    reading = Reading.objects.select_for_update(of=("self",)).get(pk=reading.pk)
    # Locks the study's state, so that it cannot be locked before this transaction ends.
    if lock_study_row(reading.study.pk).locked:
        raise Conflict("locked", "The study is locked. Readings can no longer be reopened.")
    if reading.in_revision:
        raise Conflict(
            "in_revision",
            "The reader is currently revising this reading. Reopen it once it has been submitted.",
        )
    if reading.state != Reading.State.SUBMITTED:
        raise Conflict("not_submitted", "This reading has not been submitted.")
    if reading.case.state == Case.State.EXCLUDED:
        raise Conflict(
            "case_excluded",
            "The case of this reading was excluded, so the reader could not submit it again.",
        )
    if Reading.objects.filter(opened_again_since(), pk=reading.pk).exists():
        raise Conflict(
            "read_again",
            "The reader has since opened this case in another period, arm or replicate. "
            "This reading can no longer be reopened.",
        )
    reading.state = Reading.State.OPEN
    reading.previous_submission_at, reading.submitted_at = reading.submitted_at, None
    # The time between submission and reopening is not reading time.
    reading.timed_to = timezone.now()
    reading.save(update_fields=["state", "previous_submission_at", "submitted_at", "timed_to"])
    Reopening.objects.create(reading=reading, by=by, reason=reason)
    record(
        "reading.reopened",
        actor=by,
        study=reading.study,
        subject=reading.pk,
        reading=reading.name,
        reason=reason,
    )
    return reading


def _lock_ready_cases(study: Study) -> None:
    """Lock the new cases, so that none is rejected, excluded or corrected during assignment."""
    ready = Case.objects.of_study(study).filter(readings=None).ready().order_by("pk")
    # In the order of keys, so that two transactions lock the rows in the same order.
    list(ready.select_for_update(of=("self",)).values_list("pk"))


def queue_snapshot(study: Study) -> bool:
    """Queue the preparation of the agreement page; return False if the broker is unavailable.

    The page does not depend on it: without the prepared values, its first request computes them.
    """
    return send(PREPARE_SNAPSHOT, study.pk)
