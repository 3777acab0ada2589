"""Reference grades of cases (the reference standard), and the study's rows with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from studies.analytics.scale import CELLS
from studies.audit.record import record
from studies.cases.querysets import CaseQuerySet
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.reports.models import ReferenceGrades
from studies.review.adjudication.versions import current_version
from studies.sessions.export import tidy_rows
from studies.sessions.measuring.export import has_measured_arm
from studies.sessions.models import Reading
from studies.sessions.reading.second_readings import has_start_scores
from studies.sessions.submitted_readings.export import has_changed_readings

MAX_GRADE = 3


@transaction.atomic
def save_reference_grades(
    *, study: Study, grades: Mapping[Any, Mapping[str, int]], source: str
) -> list[ReferenceGrades]:
    """Save the reference grades of cases, replacing earlier ones.

    The reference standard must be fixed before the first reading of a case: grades recorded later
    could be influenced by the scores.

    Parameters
    ----------
    grades
        For each case, by primary key, a grade of 0 to 3 for each of the eight cells.
    source
        Where the grades come from, for example the phantom generator.

    Raises
    ------
    StudyError
        If a cell has no grade or one outside 0 to 3.
    Conflict
        If a reader has opened one of the cases.
    """
    for by_cell in grades.values():
        complete = set(by_cell) == set(CELLS)
        if not complete or not all(0 <= grade <= MAX_GRADE for grade in by_cell.values()):
            raise StudyError("grades_wrong", "Give a grade of 0 to 3 for each of the eight cells.")
    # Filtered by the study, so that keys of another study's cases are ignored.
    cases = study.cases.filter(pk__in=grades)
    _check_unread(cases)
    saved = [
        ReferenceGrades(case=case, grades=dict(grades[case.pk]), source=source) for case in cases
    ]
    for reference in saved:
        reference.full_clean(exclude=["case"])
    # One statement for all cases; grades saved earlier are replaced.
    ReferenceGrades.objects.bulk_create(
        saved,
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=["grades", "source"],
    )
    record("truth.kept", study=study, cases=len(saved), source=source)
    return saved


def _check_unread(cases: CaseQuerySet) -> None:
    # The rows are locked so that no reading can be opened before the grades are committed.
    readings = Reading.objects.filter(case__in=cases).select_for_update(of=("self",)).order_by("pk")
    opened = {reading.case_id for reading in readings if reading.opened_at is not None}
    if opened:
        raise Conflict(
            "read_already",
            f"{len(opened)} of these cases have been opened by a reader. Reference grades must be "
            "saved before the first reading.",
        )


def has_reference_standard(study: Study) -> bool:
    """Return whether any case of the study has reference grades."""
    known = ReferenceGrades.objects.filter(case__study=study).exists()
    return known or current_version(study) is not None


def study_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield the tidy rows, with the optional columns that the study has."""
    grades = reference_grades(study)
    measured, changed = has_measured_arm(study), has_changed_readings(study)
    started = has_start_scores(study)
    for row in tidy_rows(study, measured=measured, changed=changed, started=started):
        if grades:
            cell = f"{row['level']}_{row['wall']}"
            row["reference"] = grades.get(row["case"], {}).get(cell)
        yield row


def reference_grades(study: Study) -> dict[str, dict[str, int | None]]:
    """Return the reference grades by case label and cell; cases without them are absent.

    The current version of an adjudicated reference standard replaces known grades as a whole:
    grades of two origins are never mixed.
    """
    version = current_version(study)
    if version is not None:
        return dict(version.grades)
    known = ReferenceGrades.objects.filter(case__study=study)
    return dict(known.values_list("case__label", "grades"))
