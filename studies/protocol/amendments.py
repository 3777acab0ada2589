"""Amendments of a study's protocol: changes after its cases were assigned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.protocol.models import Amendment, Study

MAX_REASON = 1000
"""Characters of the reason for an amendment."""


@dataclass(frozen=True, slots=True)
class AmendmentDetails:
    """Number, date and reason of an amendment, as its protocol states them.

    Without a number, the amendment gets the one after the highest number of the study.
    """

    number: int | None
    dated: date
    reason: str


@transaction.atomic
def amend_protocol(*, study: Study, by: Any, dated: date, change: str, reason: str) -> Amendment:
    """Record an amendment that a coordinator describes; its number follows the last one.

    Raises
    ------
    StudyError
        The description or the reason is missing, or the date is in the future.
    Conflict
        No case has been assigned yet, or the study is locked.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Amendments can no longer be recorded.")
    if not has_assigned_cases(study):
        raise Conflict(
            "not_assigned",
            "No case has been assigned yet, so there is nothing to amend. Change the design.",
        )
    if not change.strip():
        raise StudyError("change_missing", "Enter what the amendment changes.")
    if study.amendments.filter(dated=dated, change=change.strip(), reason=reason.strip()).exists():
        # A form that was sent twice: amendments cannot be removed.
        raise Conflict("amendment_exists", "This amendment has already been recorded.")
    details = AmendmentDetails(None, dated, reason)
    return record_amendment(study=study, by=by, details=details, change=change.strip())


def amend_if_assigned(*, study: Study, by: Any, change: str, reason: str) -> Amendment | None:
    """Record a change of the protocol as an amendment of today once cases are assigned.

    The caller has locked the row of the study and checked that it is not locked. Returns None
    before the first assignment, when nothing has to be amended.

    Raises
    ------
    StudyError
        Cases are assigned and the reason is missing.
    """
    if not has_assigned_cases(study):
        return None
    if not reason.strip():
        raise StudyError(
            "reason_missing",
            "Cases have been assigned, so this change is an amendment of the protocol. Enter the "
            "reason for it.",
        )
    details = AmendmentDetails(None, timezone.localdate(), reason)
    return record_amendment(study=study, by=by, details=details, change=change)


def has_assigned_cases(study: Study) -> bool:
    """Return whether cases of the study have been assigned."""
    return study.reading_lists.exists()


def record_amendment(*, study: Study, by: Any, details: AmendmentDetails, change: str) -> Amendment:
    """Store an amendment in the transaction of the change that it allows.

    The caller has locked the row of the study.

    Parameters
    ----------
    change
        What the amendment changes in the study, for its list of amendments.

    Raises
    ------
    StudyError
        The reason is missing, or the date is in the future.
    Conflict
        The study has an amendment with this number.
    """
    reason = details.reason.strip()
    if not reason:
        raise StudyError("reason_missing", "Enter the reason for the amendment.")
    if details.dated > timezone.localdate():
        raise StudyError("date_in_future", "The date of the amendment is in the future.")
    number = details.number
    if number is None:
        number = (study.amendments.aggregate(last=Max("number"))["last"] or 0) + 1
    elif study.amendments.filter(number=number).exists():
        raise Conflict(
            "amendment_exists",
            f"Amendment {number} is already recorded. Enter the number of the new one.",
        )
    amendment = Amendment(
        study=study,
        number=number,
        dated=details.dated,
        change=change[:200],
        reason=reason,
        recorded_by=by,
    )
    amendment.full_clean(exclude=["study", "recorded_by"])
    amendment.save()
    record("study.amended", actor=by, study=study, subject=number, change=change)
    return amendment
