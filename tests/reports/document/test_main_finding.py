from __future__ import annotations

import pytest

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.formats.numbers import decimal
from studies.reports.document.additional_statistics import relevance
from studies.reports.document.captions import pairs_caption
from studies.reports.document.formatting import ONE_SCORE_ONLY, kappa_text
from studies.reports.document.main_finding import Verdict, main_finding
from studies.reports.document.tables.agreement_tables import (
    outcome_table,
    pair_table,
    weights_table,
)
from tests.reports.study import study, tidy_rows


def found_of(rows: list[dict], *, detail: bool = False) -> tuple[ReadingTable, Agreement]:
    table = table_from_rows(enumerate(rows, start=2))
    return table, agreement(table, detail=detail)


def finding(**options):
    _, _, table, results = study(**options)
    return main_finding(table, results, outcome="cells", weights="linear")


def test_increased_agreement_is_stated_with_both_means_and_the_interval() -> None:
    result = finding(readers=4, cases=40)
    assert result.verdict == Verdict.RAISED
    assert result.sentence.startswith(
        "Guided reading increased mean linearly weighted kappa from 0."
    )
    assert "95 % CI" in result.sentence
    assert result.sentence.endswith("; 4 readers, 40 cases).")


def test_decreased_agreement_is_stated() -> None:
    result = finding(cases=40, errors={"unguided": 0.1, "guided": 0.6})
    assert result.verdict == Verdict.LOWERED
    assert "decreased" in result.sentence


def test_interval_that_contains_0_demonstrates_no_difference() -> None:
    result = finding(cases=40, errors={"unguided": 0.4, "guided": 0.4})
    assert result.verdict == Verdict.NOT_SHOWN
    assert result.sentence.startswith("No difference was demonstrated:")


def test_few_cases_are_insufficient_even_with_a_large_difference() -> None:
    result = finding(cases=10, errors={"unguided": 0.9, "guided": 0.05})
    assert result.verdict == Verdict.TOO_SMALL
    assert result.sentence.startswith("The data are insufficient for a conclusion:")


def test_single_arm_gives_its_mean_kappa() -> None:
    result = finding(errors={"guided": 0.3})
    assert result.verdict == Verdict.ONE_ARM
    assert "in the guided arm" in result.sentence


def test_one_reader_gives_no_result() -> None:
    result = finding(readers=1)
    assert result.verdict == Verdict.NONE
    assert result.sentence.startswith("No result yet")


def test_kappa_of_a_reader_who_used_one_score_is_no_finding() -> None:
    rows = tidy_rows(readers=2, cases=40, unreadable=0.0)
    for row in rows:
        if (row["reader"], row["arm"]) == ("R1", "guided"):
            row["score"] = 0
    table, results = found_of(rows)
    result = main_finding(table, results, outcome="cells", weights="linear")
    assert result.verdict == Verdict.NONE
    assert "used one score only" in result.sentence
    difference = results.get(
        "kappa_difference",
        outcome="cells",
        arm=results.difference_arm,
        weights="linear",
        readers=("R1", "R2"),
    )
    assert kappa_text(difference.estimate) == ONE_SCORE_ONLY


def test_smallest_detectable_difference_includes_bias_between_readers() -> None:
    """R2 gives 4 points more on every case: nothing less than 4 can be called error alone."""
    rows = tidy_rows(readers=2, cases=40, errors={"guided": 0.0}, unreadable=0.0)
    for row in rows:
        row["score"] = min(row["score"], 2)
        if row["reader"] == "R2" and row["wall"] == "anterior":
            row["score"] += 1
    _, results = found_of(rows, detail=True)
    sentence = next(iter(relevance(results)))
    points = float(sentence.partition("differ by less than ")[2].partition(" points")[0])
    assert points > 4


@pytest.mark.parametrize(
    ("value", "text"), [(0.005, "0.01"), (-0.004, "0.00"), (-0.25, "−0.25"), (None, "–")]
)
def test_numbers_have_a_true_minus_and_no_negative_zero(value, text) -> None:
    assert decimal(value) == text or (value == 0.005 and decimal(value) == "0.01")


def test_missing_arm_is_named_beside_the_main_finding_and_under_the_tables() -> None:
    result = finding(errors={"guided": 0.3})
    assert "there are no readings in the unguided arm" in result.caution
    _, _, _, results = study(errors={"guided": 0.3})
    for table in (
        outcome_table(results, weights="linear", primary="cells"),
        pair_table(results, outcome="cells", weights="linear"),
        weights_table(results, outcome="cells"),
    ):
        assert "No guided minus unguided difference was computed" in table.note
    assert "difference was computed" in pairs_caption(results, outcome="cells", weights="linear")


def test_pair_read_in_one_arm_has_a_dash_for_the_difference() -> None:
    rows = [row for row in tidy_rows() if (row["reader"], row["arm"]) != ("R3", "unguided")]
    _, results = found_of(rows)
    table = pair_table(results, outcome="cells", weights="linear")
    assert {len(row) for row in table.rows} == {len(table.header)}
    by_pair = {row[0]: row for row in table.rows}
    column = table.header.index("Difference")
    assert by_pair["R1 – R3"][column] == "–"
    assert "no difference" in table.note
    assert any(
        "pairs with R3, who read in the guided arm only" in warning for warning in results.warnings
    )
