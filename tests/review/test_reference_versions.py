"""From the adjudication to statistics: versions of the reference standard and what uses them."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from django.db import transaction
from django.db.utils import InternalError
from django.urls import reverse
from statsmodels.stats.inter_rater import cohens_kappa, to_table

from studies.analytics.scale import CELLS
from studies.analytics.study.reference import reference_results
from studies.errors import Conflict
from studies.reports.document.methods.reference import CAVEAT
from studies.reports.models import ReferenceGrades
from studies.reports.reference_standard import reference_grades
from studies.reports.snapshot import current_snapshot
from studies.review.adjudication.versions import create_version, current_version
from studies.review.models import ReferenceVersion
from studies.sessions.models import Score
from tests.make import Cast
from tests.review.adjudicated import (
    add_adjudicator,
    adjudicated_grades,
    begin,
    coordinator_of,
    page_of,
    score,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(locked: Cast) -> Cast:
    """A finished round in which one case was scored alike and was not selected."""
    case = locked.study.cases.first()
    for row in Score.objects.filter(reading__case=case):
        Score.objects.filter(pk=row.pk).update(score=2)
    locked.alike = case
    locked.adjudicator = add_adjudicator(locked)
    locked.round = begin(locked)
    score(locked.adjudicator.user, locked.round)
    return locked


def expected_grades(cast: Cast) -> dict[str, dict[str, int]]:
    grades = {
        row.case.label: adjudicated_grades(row.position) for row in cast.round.adjudications.all()
    }
    stored: dict[str, dict[str, list[int]]] = {}
    rows = Score.objects.filter(reading__reading_list__arm="unguided")
    for label, cell, value in rows.values_list("reading__case__label", "cell", "score"):
        stored.setdefault(label, {}).setdefault(cell, []).append(value)
    for label, by_cell in stored.items():
        grades.setdefault(label, {cell: min(values) for cell, values in by_cell.items()})
    return grades


def test_version_has_adjudicated_grades_and_the_lower_median_of_the_others(finished):
    version = create_version(study=finished.study, by=coordinator_of(finished))
    assert version.grades == expected_grades(finished)
    assert version.grades[finished.alike.label] == dict.fromkeys(CELLS, 2)
    assert version.adjudicators == ["AD01"]
    cases = finished.round.adjudications.count()
    assert (version.cases_adjudicated, version.cases_equal) == (cases, 6 - cases)
    assert (version.number, version.cases_by_median) == (1, 0)


def test_statistics_against_the_version_equal_an_independent_computation(finished, client_of):
    client = client_of(finished.coordinator)
    page = client.post(page_of(finished, "create-reference-version"), follow=True)
    assert "Reference standard version 1 created." in page.content.decode()
    text = b"".join(client.get(page_of(finished, "tidy-csv")).streaming_content).decode()
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["arm"] == "guided"]
    expected = expected_grades(finished)
    for row in rows:
        assert int(row["reference"]) == expected[row["case"]][f"{row['level']}_{row['wall']}"]
    table, values = current_snapshot(finished.study).table, []
    for reader in ("R01", "R02"):
        pairs = np.array(
            [(int(r["score"]), int(r["reference"])) for r in rows if r["reader"] == reader]
        )
        counts, _ = to_table(pairs, bins=np.arange(5) - 0.5)
        kappa = cohens_kappa(counts, weights=np.arange(4), wt="linear").kappa
        (result,) = (
            row
            for row in reference_results(table, "cells", ["linear"], None)
            if (row.statistic, row.arm, row.readers)
            == ("kappa_with_reference", "guided", (reader,))
        )
        assert result.estimate.value == pytest.approx(kappa)
        # Pages never show "-0.00".
        values.append(f"{round(kappa, 2) + 0.0:.2f}")
    page = client.get(reverse("agreement", args=[finished.study.slug])).content.decode()
    assert "Agreement with the reference standard" in page
    assert all(value.replace("-", "−") in page for value in values)
    # Typeset without breaks in numbers; the start is enough to recognise it.
    assert "Reference standard version 1" in page
    # At the table, where it cannot be overlooked, and in the methods.
    table = page[page.index("with the reference standard, with 95") :].split("</table>")[1]
    assert CAVEAT[:60] in table.split("</div>")[0]
    assert "AD01" in page


def test_version_waits_for_every_case_and_is_created_once(finished, locked):
    by = coordinator_of(finished)
    create_version(study=finished.study, by=by)
    with pytest.raises(Conflict, match="already has a version"):
        create_version(study=finished.study, by=by)
    second = begin(finished)
    with pytest.raises(Conflict, match="still being adjudicated"):
        create_version(study=finished.study, by=by)
    score(finished.adjudicator.user, second)
    assert create_version(study=finished.study, by=by).number == 2
    assert current_version(finished.study).number == 2


def test_version_needs_an_adjudication(locked):
    with pytest.raises(Conflict, match="Start the adjudication first"):
        create_version(study=locked.study, by=coordinator_of(locked))


def test_versions_cannot_be_changed_or_deleted(finished):
    version = create_version(study=finished.study, by=coordinator_of(finished))
    for change in (lambda: ReferenceVersion.objects.update(grades={}), version.delete):
        with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
            change()


def test_new_version_replaces_known_grades_and_the_cached_snapshot(finished):
    known = dict.fromkeys(CELLS, 3)
    ReferenceGrades.objects.create(case=finished.alike, grades=known, source="phantom")
    assert reference_grades(finished.study) == {finished.alike.label: known}
    before = current_snapshot(finished.study)
    version = create_version(study=finished.study, by=coordinator_of(finished))
    assert reference_grades(finished.study) == version.grades
    after = current_snapshot(finished.study)
    assert after.summary.data_hash != before.summary.data_hash
    assert after.summary.reference.cases_adjudicated == version.cases_adjudicated
