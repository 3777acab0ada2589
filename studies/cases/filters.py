"""Conditions on cases that lists and counts share."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q

from studies.protocol.models import Arm

AORTA_VERDICTS = {"cropped": "aorta cropped", "borderline": "aorta near the edge"}
"""Verdicts of the crop check that a coordinator should review. They do not stop a case."""

UNFINISHED = Q(state__in=["received", "analysing"])
LEVELS_UNCERTAIN = Q(state="ready", landmark_set__level_uncertainty__isnull=False) & (
    Q(uncertainty_accepted_for=None) | ~Q(uncertainty_accepted_for=F("landmark_set"))
)

CORNERS_UNCONFIRMED = Q(state="ready") & (
    Q(corners_confirmed_for=None) | ~Q(corners_confirmed_for=F("landmark_set"))
)
"""Ready cases whose current corners have not been moved or confirmed by a person."""


def assigned() -> Exists:
    """Return whether readings of a case were assigned.

    A subquery rather than a join, because a join would multiply the counts of a list.
    """
    # By name: the models of cases import this module through their queryset.
    cases = apps.get_model("cases", "Case")._default_manager
    return Exists(cases.filter(pk=OuterRef("pk"), readings__isnull=False))


def needs_confirmed_corners() -> Exists:
    """Return whether the study of a case has the arm with guides from corrected landmarks."""
    return Exists(Arm.objects.filter(study=OuterRef("study"), code=Arm.Code.GUIDED_CORRECTED))


def state_condition(state: str) -> Q:
    """Return the condition of a state filter of the list; "" selects all cases.

    Besides the states of a case there are "uncertain" (level labelling uncertain), "unconfirmed"
    (corners neither corrected nor confirmed, and not yet assigned), the verdicts of the crop check,
    and "released" (released by a person and not yet assigned).
    """
    if state == "uncertain":
        return LEVELS_UNCERTAIN
    if state == "unconfirmed":
        return CORNERS_UNCONFIRMED & Q(practice=False) & Q(~assigned())
    if state in AORTA_VERDICTS:
        return Q(state="ready", landmark_set__crop__verdict=state)
    if state == "released":
        not_released = Q(state__in=["pending_review", "excluded", "rejected"])
        return Q(released=True) & ~not_released & Q(~assigned())
    return Q(state=state) if state else Q()


def site_condition(code: str) -> Q:
    """Return the condition of the site filter; "" selects all sites."""
    return Q(site__code=code) if code else Q()


def text_condition(text: str) -> Q:
    """Return the condition of the search field: part of the label of a case or a patient."""
    return Q(label__icontains=text) | Q(patient__label__icontains=text) if text else Q()
