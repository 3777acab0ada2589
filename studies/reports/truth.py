"""True grades of cases where they are known, and the study's rows with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from studies.analytics.scale import CELLS
from studies.audit.record import record
from studies.errors import StudyError
from studies.protocol.models import Study
from studies.reports.models import TrueGrades
from studies.sessions.export import tidy_rows

HIGHEST = 3


@transaction.atomic
def keep_true_grades(
    *, study: Study, grades: Mapping[Any, Mapping[str, int]], source: str
) -> list[TrueGrades]:
    """Keep the grades of cases by their keys, before anybody has read them."""
    for own in grades.values():
        if set(own) != set(CELLS) or not all(0 <= grade <= HIGHEST for grade in own.values()):
            raise StudyError("grades_wrong", "Give a grade of 0 to 3 for each of the eight cells.")
    kept = TrueGrades.objects.bulk_create(
        TrueGrades(case=case, grades=dict(grades[case.pk]), source=source)
        for case in study.cases.filter(pk__in=grades)
    )
    record("truth.kept", study=study, cases=len(kept), source=source)
    return kept


def truth_known(study: Study) -> bool:
    return TrueGrades.objects.filter(case__study=study).exists()


def study_rows(study: Study) -> Iterator[dict[str, Any]]:
    """The tidy rows, with the column ``reference`` where the truth of cases is known."""
    known = TrueGrades.objects.filter(case__study=study)
    grades = dict(known.values_list("case__label", "grades"))
    for row in tidy_rows(study):
        if grades:
            cell = f"{row['level']}_{row['wall']}"
            row["reference"] = grades.get(row["case"], {}).get(cell)
        yield row
