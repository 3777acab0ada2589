"""What a list of cases can be narrowed to, as conditions on Case."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q

AORTA_VERDICTS = {"cropped": "aorta cut off", "borderline": "aorta near the edge"}
"""What a list says of the crop check's verdicts that somebody should look at. They hold no case."""

UNFINISHED = Q(state__in=["received", "analysing"])
IN_DOUBT = Q(state="ready", landmark_set__level_doubt__isnull=False) & (
    Q(doubt_accepted_for=None) | ~Q(doubt_accepted_for=F("landmark_set"))
)


def assigned() -> Exists:
    """Whether readings of a case were assigned; a subquery, so that no count is multiplied."""
    cases = apps.get_model("cases", "Case")._default_manager
    return Exists(cases.filter(pk=OuterRef("pk"), readings__isnull=False))


def in_state(state: str) -> Q:
    """The cases of a state, in doubt, with a verdict of the crop check, or released by a person
    and not yet assigned; all of them for ""."""
    if state == "uncertain":
        return IN_DOUBT
    if state in AORTA_VERDICTS:
        return Q(state="ready", landmark_set__crop__verdict=state)
    if state == "released":
        return Q(released=True) & ~Q(state__in=["pending_review", "excluded", "rejected"]) & ~assigned()
    return Q(state=state) if state else Q()


def at_site(code: str) -> Q:
    return Q(site__code=code) if code else Q()


def with_words(words: str) -> Q:
    """Part of the label of a case or a patient."""
    return Q(label__icontains=words) | Q(patient__label__icontains=words) if words else Q()
