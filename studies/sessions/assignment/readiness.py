"""What a study needs before cases are assigned, before it is opened and before reading starts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from studies.cases.filters import LEVELS_UNCERTAIN, UNFINISHED
from studies.cases.landmarks.model_counts import list_weights, weights_of_batch
from studies.cases.models import Case
from studies.errors import Conflict
from studies.protocol.models import Arm, Study
from studies.readers.models import Role
from studies.sessions.assignment.arm_landmarks import assignable_cases
from studies.sessions.assignment.conditions import (
    count_readers,
    explain_too_few_cases,
    explain_too_few_readers,
)
from studies.sessions.assignment.orders import repeats_of_share
from studies.sessions.models import ReadingList


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a study needs; ``text`` states what there is, or what to do.

    ``before`` is the step that it is needed for: "assignment", "opening" or "reading". ``page`` is
    the name of the page where it is met.
    """

    name: str
    met: bool
    text: str
    before: str
    page: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a study has: sites, unassigned cases by state, readers, and whether cases were assigned.

    ``uncertain`` counts ready cases that cannot be assigned because of their level labelling, and
    ``unconfirmed`` those whose corners are neither corrected nor confirmed; the latter is ``None``
    unless the study has the arm that needs this.
    """

    sites: int
    ready: int
    uncertain: int
    pending_review: int
    analysing: int
    failed: int
    readers: int
    assigned: bool
    unconfirmed: int | None = None

    @property
    def assignable(self) -> int:
        """Return the number of cases that can be assigned."""
        return self.ready - self.uncertain

    @property
    def not_ready(self) -> int:
        """Return the number of cases that the next batch leaves out."""
        return self.pending_review + self.analysing + self.failed + self.uncertain


def list_requirements(study: Study) -> tuple[Requirement, ...]:
    """Return what the study needs before reading can start, in the order of work.

    Cases that were analysed with different weights are stated as well. A coordinator can confirm
    their assignment, so `check_requirements` lets it pass.
    """
    numbers = count_study(study)
    requirements = _requirements(study, numbers)
    if numbers.assigned or not numbers.assignable:
        return requirements
    at = next(n for n, one in enumerate(requirements) if one.name == "cases") + 1
    return (*requirements[:at], *_weights(study), *requirements[at:])


def check_requirements(
    study: Study, *, before: str, code: str, numbers: Numbers | None = None
) -> None:
    """Raise Conflict with the first thing that the study lacks for a step.

    ``numbers`` are those of the study; they are counted if not given.
    """
    for requirement in _requirements(study, numbers or count_study(study)):
        if requirement.before == before and not requirement.met:
            raise Conflict(code, requirement.text)


def count_study(study: Study) -> Numbers:
    """Return the numbers that assignment depends on, in two or three queries."""
    cases = Case.objects.of_study(study).filter(readings=None)
    counts: dict[str, int] = cases.aggregate(
        ready=Count("pk", filter=Q(state=Case.State.READY)),
        uncertain=Count("pk", filter=LEVELS_UNCERTAIN),
        pending_review=Count("pk", filter=Q(state=Case.State.PENDING_REVIEW)),
        analysing=Count("pk", filter=UNFINISHED),
        failed=Count("pk", filter=Q(state=Case.State.FAILED)),
    )
    readers = Q(memberships__role=Role.READER, memberships__active=True)
    row = (
        Study.objects.filter(pk=study.pk)
        .annotate(
            count_sites=Count("sites", distinct=True),
            count_readers=Count("memberships", filter=readers, distinct=True),
            assigned=Exists(ReadingList.objects.filter(study=OuterRef("pk"))),
            corrected=Exists(study.arms.filter(code=Arm.Code.GUIDED_CORRECTED)),
        )
        .values_list("count_sites", "count_readers", "assigned", "corrected")
        .get()
    )
    unconfirmed = None
    if row[3]:
        unconfirmed = cases.assignable().with_unconfirmed_corners().count()
    return Numbers(sites=row[0], readers=row[1], assigned=row[2], unconfirmed=unconfirmed, **counts)


def _requirements(study: Study, numbers: Numbers) -> tuple[Requirement, ...]:
    requirements = [
        Requirement(
            "sites",
            numbers.sites > 0,
            _quantity(numbers.sites, "site")
            if numbers.sites
            else "Add the sites at which images are acquired or readers work.",
            "assignment",
            "setup",
        ),
        _cases(numbers),
    ]
    if numbers.unconfirmed is not None:
        requirements.append(_corners(numbers, numbers.unconfirmed))
    requirements.append(_readers(study, numbers))
    if study.primary_contrast is not None:
        requirements.append(_contrast(study.primary_contrast))
    if study.has_hidden_repeats:
        requirements.append(_repeats(study, numbers))
    requirements += [
        Requirement(
            "assignment",
            numbers.assigned,
            "Cases are assigned."
            if numbers.assigned
            else "Assign cases to the readers before opening the study.",
            "opening",
            "assignment",
        ),
        Requirement(
            "open",
            study.opened_at is not None,
            "The study has been opened."
            if study.opened_at
            else "Open the study so that readers can start.",
            "reading",
            "assignment",
        ),
    ]
    return tuple(requirements)


def _cases(numbers: Numbers) -> Requirement:
    if numbers.unconfirmed:
        verb = "is" if numbers.assignable == 1 else "are"
        text, page = f"{_quantity(numbers.assignable, 'case')} {verb} ready.", "cases"
    elif numbers.assignable:
        text, page = f"{_quantity(numbers.assignable, 'case')} can be assigned.", "cases"
    elif numbers.assigned:
        text, page = "All cases that are ready are assigned.", "cases"
    elif numbers.pending_review:
        images = _quantity(numbers.pending_review, "image")
        text = f"No case is ready to be assigned. Review {images} for identifying text."
        page = "deidentification-review"
    elif numbers.uncertain:
        cases = _quantity(numbers.uncertain, "case")
        text = f"No case is ready to be assigned. Review the level labelling of {cases}."
        page = "cases"
    elif numbers.analysing:
        cases = _quantity(numbers.analysing, "case")
        text = f"No case is ready to be assigned. The analysis of {cases} has not finished."
        page = "cases"
    else:
        text, page = "No case is ready to be assigned. Upload images.", "upload"
    return Requirement(
        "cases", bool(numbers.assignable or numbers.assigned), text, "assignment", page
    )


def _weights(study: Study) -> tuple[Requirement, ...]:
    """Return the requirement of one model for all cases, if it is not met."""
    new = Case.objects.of_study(study).filter(readings=None)
    try:
        text = weights_of_batch(study, list_weights(assignable_cases(study, new)), first=True).text
    except Conflict as error:
        text = error.message
    if not text:
        return ()
    return (Requirement("weights", False, text, "assignment", "study-models"),)


def _corners(numbers: Numbers, unconfirmed: int) -> Requirement:
    confirmed = numbers.assignable - unconfirmed
    arm = f"the arm “{Arm.Code.GUIDED_CORRECTED.label}”"
    if not numbers.assignable and not numbers.assigned:
        text = f"{arm[0].upper()}{arm[1:]} requires corrected or confirmed corners of every case."
        return Requirement("corners", False, text, "assignment", "unconfirmed-cases")
    if not unconfirmed:
        text = f"The corners of all cases are corrected or confirmed, as {arm} requires."
        return Requirement("corners", True, text, "assignment", "unconfirmed-cases")
    page = "unconfirmed-cases"
    if confirmed:
        text = (
            f"The corners of {confirmed} of {numbers.assignable} cases are corrected or confirmed, "
            f"as {arm} requires. The others are left for a later batch."
        )
        return Requirement("corners", True, text, "assignment", page)
    lacking = _quantity(unconfirmed, "case")
    text = f"Correct the corners of {lacking}, or confirm that they are correct. "
    text += f"Cases can be assigned only after that, because the study has {arm}."
    return Requirement("corners", numbers.assigned, text, "assignment", page)


def _readers(study: Study, numbers: Numbers) -> Requirement:
    problem = explain_too_few_readers(
        numbers.readers, readers_per_case=study.readers_per_case, groups=_count_groups(study)
    )
    per_case = "per case and group" if study.design == Study.Design.PARALLEL else "per case"
    text = problem or f"{count_readers(numbers.readers)}, {study.readers_per_case} {per_case}"
    return Requirement("readers", not problem, text, "assignment", "people")


def _contrast(contrast: tuple[str, str]) -> Requirement:
    # Always met: a study of three or more arms is stored with its primary contrast.
    text = f"Primary contrast: {' minus '.join(contrast)}."
    return Requirement("contrast", True, text, "assignment", "setup")


def _repeats(study: Study, numbers: Numbers) -> Requirement:
    # The shortest reading list; the numbers of cases per reader differ by one at most.
    shares = numbers.assignable * study.readers_per_case * _count_groups(study)
    problem = ""
    if not numbers.assigned and numbers.readers:
        cases = shares // numbers.readers
        problem = explain_too_few_cases(
            cases,
            repeats=study.hidden_repeats or repeats_of_share(study.hidden_repeat_share, cases),
            spacing=study.repeat_after_readings,
            sequential=study.sequential,
        )
    number = (
        f"{study.hidden_repeat_share} % of the cases as hidden repeats"
        if study.hidden_repeat_share
        else _quantity(study.hidden_repeats, "hidden repeat")
    )
    text = problem or f"{number} per reader and arm"
    return Requirement("repeats", not problem, text, "assignment", "setup")


def _count_groups(study: Study) -> int:
    return study.arms.count() if study.design == Study.Design.PARALLEL else 1


def _quantity(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
