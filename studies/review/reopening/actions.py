"""Reopen a locked study: one person requests it with a reason, another one confirms."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, NotAllowed, NotFound, StudyError
from studies.protocol.models import Study
from studies.readers.models import Membership, Role
from studies.review.models import StudyReopening

MAX_REASON_LENGTH = 500
OTHER_ROLE = {Role.COORDINATOR: Role.STATISTICIAN, Role.STATISTICIAN: Role.COORDINATOR}


def pending_reopening(study: Study) -> StudyReopening | None:
    """Return the request that waits for confirmation; None without one."""
    waiting = StudyReopening.objects.filter(study=study, confirmed_at=None, withdrawn_at=None)
    return waiting.select_related("requested_by").first()


def confirmed_reopenings(study: Study) -> QuerySet[StudyReopening]:
    """Return the confirmed reopenings of a study with both people, oldest first."""
    confirmed = StudyReopening.objects.filter(study=study, confirmed_at__isnull=False)
    return confirmed.select_related("requested_by", "confirmed_by").order_by("confirmed_at")


@transaction.atomic
def request_reopening(*, study: Study, by: Membership, reason: str) -> StudyReopening:
    """Request that a locked study be reopened, which a person with the other role must confirm.

    Raises StudyError if the reason is missing or too long, Conflict if the study is not locked or
    a request is already waiting.
    """
    _check_role(by)
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON_LENGTH or "\0" in reason:
        raise StudyError(
            "reason_missing",
            f"Enter a reason of at most {MAX_REASON_LENGTH} characters. "
            "It appears in every later report.",
        )
    study = Study.objects.select_for_update().get(pk=study.pk)
    if not study.locked or study.locked_at is None:
        raise Conflict("not_locked", "The study is not locked, so it need not be reopened.")
    if pending_reopening(study) is not None:
        raise Conflict(
            "requested_already",
            "A request to reopen the study is already waiting for confirmation.",
        )
    reopening = StudyReopening(
        study=study,
        reason=reason,
        locked_at=study.locked_at,
        requested_by=by,
        requested_role=by.role,
    )
    reopening.full_clean()
    reopening.save()
    record(
        "study.reopening_requested",
        actor=by.user,
        study=study,
        subject=reopening.pk,
        role=by.role,
        reason=reason,
    )
    return reopening


@transaction.atomic
def confirm_reopening(*, study: Study, by: Membership) -> Study:
    """Confirm the waiting request; the study is then paused, and its scores are masked again.

    Raises NotAllowed for the person who requested it and for people with the same role, NotFound
    if no request is waiting.
    """
    _check_role(by)
    study = Study.objects.select_for_update().get(pk=study.pk)
    reopening = pending_reopening(study)
    if reopening is None:
        raise NotFound("No request to reopen this study is waiting.")
    if by.role == reopening.requested_role or by.user_id == reopening.requested_by.user_id:
        other = OTHER_ROLE[Role(reopening.requested_role)].label.lower()
        raise NotAllowed(f"A {other} of the study must confirm this request.")
    reopening.confirmed_by, reopening.confirmed_role = by, by.role
    reopening.confirmed_at = study.state_changed_at = timezone.now()
    reopening.save(update_fields=["confirmed_by", "confirmed_role", "confirmed_at"])
    # Paused, so that no one reads before the coordinator opens the study.
    study.state, study.locked_at = Study.State.PAUSED, None
    study.save(update_fields=["state", "state_changed_at", "locked_at"])
    record(
        "study.reopened",
        actor=by.user,
        study=study,
        subject=reopening.pk,
        role=by.role,
        requested_by=reopening.requested_by.label,
        reason=reopening.reason,
        locked_at=reopening.locked_at.isoformat(),
    )
    return study


@transaction.atomic
def withdraw_reopening(*, study: Study, by: Membership) -> StudyReopening:
    """Withdraw or decline the waiting request. Raises NotFound without one."""
    _check_role(by)
    study = Study.objects.select_for_update().get(pk=study.pk)
    reopening = pending_reopening(study)
    if reopening is None:
        raise NotFound("No request to reopen this study is waiting.")
    reopening.withdrawn_at = timezone.now()
    reopening.save(update_fields=["withdrawn_at"])
    record("study.reopening_withdrawn", actor=by.user, study=study, subject=reopening.pk)
    return reopening


def _check_role(by: Membership) -> None:
    if by.role not in OTHER_ROLE or by.site_id is not None or not by.active:
        raise NotFound
