"""The rule that states which landmarks the guides of each arm are drawn from.

In a study with the arm "guided, corrected landmarks", that arm shows guides from the landmarks that
a person corrected or confirmed, and the other guided arms show those of the network. In any other
study, every arm shows the case's current landmarks, with a coordinator's corrections.

All arms of a case have the same anterior side, because it determines how image and score pad are
displayed. Arms without guides get the current landmarks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias
from uuid import UUID

from studies.cases.landmarks.network_sets import find_network_sets
from studies.cases.models import Case, LandmarkSet
from studies.cases.querysets import CaseQuerySet
from studies.errors import StudyError
from studies.protocol.models import Arm, Study

NETWORK_ARMS = (Arm.Code.GUIDED, Arm.Code.GUIDED_MEASURED)
MAX_NAMED = 10
"""Largest number of cases that a message names."""

ArmLandmarks: TypeAlias = Mapping[tuple[str, str], UUID]
"""Landmark sets by arm and case, where they are not the current ones of the case."""


def assignable_cases(study: Study, cases: CaseQuerySet) -> CaseQuerySet:
    """Return the cases that can be assigned in every arm of the study."""
    assignable = cases.assignable()
    if study.has_corrected_arm:
        return assignable.exclude(pk__in=cases.with_unconfirmed_corners().values("pk"))
    return assignable


def landmarks_of_arms(study: Study, cases: Collection[str]) -> ArmLandmarks:
    """Return the landmark sets that readings get instead of the current ones of their cases.

    Raises
    ------
    StudyError
        Some cases have no landmarks of the network with their present anterior side.
    """
    arms = [arm.code for arm in study.arms.all()]
    if Arm.Code.GUIDED_CORRECTED not in arms:
        return {}
    network_arms = [arm for arm in NETWORK_ARMS if arm in arms]
    if not network_arms:
        return {}
    network = find_network_sets(cases)
    _check_sides([case for case in cases if case not in network])
    return {(arm, case): landmarks for arm in network_arms for case, landmarks in network.items()}


def landmarks_in_arm(study: Study, case: Case, arm: str) -> LandmarkSet | None:
    """Return the landmarks of a case in an arm, by the same rule; for practice."""
    if arm in NETWORK_ARMS and study.has_corrected_arm:
        network = find_network_sets([case.pk]).get(str(case.pk))
        if network is not None:
            return LandmarkSet.objects.get(pk=network)
    return case.landmark_set


def _check_sides(missing: Collection[str]) -> None:
    """Raise StudyError if cases have no landmarks of the network with the present side."""
    if not missing:
        return
    labels = list(Case.objects.filter(pk__in=missing).order_by("label").values_list("label"))
    names = ", ".join(label for (label,) in labels[:MAX_NAMED])
    more = f" and {len(labels) - MAX_NAMED} more" if len(labels) > MAX_NAMED else ""
    raise StudyError(
        "network_side",
        f"The anterior side of {names}{more} was changed after the corners were corrected, so the "
        "network's guides would be on the wrong side. On the page of each case, restore the "
        "network's landmarks, flip the anterior side, and restore the corrected landmarks.",
        status=409,
    )
