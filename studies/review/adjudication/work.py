"""The work of an adjudicator: the list of cases, opening one, saving and submitting its scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from studies.analytics.scale import CELL_SCORES, CELLS, Validity
from studies.audit.record import record
from studies.errors import Conflict, NotFound, StudyError
from studies.protocol.study_lock import lock_study_row
from studies.readers.access import active_memberships, get_membership
from studies.readers.models import Membership, Role, User
from studies.review.access import require_locked
from studies.review.adjudication.rounds import current_round
from studies.review.models import Adjudication

Scores = Mapping[str, Mapping[str, int | None]]


def adjudicator_membership(user: User, slug: str) -> Membership:
    """Return the membership of an adjudicator of the study. Raises NotFound."""
    return get_membership(user, slug, Role.ADJUDICATOR)


def work_list(membership: Membership) -> QuerySet[Adjudication]:
    """Return the cases of the current round that an adjudicator has, or may take over.

    Another adjudicator's cases are left out, unless that person was deactivated before submitting.
    """
    round_ = current_round(membership.study)
    if round_ is None:
        return Adjudication.objects.none()
    free = Q(adjudicator=None) | Q(adjudicator__active=False, submitted_at=None)
    mine = Q(adjudicator=membership)
    return Adjudication.objects.filter(mine | free, round=round_).order_by("position")


def get_adjudication(user: User, pk: UUID) -> tuple[Membership, Adjudication]:
    """Return an adjudication from the person's work list. Raises NotFound, or NotAllowed.

    NotAllowed is raised for an adjudicator whose study has been reopened.
    """
    for membership in active_memberships(user, Role.ADJUDICATOR).filter(
        study__adjudication_rounds__adjudications=pk
    ):
        require_locked(membership.study)
        cases = work_list(membership).select_related("round__study", "case__image")
        adjudication = cases.filter(pk=pk).first()
        if adjudication is not None:
            return membership, adjudication
    raise NotFound


@transaction.atomic
def open_adjudication(*, user: User, pk: UUID) -> Adjudication:
    """Open a case for its adjudicator; from then on no one else can adjudicate it."""
    membership, adjudication = _lock_adjudication(user, pk)
    if adjudication.submitted_at is not None or adjudication.adjudicator_id == membership.pk:
        return adjudication
    # The scores of a deactivated adjudicator must not become part of another person's judgement.
    adjudication.adjudicator, adjudication.scores = membership, {}
    adjudication.opened_at = timezone.now()
    adjudication.save(update_fields=["adjudicator", "scores", "opened_at"])
    _record("adjudication.opened", membership, adjudication)
    return adjudication


@transaction.atomic
def save_scores(*, user: User, pk: UUID, scores: Scores) -> Adjudication:
    """Store the scores entered so far; a repeated request changes nothing.

    Raises StudyError for an unknown cell or value, Conflict once the case has been submitted.
    """
    membership, adjudication = _lock_adjudication(user, pk)
    _check_own(membership, adjudication)
    checked = {cell: _checked_value(cell, value) for cell, value in scores.items()}
    adjudication.scores = checked
    adjudication.save(update_fields=["scores"])
    return adjudication


@transaction.atomic
def submit_adjudication(*, user: User, pk: UUID) -> Adjudication:
    """Submit the adjudication of a case, which is final; a repeated request changes nothing."""
    membership, adjudication = _lock_adjudication(user, pk)
    if adjudication.submitted_at is not None:
        return adjudication
    _check_own(membership, adjudication)
    missing = [cell for cell in CELLS if cell not in adjudication.scores]
    if missing:
        cells = ", ".join(cell.replace("_", " ") for cell in missing)
        raise Conflict("incomplete", f"Score every cell before you submit. Missing: {cells}.")
    adjudication.submitted_at = timezone.now()
    adjudication.save(update_fields=["submitted_at"])
    _record("adjudication.submitted", membership, adjudication)
    return adjudication


def _lock_adjudication(user: User, pk: UUID) -> tuple[Membership, Adjudication]:
    membership, _ = get_adjudication(user, pk)
    locked = Adjudication.objects.select_for_update(of=("self",)).select_related("round").get(pk=pk)
    # Keeps the study from being reopened before this transaction ends.
    study = lock_study_row(membership.study_id)
    # It may also have been reopened and locked again since the list was read.
    if not study.locked or study.locked_at != locked.round.locked_at:
        raise Conflict("not_locked", "The study has been reopened. Its adjudication has ended.")
    # Another adjudicator may have opened the case since the list was read.
    other = locked.adjudicator
    if other is not None and other.pk != membership.pk and other.active:
        raise NotFound
    return membership, locked


def _check_own(membership: Membership, adjudication: Adjudication) -> None:
    if adjudication.submitted_at is not None:
        raise Conflict("submitted", "This case has been submitted. Its scores are final.")
    if adjudication.adjudicator_id != membership.pk:
        raise Conflict("not_opened", "Open the case before you score it.")


def _checked_value(cell: str, value: Mapping[str, int | None]) -> dict[str, Any]:
    score, validity = value.get("score"), value.get("validity")
    readable = score in CELL_SCORES and validity == Validity.VALID
    codes = {code.value for code in Validity if code != Validity.VALID}
    if cell not in CELLS or not (readable or (score is None and validity in codes)):
        raise StudyError(
            "score_wrong", "Give each cell a grade of 0 to 3, or a reason why it is not readable."
        )
    return {"score": score, "validity": validity}


def _record(action: str, membership: Membership, adjudication: Adjudication) -> None:
    record(
        action,
        actor=membership.user,
        study=membership.study,
        subject=adjudication.pk,
        case=adjudication.case.label,
    )
