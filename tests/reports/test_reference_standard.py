"""Agreement with the reference standard of phantoms: kept, exported after the lock, compared."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.scale import CELLS
from studies.errors import Conflict, StudyError
from studies.reports.models import ReferenceGrades
from studies.reports.reference_standard import save_reference_grades
from tests.make import Cast
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast: Cast) -> Cast:
    cases = cast.assign_cases(6)
    grades = {
        case.pk: {cell: (number + column) % 4 for column, cell in enumerate(CELLS)}
        for number, case in enumerate(cases)
    }
    cast.grades = {case.label: grades[case.pk] for case in cases}
    save_reference_grades(study=cast.study, grades=grades, source="test fixture")
    submit_everything(cast)
    lock(cast)
    return cast


def test_reference_standard_is_a_column_of_the_csv_and_a_table_of_the_page(known, client_of):
    client = client_of(known.statistician)
    response = client.get(reverse("tidy-csv", args=[known.study.slug]))
    text = b"".join(response.streaming_content).decode()
    assert text.splitlines()[0].endswith(",reference")
    table = parse_csv(text)
    for number, case in enumerate(table.cases):
        assert table.reference[number].tolist() == [known.grades[case][cell] for cell in CELLS]
    shown = client.get(reverse("agreement", args=[known.study.slug])).content.decode()
    assert "Agreement with the reference standard" in shown
    assert "against the reference standard" in shown


def test_study_without_a_reference_standard_has_no_column_and_no_table(cast, client_of):
    cast.assign_cases(3)
    submit_everything(cast)
    lock(cast)
    client = client_of(cast.coordinator)
    response = client.get(reverse("tidy-csv", args=[cast.study.slug]))
    assert b"reference" not in b"".join(response.streaming_content)
    shown = client.get(reverse("agreement", args=[cast.study.slug])).content.decode()
    assert "Agreement with the reference standard" not in shown


def test_reader_gets_no_reference_grades_with_a_reading(cast, client_of):
    case = cast.assign_cases(3)[0]
    grades = {case.pk: dict.fromkeys(CELLS, 2)}
    save_reference_grades(study=cast.study, grades=grades, source="test fixture")
    client = client_of(cast.reader.user)
    for reading in cast.reader.reading_lists.get(period=1).readings.filter(case=case):
        shown = client.get(f"/api/v1/readings/{reading.pk}").content.decode()
        for word in ("grades", "reference", "truth"):
            assert word not in shown
    tidy = client.get(reverse("tidy-csv", args=[cast.study.slug]))
    assert tidy.status_code == 404


def test_invalid_reference_grades_are_rejected(cast):
    case = cast.assign_cases(2)[0]
    with pytest.raises(StudyError):
        save_reference_grades(study=cast.study, grades={case.pk: {"L1_anterior": 7}}, source="x")


def kept_of(case) -> int:
    return ReferenceGrades.objects.get(case=case).grades["L1_anterior"]


def test_reference_grades_can_be_corrected_until_a_reader_opens_the_case(cast, client_of):
    first, second = cast.assign_cases(2)
    for grade in (1, 2):
        grades = {case.pk: dict.fromkeys(CELLS, grade) for case in (first, second)}
        save_reference_grades(study=cast.study, grades=grades, source="test fixture")
    assert (kept_of(first), kept_of(second)) == (2, 2)
    reading = cast.reader.reading_lists.get(period=1).readings.get(position=1)
    opened = client_of(cast.reader.user).post(f"/api/v1/readings/{reading.pk}/open")
    assert opened.status_code == 200
    for case in (first, second):
        grades = {case.pk: dict.fromkeys(CELLS, 3)}
        if case == reading.case:
            with pytest.raises(Conflict, match="before the first reading"):
                save_reference_grades(study=cast.study, grades=grades, source="after the fact")
        else:
            save_reference_grades(study=cast.study, grades=grades, source="not read yet")
    assert {case == reading.case: kept_of(case) for case in (first, second)} == {True: 2, False: 3}


def test_first_reference_grades_of_an_opened_case_are_rejected(cast):
    cases = cast.assign_cases(2)
    submit_everything(cast)
    grades = {case.pk: dict.fromkeys(CELLS, 1) for case in cases}
    with pytest.raises(Conflict):
        save_reference_grades(study=cast.study, grades=grades, source="after the fact")
    assert not ReferenceGrades.objects.exists()


def test_source_that_is_too_long_is_rejected_with_a_message(cast):
    case = cast.assign_cases(2)[0]
    grades = {case.pk: dict.fromkeys(CELLS, 1)}
    with pytest.raises(ValidationError):
        save_reference_grades(study=cast.study, grades=grades, source="x" * 121)
