"""The adjudicated reference standard of a report in words, with its caveat."""

from __future__ import annotations

from studies.reports.document.formatting import arm_name, counted
from studies.reports.document.summary.conduct import ReferenceSummary
from studies.reports.document.summary.study import StudySummary

CAVEAT = (
    "The reference standard was adjudicated from study readers: the readers compared with it "
    "decided which cases were adjudicated and contributed the grades of the others. Agreement with "
    "it is therefore optimistic and is not an estimate of accuracy against an independent standard."
)


def reference_caveat(summary: StudySummary) -> str:
    """Return the caveat about the reference standard, "" unless it was adjudicated."""
    return CAVEAT if summary.reference else ""


def describe_reference(summary: StudySummary) -> str:
    """Return how the reference standard was obtained, "" unless it was adjudicated."""
    reference = summary.reference
    if reference is None:
        return ""
    people = ", ".join(reference.adjudicators)
    scores = "with" if reference.shows_scores else "without"
    return (
        f"Reference standard version {reference.version}. First readings of the "
        f"{arm_name(reference.arm).lower()} arm were compared; a case was adjudicated if "
        f"{' or '.join(reference.rules)}. {counted(reference.cases_adjudicated, 'case')} "
        f"{_were(reference.cases_adjudicated)} adjudicated by {people}, who read {scores} the "
        "original scores and without knowing the readers. "
        f"{_others(reference)} {CAVEAT}"
    )


def _others(reference: ReferenceSummary) -> str:
    return (
        f"{counted(reference.cases_equal, 'other case')} {_were(reference.cases_equal)} scored "
        f"alike by all readers; {counted(reference.cases_by_median, 'case')} with smaller "
        "differences received the lower median of the readers’ grades."
    )


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
