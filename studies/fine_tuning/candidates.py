"""Cases whose corrected landmarks can be trained on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from studies.cases.models import Case, LandmarkSet
from studies.cases.querysets import CaseQuerySet
from studies.protocol.models import Study


@dataclass(frozen=True, slots=True)
class StudyCandidates:
    """A study with its number of corrected cases and of patients among them."""

    study: Study
    cases: int
    patients: int


def corrected_cases(studies: Iterable[Study]) -> CaseQuerySet:
    """Return the ready cases whose current corners were changed by a person.

    Practice cases are excluded, and so are cases with uncertain level labelling that no one has
    accepted.
    """
    cases: CaseQuerySet = Case.objects.filter(study__in=list(studies)).assignable()
    # A restored version may be the network's own: `is_corrected` decides about those.
    return cases.exclude(landmark_set__source=LandmarkSet.Source.MODEL)


def count_candidates(studies: Iterable[Study]) -> list[StudyCandidates]:
    """Return the studies with their numbers of corrected cases, in one query."""
    listed = list(studies)
    rows = corrected_cases(listed).order_by().values("study")
    counts: dict[Any, Any] = {
        row["study"]: row
        for row in rows.annotate(
            cases=Count("pk", distinct=True), patients=Count("patient", distinct=True)
        )
    }
    empty = {"cases": 0, "patients": 0}
    return [
        StudyCandidates(study, **{name: counts.get(study.pk, empty)[name] for name in empty})
        for study in listed
    ]


def choose_cases(studies: Iterable[Study], *, left_out: Collection[str], most: int) -> list[Case]:
    """Return at most ``most`` corrected cases of studies, in the order of their labels.

    Parameters
    ----------
    left_out
        Labels of cases, which may be preceded by the study's short name and a slash.
    """
    cases = corrected_cases(studies).select_related("study", "patient", "landmark_set__parent")
    chosen_cases = []
    for case in cases.order_by("study", "label").iterator(chunk_size=200):
        named = {case.label, f"{case.study.slug}/{case.label}"}
        if not named & set(left_out) and case.landmark_set.corrected:
            chosen_cases.append(case)
        if len(chosen_cases) == most:
            break
    return chosen_cases
