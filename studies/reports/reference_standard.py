"""True grades of cases where they are known, and the study's rows with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from studies.analytics.scale import CELLS
from studies.audit.record import record
from studies.cases.querysets import CaseQuerySet
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.reports.models import TrueGrades
from studies.sessions.export import tidy_rows
from studies.sessions.models import Reading

HIGHEST = 3


@transaction.atomic
def save_reference_grades(
    *, study: Study, grades: Mapping[Any, Mapping[str, int]], source: str
) -> list[TrueGrades]:
    """Keep the grades of cases by their keys, instead of earlier ones.

    Once anybody has opened one of the cases they stay as they are: a truth that is written down
    after the scores could follow them. Raises Conflict then.
    """
    for own in grades.values():
        if set(own) != set(CELLS) or not all(0 <= grade <= HIGHEST for grade in own.values()):
            raise StudyError("grades_wrong", "Give a grade of 0 to 3 for each of the eight cells.")
    cases = study.cases.filter(pk__in=grades)
    _check_unread(cases)
    kept = [TrueGrades(case=case, grades=dict(grades[case.pk]), source=source) for case in cases]
    for each in kept:
        each.full_clean(exclude=["case"])
    TrueGrades.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=["grades", "source"],
    )
    record("truth.kept", study=study, cases=len(kept), source=source)
    return kept


def _check_unread(cases: CaseQuerySet) -> None:
    """Their readings' rows are held, so that nobody opens one before the grades are kept."""
    dealt = Reading.objects.filter(case__in=cases).select_for_update(of=("self",)).order_by("pk")
    read = {reading.case_id for reading in dealt if reading.opened_at is not None}
    if read:
        raise Conflict(
            "read_already",
            f"{len(read)} of these cases have been opened by a reader: "
            "true grades are kept before anybody reads.",
        )


def truth_known(study: Study) -> bool:
    return TrueGrades.objects.filter(case__study=study).exists()


def study_rows(study: Study) -> Iterator[dict[str, Any]]:
    """The tidy rows, with the column ``reference`` where the truth of cases is known."""
    grades = true_grades(study)
    for row in tidy_rows(study):
        if grades:
            cell = f"{row['level']}_{row['wall']}"
            row["reference"] = grades.get(row["case"], {}).get(cell)
        yield row


def true_grades(study: Study) -> dict[str, dict[str, int]]:
    """The true grades by case and cell, as far as they are known."""
    known = TrueGrades.objects.filter(case__study=study)
    return dict(known.values_list("case__label", "grades"))
