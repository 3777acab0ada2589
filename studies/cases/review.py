"""What a coordinator decides about a case: release, refuse, exclude, analyse again."""

from __future__ import annotations

from django.db import transaction

from studies.audit.record import record
from studies.cases.editable import changeable_case
from studies.cases.models import Case, FormerImage, Image, LandmarkSet
from studies.errors import Conflict, StudyError
from studies.readers.models import User

UNDONE_TEXT = "Its release was undone. Review the image again."
RETURNABLE = {Case.State.RECEIVED, Case.State.ANALYSING, Case.State.READY, Case.State.FAILED}
"""States to which a released case may have gone on; a running analysis is dropped at its end."""


@transaction.atomic
def release_case(*, case: Case, actor: User) -> Case:
    """Record that a person has reviewed the image and found nothing identifying in it."""
    case = changeable_case(case)
    if case.state != Case.State.PENDING_REVIEW:
        raise Conflict("not_held", "This case is not pending review.")
    case.released = True
    case.reason_code = case.reason_text = ""
    if case.landmark_set_id:
        case.state = Case.State.READY
    else:
        case.wait_anew()
    case.save()
    record("case.released", actor=actor, study=case.study, subject=case.label)
    return case


@transaction.atomic
def undo_release(*, case: Case, actor: User) -> Case:
    """Return a released case to the review queue, until it is assigned to a reader."""
    case = changeable_case(case)
    if not case.released or case.state not in RETURNABLE:
        raise Conflict("not_released", "This case was not released, or is no longer in the study.")
    if case.readings.exists():
        raise Conflict(
            "assigned", "This case is assigned to readers. Exclude it if it must not be read."
        )
    case.released = False
    case.state = Case.State.PENDING_REVIEW
    case.reason_code, case.reason_text = "release_undone", UNDONE_TEXT
    case.save()
    record("case.release_undone", actor=actor, study=case.study, subject=case.label)
    return case


@transaction.atomic
def refuse_case(*, case: Case, actor: User, reason: str) -> Case:
    """Refuse a case for good: its files go away and only the reason stays.

    The files go before the transaction ends: a case whose files could not be deleted, which may
    show a name, is not refused but can be refused again.
    """
    case = changeable_case(case)
    _check_reason(reason)
    if case.state in {Case.State.EXCLUDED, Case.State.REJECTED} or case.readings.exists():
        raise Conflict("too_late", "This case was dealt or settled already. Exclude it instead.")
    case.state = Case.State.REJECTED
    case.reason_code, case.reason_text = "rejected_by_person", reason
    case.landmark_set = case.doubt_accepted_for = None
    case.save()
    LandmarkSet.objects.filter(case=case).delete()
    images = [Image.objects.get(case=case), *FormerImage.objects.filter(case=case)]
    files = [file for one in images for file in (one.dicom, one.pixels, one.thumbnail)]
    for image in images:
        image.delete()
    record("case.refused", actor=actor, study=case.study, subject=case.label, reason=reason)
    for file in files:
        file.storage.delete(file.name)
    return case


@transaction.atomic
def exclude_case(*, case: Case, actor: User, reason: str) -> Case:
    """Take a case out of the study; what was read stays stored and is left out of the results."""
    case = changeable_case(case)
    _check_reason(reason)
    if case.state in {Case.State.EXCLUDED, Case.State.REJECTED}:
        raise Conflict("settled", "This case is out of the study already.")
    case.state = Case.State.EXCLUDED
    case.reason_code, case.reason_text = "excluded_by_person", reason
    case.save()
    record("case.excluded", actor=actor, study=case.study, subject=case.label, reason=reason)
    return case


@transaction.atomic
def ask_for_analysis(*, case: Case, actor: User) -> Case:
    """Have a case analysed again that failed, or whose analysis was lost with its queue."""
    case = changeable_case(case)
    again = {Case.State.FAILED, Case.State.RECEIVED, Case.State.ANALYSING}
    if case.state not in again:
        raise Conflict("not_failed", "Only a case whose analysis failed is analysed again.")
    case.wait_anew()
    case.reason_code = case.reason_text = ""
    case.save()
    record("case.analysis_asked", actor=actor, study=case.study, subject=case.label)
    return case


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise StudyError("reason_missing", "Say why, in a few words.")
