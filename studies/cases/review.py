"""A coordinator's decisions about a case: release, reject, exclude, analyse again.

Every decision locks the row of the case, changes it and records an audit event in one transaction.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from studies.audit.record import record
from studies.cases.linkage.entries import delete_entry
from studies.cases.models import Case, FormerImage, Image, LandmarkSet
from studies.cases.row_locks import lock_case_for_change
from studies.errors import Conflict, StudyError
from studies.readers.models import User

UNDONE_TEXT = "The release was undone. Review the image again."
RETURNABLE = {Case.State.RECEIVED, Case.State.ANALYSING, Case.State.READY, Case.State.FAILED}
"""States that a released case may have reached. The result of a running analysis is discarded."""


@transaction.atomic
def release_case(*, case: Case, actor: User) -> Case:
    """Record that a person reviewed the image and saw nothing that identifies the patient."""
    case = lock_case_for_change(case)
    if case.state != Case.State.PENDING_REVIEW:
        raise Conflict("not_pending_review", "This case is not pending review.")
    case.released = True
    case.reason_code = case.reason_text = ""
    # An undone release leaves the landmarks, so the analysis need not run again.
    if case.landmark_set_id:
        case.state = Case.State.READY
    else:
        case.reset_attempts()
    case.save()
    record("case.released", actor=actor, study=case.study, subject=case.label)
    return case


@transaction.atomic
def undo_release(*, case: Case, actor: User) -> Case:
    """Return a released case to the review queue, until it is assigned to a reader."""
    case = lock_case_for_change(case)
    if not case.released or case.state not in RETURNABLE:
        raise Conflict(
            "not_released", "This case was not released, or it is no longer in the study."
        )
    if case.readings.exists() or case.practice:
        raise Conflict(
            "assigned",
            "This case is assigned to readers or used for practice. Exclude it if it must not be "
            "read.",
        )
    case.released = False
    case.state = Case.State.PENDING_REVIEW
    case.reason_code, case.reason_text = "release_undone", UNDONE_TEXT
    case.save()
    record("case.release_undone", actor=actor, study=case.study, subject=case.label)
    return case


@transaction.atomic
def reject_case(*, case: Case, actor: User, reason: str) -> Case:
    """Reject a case permanently: its files are deleted and only the reason is kept.

    The files, which may show a name, are deleted before the transaction ends. If that fails, the
    case is not rejected, and the rejection can be tried again.
    """
    case = lock_case_for_change(case)
    _check_reason(reason)
    used = case.readings.exists() or case.practice
    if case.state in {Case.State.EXCLUDED, Case.State.REJECTED} or used:
        raise Conflict(
            "too_late",
            "This case has already been assigned, used for practice, excluded or rejected, so it "
            "cannot be rejected. An assigned case can be excluded.",
        )
    case.state = Case.State.REJECTED
    case.reason_code, case.reason_text = "rejected_by_person", reason
    # Cleared before the rows are deleted: both foreign keys protect them.
    case.landmark_set = case.uncertainty_accepted_for = case.corners_confirmed_for = None
    case.save()
    # Of a rejected case only the reason is kept, so its landmarks go as well.
    LandmarkSet.objects.filter(case=case).delete()
    delete_entry(case=case)
    images: list[Any] = [Image.objects.get(case=case), *FormerImage.objects.filter(case=case)]
    files = [file for image in images for file in (image.dicom, image.pixels, image.thumbnail)]
    for image in images:
        image.delete()
    # The name of the event dates from 0.1.0; existing rows cannot be renamed, since they are
    # append-only.
    record("case.refused", actor=actor, study=case.study, subject=case.label, reason=reason)
    # Within the transaction: an error undoes the rejection, so that no file stays without a case.
    for file in files:
        file.storage.delete(file.name)
    return case


@transaction.atomic
def exclude_case(*, case: Case, actor: User, reason: str) -> Case:
    """Exclude a case: its readings are kept but excluded from the results."""
    case = lock_case_for_change(case)
    _check_reason(reason)
    if case.state in {Case.State.EXCLUDED, Case.State.REJECTED}:
        raise Conflict("settled", "This case is already excluded or rejected.")
    case.state = Case.State.EXCLUDED
    case.reason_code, case.reason_text = "excluded_by_person", reason
    case.save()
    record("case.excluded", actor=actor, study=case.study, subject=case.label, reason=reason)
    return case


@transaction.atomic
def request_analysis(*, case: Case, actor: User) -> Case:
    """Set a case to wait for analysis again, after a failure or when its task was lost."""
    case = lock_case_for_change(case)
    repeatable = {Case.State.FAILED, Case.State.RECEIVED, Case.State.ANALYSING}
    if case.state not in repeatable:
        raise Conflict(
            "not_failed",
            "Only a case whose analysis failed or is not finished can be analysed again.",
        )
    case.reset_attempts()
    case.reason_code = case.reason_text = ""
    case.save()
    record("case.analysis_asked", actor=actor, study=case.study, subject=case.label)
    return case


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise StudyError("reason_missing", "Enter a reason.")
