"""Stratified assignment of a study: preview, storage and the methods of its report."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import IntegrityError, InternalError, transaction

from studies.analytics.scale import CELLS
from studies.registry.installed import installed_model
from studies.reports.document.methods.design import design
from studies.reports.reference_standard import save_reference_grades
from studies.reports.summaries.study import summarise_study
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.models import AssignedStratum, Reading
from studies.sessions.study_lifecycle import assign_cases
from tests.make import Cast, make_case, make_reader

pytestmark = pytest.mark.django_db


def make_stratified(cases: int = 9, **design: object) -> Cast:
    """Return a study of three readers whose cases come from two sites and two scanners."""
    cast = Cast(stratified=True, **design)
    make_reader(cast.study, cast.site, "rosa")
    for number in range(cases):
        site = cast.site if number % 3 else cast.other_site
        case = make_case(cast.study, site)
        case.scanner = "Hologic Horizon" if number % 2 else "GE Lunar iDXA"
        case.save()
    return cast


def test_preview_and_stored_assignment_have_the_same_balance(
    client_of, django_assert_max_num_queries
):
    cast = make_stratified()
    preview = preview_assignment(cast.study)
    assert sum(entry.cases for entry in preview.strata) == 9
    assert all(entry.most - entry.fewest <= 1 for entry in preview.strata)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/assignment")
    assert "Hologic Horizon" in page.content.decode()
    assert "no reference standard" in page.content.decode()
    answer = client_of(cast.coordinator).get(
        f"/api/v1/studies/{cast.study.slug}/assignment-preview"
    )
    assert answer.json()["strata"] == [
        {
            "scanner": entry.stratum.scanner,
            "site": entry.stratum.site,
            "aac_group": "",
            "cases": entry.cases,
            "fewest": entry.fewest,
            "most": entry.most,
        }
        for entry in preview.strata
    ]
    assign_cases(study=cast.study, by=cast.coordinator)
    stored = [
        (row.scanner, row.site, row.cases, row.fewest, row.most)
        for row in AssignedStratum.objects.all()
    ]
    assert stored == [
        (entry.stratum.scanner, entry.stratum.site, entry.cases, entry.fewest, entry.most)
        for entry in preview.strata
    ]
    # Counted from the readings themselves.
    counts = Counter(
        Reading.objects.filter(
            case__scanner=stored[0][0], case__site__code=stored[0][1], reading_list__period=1
        ).values_list("reading_list__reader", flat=True)
    )
    assert max(counts.values()) == stored[0][4]


def test_queries_of_the_preview_do_not_depend_on_the_number_of_cases(
    django_assert_num_queries, django_assert_max_num_queries
):
    cast = make_stratified(6)
    installed_model()  # registered once in an installation
    with django_assert_max_num_queries(30) as few:
        preview_assignment(cast.study)
    for _ in range(12):
        make_case(cast.study, cast.site)
    with django_assert_num_queries(len(few.captured_queries)):
        preview_assignment(cast.study)


def test_group_of_the_reference_standard_is_a_factor():
    cast = make_stratified(6)
    grades = {
        case.pk: dict.fromkeys(CELLS, 0 if number % 2 else 3)
        for number, case in enumerate(cast.study.cases.order_by("label"))
    }
    save_reference_grades(study=cast.study, grades=grades, source="phantom")
    groups = {entry.stratum.group for entry in preview_assignment(cast.study).strata}
    assert groups == {"low", "high"}
    assign_cases(study=cast.study, by=cast.coordinator)
    summary = summarise_study(cast.study, snapshot_at=cast.study.created_at, data_hash="")
    text = design(summary)
    assert "stratified by scanner, imaging site and AAC group of the reference standard" in text
    assert "differed by at most" in text


def test_study_without_stratification_stores_no_strata():
    cast = Cast()
    cast.assign_cases(3)
    assert not AssignedStratum.objects.exists()
    summary = summarise_study(cast.study, snapshot_at=cast.study.created_at, data_hash="")
    assert "stratified" not in design(summary)


def test_stored_strata_cannot_be_changed_and_are_plausible():
    cast = make_stratified(3)
    assign_cases(study=cast.study, by=cast.coordinator)
    with pytest.raises(InternalError), transaction.atomic():
        AssignedStratum.objects.update(cases=99)
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignedStratum.objects.create(
            study=cast.study, batch=2, scanner="x", site="A", cases=1, fewest=0, most=2
        )
