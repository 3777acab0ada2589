"""Analyses of unassigned cases with the present model of their study, in place of another one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from studies.audit.record import record
from studies.cases.models import Case, LandmarkSet
from studies.cases.querysets import CaseQuerySet
from studies.cases.row_locks import check_study_unlocked
from studies.errors import Conflict
from studies.jobs.claims import MAX_ATTEMPTS
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import User
from studies.registry.study_models import analysis_model, model_of


@dataclass(frozen=True, slots=True)
class OtherWeights:
    """Unassigned cases that were analysed with other weights than those of their study.

    ``left_alone`` are the labels of the cases whose landmarks a person corrected or confirmed: an
    analysis would replace what that person decided.
    """

    cases: tuple[Case, ...] = ()
    left_alone: tuple[str, ...] = ()


def find_other_weights(study: Study) -> OtherWeights:
    """Return the unassigned cases with other weights; none if the study's model is not known."""
    model = model_of(study)
    return _sort(_with_other_weights(study, model.checksum)) if model else OtherWeights()


@transaction.atomic
def repeat_analyses(*, study: Study, actor: User) -> OtherWeights:
    """Set the unassigned cases that other weights analysed to wait for an analysis.

    Their present landmarks stay in their history. Cases that a person corrected or confirmed are
    left alone.

    Raises
    ------
    Conflict
        The study is locked or has no registered model, or there are no such cases.
    """
    # Cases are assigned under a lock of this row, so none is assigned meanwhile.
    study = lock_study_row(study.pk)
    check_study_unlocked(study)
    model = analysis_model(study)
    if model is None:
        raise Conflict(
            "model_unknown",
            "The model of this study is not registered, so no cases can be compared with it. "
            "Select a registered model first.",
        )
    rows = _with_other_weights(study, model.checksum)
    # In the order of keys, so that two transactions lock the rows in the same order.
    list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    other = _sort(rows)
    if not other.cases:
        raise Conflict(
            "none_to_repeat",
            "There are no unassigned cases with other weights that could be analysed again.",
        )
    Case.objects.filter(pk__in=[case.pk for case in other.cases]).update(
        state=Case.State.RECEIVED,
        heard_at=timezone.now(),
        last_attempt=F("attempts") + MAX_ATTEMPTS,
    )
    record(
        "cases.analyses_repeated",
        actor=actor,
        study=study,
        subject=model.name,
        checksum=model.checksum,
        cases=len(other.cases),
        left_alone=len(other.left_alone),
    )
    return other


def _with_other_weights(study: Study, checksum: str) -> CaseQuerySet:
    cases: CaseQuerySet = Case.objects.of_study(study).ready().filter(readings=None)
    return cases.exclude(landmark_set__model_checksum=checksum)


def _sort(rows: CaseQuerySet) -> OtherWeights:
    """Divide cases into those that may be analysed again and those of a person."""
    again, left_alone = [], []
    cases = rows.select_related("landmark_set").order_by("label")
    # Without landmarks and measurements, because there may be thousands of cases.
    cases = cases.only(
        "label",
        "landmark_set__source",
        "uncertainty_accepted_for",
        "corners_confirmed_for",
    )
    for case in cases:
        landmarks = case.landmark_set
        by_person = landmarks is None or landmarks.source != LandmarkSet.Source.MODEL
        if by_person or case.corners_confirmed or case.labels_accepted:
            left_alone.append(case.label)
        else:
            again.append(case)
    return OtherWeights(tuple(again), tuple(left_alone))
