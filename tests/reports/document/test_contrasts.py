"""Studies of three arms, and of two groups of readers, as pages and the report state them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap.intervals import WITH_CONTRASTS, bootstrap_intervals
from studies.reports.document.document import make_document
from studies.reports.document.formatting import bounds
from studies.reports.document.main_finding import Verdict, main_finding
from studies.reports.document.pdf import pdf_of
from studies.reports.document.summary.study import expected_comparison
from studies.reports.document.tables.bootstrap_table import bootstrap_table
from studies.reports.document.tables.contrast_table import contrast_table, p_text
from tests.pdf_text import text_of
from tests.reports.study import study, table_of_groups

GROUPS = {"unguided": ("R1", "R2", "R3"), "guided": ("R4", "R5", "R6")}


def parallel(**options) -> tuple[ReadingTable, Agreement]:
    table = table_of_groups(GROUPS, **options)
    return table, agreement(table, weights=["linear"], outcomes=["cells"])


@pytest.fixture(scope="module")
def three_arms() -> tuple[ReadingTable, Agreement]:
    _, _, table, results = study(
        readers=3, cases=30, errors={"unguided": 0.6, "guided": 0.2, "measured": 0.2}
    )
    return table, results


def test_groups_of_readers_are_compared_without_claiming_an_effect_of_the_arm() -> None:
    finding = main_finding(*parallel(cases=40), outcome="cells", weights="linear")
    assert finding.verdict == Verdict.RAISED
    assert finding.sentence.startswith("Agreement was higher in the guided group of readers: mean")
    assert finding.sentence.endswith("; 6 readers in two groups, 40 cases).")
    assert finding.caution.startswith("the arms were read by different readers")


def test_few_cases_of_two_groups_are_insufficient() -> None:
    finding = main_finding(*parallel(cases=10), outcome="cells", weights="linear")
    assert finding.verdict == Verdict.TOO_SMALL


def test_three_arms_have_a_primary_contrast_and_adjusted_ones(three_arms) -> None:
    contrasts = contrast_table(three_arms[1], outcome="cells", weights="linear")
    assert contrasts is not None
    assert len(contrasts.rows) == 3 and contrasts.strong == (0,)
    # Only the p-values of the others are adjusted.
    assert [row[-1] == "–" for row in contrasts.rows] == [True, False, False]
    assert "Holm" in contrasts.header[-1]


def test_main_finding_of_three_arms_is_the_primary_contrast(three_arms) -> None:
    table, results = three_arms
    finding = main_finding(table, results, outcome="cells", weights="linear")
    contrasts = contrast_table(results, outcome="cells", weights="linear")
    assert finding.verdict != Verdict.NONE and contrasts is not None
    first, second = results.compared or ("", "")
    assert contrasts.rows[0][0] == f"{first.capitalize()} − {second}"
    assert contrasts.rows[0][2].split()[0] in finding.sentence


def test_contrasts_of_a_report_have_the_expanded_percentile_interval(three_arms) -> None:
    table, results = three_arms
    intervals = bootstrap_intervals(
        table, results, outcome="cells", weights="linear", seed=7, resamples=200,
        statistics=WITH_CONTRASTS,
    )  # fmt: skip
    contrasts = contrast_table(results, outcome="cells", weights="linear", intervals=intervals)
    assert contrasts is not None and contrasts.header[3] == "Expanded percentile"
    # The analysis draws the same resamples in one step.
    bootstrap = Bootstrap.draw(len(table.patients), replicates=200, seed=7)
    analysis = agreement(table, weights=["linear"], outcomes=["cells"], bootstrap=bootstrap)
    expected = [
        bounds(tuple(result.more["ci_bootstrap_expanded"]))
        for result in analysis.find("mean_kappa_contrast", outcome="cells", weights="linear")
    ]
    assert [row[3] for row in contrasts.rows] == expected
    listed = bootstrap_table(
        intervals, outcome="cells", weights="linear", seed=7, resamples=200, shown=None
    )
    # The primary contrast is there as the difference; the others are in the table of contrasts.
    differences = [row for row in listed.rows if row[0] == "Mean of pairs" and "−" in row[1]]
    assert len(differences) == 1


def test_groups_of_readers_have_a_row_without_p_value() -> None:
    contrasts = contrast_table(parallel(cases=40)[1], outcome="cells", weights="linear")
    assert contrasts is not None
    assert contrasts.header == ("Contrast", "Patients", "Difference")
    assert len(contrasts.rows) == 1


def test_two_arms_with_the_same_readers_have_no_such_table() -> None:
    assert contrast_table(study(cases=20)[3], outcome="cells", weights="linear") is None


def test_small_p_values_are_not_printed_as_0() -> None:
    assert [p_text(p) for p in (0.0004, 0.0123, None)] == ["< 0.001", "0.012", "–"]


@pytest.mark.slow
def test_report_of_three_arms_lists_the_contrasts() -> None:
    errors = {"unguided": 0.6, "guided": 0.2, "measured": 0.1}
    _, summary, table, _ = study(readers=2, cases=20, errors=errors)
    three = replace(summary, arms=tuple(errors))
    results = agreement(table, compare=expected_comparison(three))
    text = " ".join(text_of(pdf_of(make_document(three, table, results))).split())
    assert "Measured − unguided" in text and "Holm-adjusted p" in text
