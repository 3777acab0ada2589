"""Amendments of a study's protocol: changes after its cases were assigned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.protocol.models import Amendment, Study

MAX_REASON = 1000
"""Characters of the reason for an amendment."""


@dataclass(frozen=True, slots=True)
class AmendmentDetails:
    """Number, date and reason of an amendment, as its protocol states them."""

    number: int
    dated: date
    reason: str


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
    if study.amendments.filter(number=details.number).exists():
        raise Conflict(
            "amendment_exists",
            f"Amendment {details.number} is already recorded. Enter the number of the new one.",
        )
    amendment = Amendment(
        study=study,
        number=details.number,
        dated=details.dated,
        change=change[:200],
        reason=reason,
        recorded_by=by,
    )
    amendment.full_clean(exclude=["study", "recorded_by"])
    amendment.save()
    record("study.amended", actor=by, study=study, subject=details.number, change=change)
    return amendment
