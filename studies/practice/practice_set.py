"""The practice set of a study: phantoms, and cases of the study with a reference standard."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from studies.analytics.scale import CELL_SCORES, CELLS
from studies.audit.record import record
from studies.cases.models import Case
from studies.cases.row_locks import lock_case_for_change
from studies.errors import Conflict, StudyError
from studies.practice.models import PracticeCase
from studies.practice.phantoms import find_seeds
from studies.protocol.models import Study
from studies.readers.models import User

# Finding suitable phantoms takes up to 2 s for this number.
MAX_PHANTOMS_AT_ONCE = 50
PHANTOM_SOURCE = "phantom generator"


def active_practice_cases(study: Study) -> QuerySet[PracticeCase]:
    """Return the practice set of a study, in the order in which its cases were added.

    A case of the study that was excluded later is left out.
    """
    ready = Q(case=None) | Q(case__state=Case.State.READY)
    return PracticeCase.objects.filter(ready, study=study, active=True).order_by("number")


@transaction.atomic
def add_phantoms(*, study: Study, by: User, number: int) -> list[PracticeCase]:
    """Add the next phantoms of the study's sequence, which its random seed determines.

    Raises Conflict after the lock, StudyError for an invalid number, or for more phantoms than the
    sequence has left (it has about 800).
    """
    study = lock_practice_set(study)
    # Removed phantoms count as well: readers may have scored them.
    stored = list(
        PracticeCase.objects.filter(study=study, seed__isnull=False).values_list("seed", flat=True)
    )
    if not 1 <= number <= MAX_PHANTOMS_AT_ONCE:
        raise StudyError("invalid", f"Add 1 to {MAX_PHANTOMS_AT_ONCE} phantoms at a time.")
    used = [seed for seed in stored if seed is not None]
    further = find_seeds(sequence=study.seed, used=used, number=number)
    if len(further) < number:
        raise StudyError(
            "too_many",
            f"The random seed of the study yields only {len(further)} more "
            f"phantom{'' if len(further) == 1 else 's'}. Add fewer.",
        )
    first = _next_number(study)
    added = [
        PracticeCase(
            study=study,
            number=first + offset,
            seed=seed,
            grades=layout.grades,
            source=PHANTOM_SOURCE,
        )
        for offset, (seed, layout) in enumerate(further)
    ]
    PracticeCase.objects.bulk_create(added)
    record("practice.phantoms_added", actor=by, study=study, number=len(added))
    return added


@transaction.atomic
def add_same_phantoms(*, study: Study, source: Study, by: User) -> int:
    """Add the phantoms of another study's practice set; return their number."""
    study = lock_practice_set(study)
    phantoms = active_practice_cases(source).filter(case=None)
    first = _next_number(study)
    added = PracticeCase.objects.bulk_create(
        PracticeCase(
            study=study,
            number=first + offset,
            seed=phantom.seed,
            grades=phantom.grades,
            source=phantom.source,
        )
        for offset, phantom in enumerate(phantoms)
    )
    if added:
        record("practice.phantoms_added", actor=by, study=study, number=len(added))
    return len(added)


@transaction.atomic
def add_case(
    *, case: Case, by: User, grades: Mapping[str, int] | None = None, source: str = ""
) -> PracticeCase:
    """Move a case of the study to the practice set permanently.

    Without ``grades``, the reference grades that the study has for the case are used.

    Raises Conflict when the case was assigned, is not ready or has no reference standard.
    """
    study = lock_practice_set(case.study)
    case = lock_case_for_change(case)
    # A reader who learned the reference grades of an assigned case could not read it blindly.
    if case.readings.exists():
        raise Conflict(
            "assigned", "This case is assigned to readers, so it cannot be used for practice."
        )
    if case.practice:
        raise Conflict("practice_already", "This case is already in the practice set.")
    if not Case.objects.filter(pk=case.pk).assignable().exists():
        raise Conflict("not_ready", "This case is not ready, or its level labelling is uncertain.")
    # Refreshers must look like study readings, which show corrected landmarks in that arm.
    if study.has_corrected_arm and not case.corners_confirmed:
        raise Conflict("not_confirmed", "Correct or confirm the corners of this case first.")
    if grades is None:
        # Reference grades belong to the app of reports, which is above this one.
        reference = getattr(case, "reference_grades", None)
        if reference is None:
            raise Conflict("no_reference", "This case has no reference grades. Enter all eight.")
        grades, source = reference.grades, reference.source
    _check_grades(grades)
    if not source.strip():
        raise StudyError("source_missing", "State where the reference grades come from.")
    # The mark stays when the case leaves the practice set: readers have seen its reference grades.
    case.practice = True
    case.save(update_fields=["practice"])
    added = PracticeCase(
        study=study,
        number=_next_number(study),
        case=case,
        grades=dict(grades),
        source=source.strip(),
    )
    added.full_clean()
    added.save()
    record("practice.case_added", actor=by, study=study, subject=case.label, source=added.source)
    return added


@transaction.atomic
def remove_practice_case(*, practice_case: PracticeCase, by: User) -> PracticeCase:
    """Remove a case from the practice set. It never becomes a study case again.

    Raises Conflict when the certification or a refresher would lack cases.
    """
    study = lock_practice_set(practice_case.study)
    remaining = active_practice_cases(study).exclude(pk=practice_case.pk).count()
    rules = getattr(study, "certification_rules", None)
    if study.certification_required and rules is not None and remaining < rules.cases:
        raise Conflict(
            "needed", f"Certification needs {rules.cases} practice cases. Add another case first."
        )
    if study.refresher_interval is not None and remaining < study.refresher_cases:
        raise Conflict(
            "needed",
            f"A refresher needs {study.refresher_cases} practice cases. Add another case first.",
        )
    # Kept as a row, because finished rounds refer to it.
    practice_case.active = False
    practice_case.save(update_fields=["active"])
    record("practice.case_removed", actor=by, study=study, subject=practice_case.number)
    return practice_case


def _check_grades(grades: Mapping[str, int]) -> None:
    if set(grades) != set(CELLS) or not set(grades.values()) <= set(CELL_SCORES):
        raise StudyError("grades_wrong", "Give a grade of 0 to 3 for each of the eight cells.")


def lock_practice_set(study: Study) -> Study:
    """Return the study with its row locked, so that no number or seed is used twice."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Its practice set can no longer be changed.")
    return study


def _next_number(study: Study) -> int:
    last = PracticeCase.objects.filter(study=study).aggregate(last=Max("number"))["last"]
    # Numbers of removed cases are not given again.
    return (last or 0) + 1
