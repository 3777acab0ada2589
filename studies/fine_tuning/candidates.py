"""Cases whose corrected landmarks can be trained on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count

from studies.cases.models import Case, LandmarkSet
from studies.cases.querysets import CaseQuerySet
from studies.errors import StudyError
from studies.protocol.models import Study

MOST_LISTED: Final = 10
"""Unknown labels that a message lists."""


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
        Labels of cases, in any letter case, which may be preceded by the study's short name and a
        slash. Without a short name, the case is left out of every study.

    Raises
    ------
    StudyError
        A label is not that of a case in these studies.
    """
    studies = list(studies)
    excluded = _named_cases(studies, left_out)
    cases = corrected_cases(studies).select_related(
        "study", "patient", "image", "landmark_set__parent"
    )
    chosen_cases = []
    for case in cases.order_by("study", "label").iterator(chunk_size=200):
        if case.pk not in excluded and case.landmark_set.corrected:
            chosen_cases.append(case)
        if len(chosen_cases) == most:
            break
    return chosen_cases


def _named_cases(studies: Collection[Study], labels: Collection[str]) -> set[Any]:
    """Return the keys of the cases that labels name; raises StudyError for unknown labels."""
    if not labels:
        return set()
    keys = defaultdict(set)
    # All cases, because leaving out one that would not be used anyway is no mistake.
    cases = Case.objects.filter(study__in=studies).order_by()
    for pk, slug, label in cases.values_list("pk", "study__slug", "label"):
        for name in (label, f"{slug}/{label}"):
            keys[name.casefold()].add(pk)
    unknown = [label for label in labels if _normalized(label) not in keys]
    if unknown:
        listed = ", ".join(unknown[:MOST_LISTED])
        if len(unknown) > MOST_LISTED:
            listed += f" and {len(unknown) - MOST_LISTED} more"
        raise StudyError(
            "unknown_cases",
            f"These cases to leave out are not in the selected studies: {listed}. Correct them, "
            "for example to C0012 or trial/C0012.",
        )
    return set().union(*(keys[_normalized(label)] for label in labels))


def _normalized(label: str) -> str:
    return "/".join(part.strip() for part in label.casefold().split("/"))
