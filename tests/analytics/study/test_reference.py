"""Readers against a reference standard: a column of the file, or grades given separately."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from studies.analytics import bland_altman, cohen_kappa
from studies.analytics.coefficients.kappa import fit_kappa
from studies.analytics.coefficients.kappa_differences import kappa_difference
from studies.analytics.coefficients.pair import Pair
from studies.analytics.io.tidy_csv import TableError, parse_csv
from studies.analytics.resampling.intervals import (
    percentile_interval,
)
from studies.analytics.resampling.patient_bootstrap import (
    Bootstrap,
)
from studies.analytics.scale import CELLS, MISSING
from studies.analytics.study.agreement import agreement
from studies.analytics.study.reference import with_reference
from tests.analytics.pair_bootstrap import drawn_kappas
from tests.analytics.rows import crossover

HEADER = "reader,case,level,wall,score,reference\n"


def reference_grades() -> dict[str, list[int | None]]:
    """Return grades close to those of `crossover`, with one unknown grade and one unknown case."""
    counted: dict[str, list[list[int]]] = {}
    for row in csv.DictReader(io.StringIO(crossover(readers=3, cases=40))):
        cell_index = CELLS.index(f"{row['level']}_{row['wall']}")
        cells = counted.setdefault(row["case"], [[] for _ in CELLS])
        if row["score"]:
            cells[cell_index].append(int(row["score"]))
    grades = {
        case: [round(float(np.median(cell))) for cell in cells] for case, cells in counted.items()
    }
    grades["C005"][2] = None
    del grades["C007"]
    return grades


@pytest.fixture(scope="module")
def table():
    return with_reference(parse_csv(crossover(readers=3, cases=40)), reference_grades())


@pytest.fixture(scope="module")
def analysis(table):
    bootstrap = Bootstrap.draw(len(table.patients), replicates=200, seed=4)
    return agreement(table, detail=True, bootstrap=bootstrap)


def items(table, outcome: str, arm: str, reader: int) -> Pair:
    scores, reference = table.ratings(outcome, arm)[reader], table.reference_ratings(outcome)
    cases = table.item_cases(outcome)
    return Pair.of(
        scores, reference, case=cases, patient=table.case_patient[cases],
        categories=25 if outcome == "aac24" else 4, patients=len(table.patients),
    )  # fmt: skip


@pytest.mark.parametrize("outcome", ["cells", "L1_anterior", "aac24"])
def test_kappa_with_the_reference_is_that_of_two_readers(table, analysis, outcome) -> None:
    pair = items(table, outcome, "guided", 1)
    oracle = cohen_kappa(
        pair.first, pair.second, categories=range(pair.categories), weights="linear",
        patients=pair.patient,
    )  # fmt: skip
    where = {"outcome": outcome, "arm": "guided", "readers": ("R2",)}
    mine = analysis.get("kappa_with_reference", weights="linear", **where).estimate
    assert (mine.value, mine.se, mine.n) == pytest.approx((oracle.value, oracle.se, oracle.n))
    assert mine.ci == pytest.approx(oracle.ci)
    share = analysis.get("agreement_with_reference", **where).estimate
    assert share.value == pytest.approx((pair.first == pair.second).mean())


def test_items_and_sums_with_unknown_reference_grades_are_excluded(table) -> None:
    case_index = table.cases.index("C005")
    assert table.reference_ratings("aac24")[case_index] == MISSING
    assert table.reference_ratings("aac24")[table.cases.index("C007")] == MISSING
    assert (table.reference_ratings("aac24") != MISSING).sum() == 38
    assert (table.reference_ratings("cells") != MISSING).sum() == 39 * 8 - 1


def test_arms_are_compared_by_agreement_with_the_reference_standard(table, analysis) -> None:
    up, down = (fit_kappa(items(table, "cells", arm, 0), "quadratic") for arm in table.arms[::-1])
    oracle = kappa_difference(up, down, names=("guided", "unguided"))
    where = {"outcome": "cells", "arm": "guided-unguided", "weights": "quadratic"}
    result = analysis.get("kappa_with_reference_difference", readers=("R1",), **where)
    assert (result.estimate.value, result.estimate.se) == (
        pytest.approx(oracle.value),
        pytest.approx(oracle.se),
    )
    bootstrap = Bootstrap.draw(len(table.patients), replicates=200, seed=4)
    draws = [
        drawn_kappas(bootstrap, items(table, "cells", arm, 0), "quadratic") for arm in table.arms
    ]
    assert result.more["ci_bootstrap"] == pytest.approx(percentile_interval(draws[1] - draws[0]))
    mean = analysis.get("mean_kappa_with_reference_difference", readers=table.readers, **where)
    differences = [
        one.estimate.value
        for one in analysis.find("kappa_with_reference_difference", outcome="cells")
        if one.weights == "quadratic"
    ]
    assert mean.estimate.value == pytest.approx(np.mean(differences))
    assert mean.estimate.ci[0] > 0


def test_totals_have_limits_of_agreement_and_sensitivity_at_every_cut_off(table, analysis) -> None:
    pair = items(table, "aac24", "unguided", 2)
    oracle = bland_altman(pair.first, pair.second)
    where = {"outcome": "aac24", "arm": "unguided", "readers": ("R3",)}
    bias = analysis.get("bland_altman_bias_from_reference", **where).estimate
    assert (bias.value, bias.ci) == (pytest.approx(oracle.value), pytest.approx(oracle.ci))
    high = pair.second >= 6
    for name, positives, hit in (
        ("sensitivity_at_cut", high, pair.first >= 6),
        ("specificity_at_cut", ~high, pair.first < 6),
    ):
        estimate = next(
            result for result in analysis.find(name, **where) if result.more["cut"] == 6
        ).estimate
        assert (estimate.value, estimate.n) == (
            pytest.approx(hit[positives].mean()),
            int(positives.sum()),
        )


def test_reference_column_of_the_file_is_accepted() -> None:
    text = (
        HEADER + "A,1,L1,anterior,2,3\nB,1,L1,anterior,2,\nA,2,L1,anterior,0,0\nB,2,L1,anterior,1,0"
    )
    table = parse_csv(text)
    assert table.reference_ratings("L1_anterior").tolist() == [3, 0]
    assert table.reference_ratings("L2_anterior").tolist() == [MISSING, MISSING]
    analysis = agreement(table, detail=True)
    assert analysis.get(
        "agreement_with_reference", outcome="L1_anterior", arm=None, readers=("A",)
    ).estimate.value == pytest.approx(0.5)
    json.dumps(analysis.records(), allow_nan=False)
    assert parse_csv(HEADER.replace(",reference", "") + "A,1,L1,anterior,2").reference is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "A,1,L1,anterior,2,3\nB,1,L1,anterior,2,1\n",
            "Row 3, column reference: 1, but an earlier row has 3",
        ),
        ("A,1,L1,anterior,2,4\n", 'Row 2, column reference: "4"'),
    ],
)
def test_reference_that_contradicts_itself_or_the_scale_is_rejected(
    rows: str, message: str
) -> None:
    with pytest.raises(TableError) as caught:
        parse_csv(HEADER + rows)
    assert message in str(caught.value)


def test_grades_of_a_wrong_shape_are_rejected() -> None:
    table = parse_csv(crossover(readers=2, cases=3))
    for wrong in ([0] * 7, [4] * 8):
        with pytest.raises(ValueError, match="eight grades"):
            with_reference(table, {"C001": wrong})


def test_without_a_reference_there_are_no_such_records() -> None:
    analysis = agreement(parse_csv(crossover(readers=2, cases=10)), detail=True)
    assert not any("reference" in result.statistic for result in analysis.results)
