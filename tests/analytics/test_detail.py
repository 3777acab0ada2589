"""Statistics in addition to those of the page: repeats, shifts, order, time, other coefficients."""

from __future__ import annotations

import json

import numpy as np
import pytest
import statsmodels.api as sm

from studies.analytics import cohen_kappa, conger_kappa, gwet_ac, icc, krippendorff_alpha, lin_ccc
from studies.analytics.io.tidy_csv import parse_csv, table_from_rows
from studies.analytics.outcomes import category_labels
from studies.analytics.ratings import Ratings
from studies.analytics.scale import CELLS
from studies.analytics.study.agreement import agreement
from studies.analytics.study.subgroups import agreement_by_subgroup
from studies.analytics.study.time_and_order_effects import hodges_lehmann
from tests.analytics.rows import simulated_rows


@pytest.fixture(scope="module")
def table():
    return table_from_rows(enumerate(simulated_rows(), start=2))


@pytest.fixture(scope="module")
def analysis(table):
    return agreement(table, detail=True)


def one(analysis, statistic, **fields):
    (result,) = analysis.find(statistic, **fields)
    return result


def test_every_statistic_of_the_contract_has_records(analysis) -> None:
    names = {result.statistic for result in analysis.results}
    expected = (
        "cohen_kappa percent_agreement percent_within_one expected_agreement prevalence_index "
        "bias_index gwet_ac brennan_prediger fleiss_kappa conger_kappa light_kappa "
        "krippendorff_alpha icc_1_1 icc_a_1 icc_c_1 icc_1_k icc_a_k icc_c_k sem sdc lin_ccc "
        "pearson spearman kendall_tau_b bland_altman_bias bland_altman_lower bland_altman_upper "
        "kappa_difference mean_kappa_difference"
    )
    assert names >= set(expected.split())
    for record in json.loads(json.dumps(analysis.records(), allow_nan=False)):
        assert record["method"], record
        assert record["value"] is not None or record["note"], record


def test_page_statistics_are_the_same_with_and_without_detail(table, analysis) -> None:
    for plain in agreement(table).results:
        assert (
            analysis.get(
                plain.statistic,
                outcome=plain.outcome,
                arm=plain.arm,
                weights=plain.weights,
                readers=plain.readers,
            ).estimate
            == plain.estimate
        )


@pytest.mark.parametrize("outcome", ["L2_anterior", "aac_group", "aac24"])
def test_coefficients_equal_the_public_functions(table, analysis, outcome) -> None:
    ratings = Ratings(table, outcome, "guided").category_numbers(table.readers).astype(float)
    ratings[ratings < 0] = np.nan
    scale = range(len(category_labels(outcome)))
    where = {"outcome": outcome, "arm": "guided"}
    pair = ratings[:, :2]
    for weights in ("none", "linear", "quadratic"):
        for name, function, scores, readers in (
            ("gwet_ac", gwet_ac, pair[~np.isnan(pair).any(axis=1)], table.readers[:2]),
            ("gwet_ac", gwet_ac, ratings, table.readers),
            ("conger_kappa", conger_kappa, ratings, table.readers),
        ):
            mine = one(analysis, name, **where, weights=weights, readers=readers).estimate
            oracle = function(scores, categories=scale, weights=weights)
            assert (mine.value, mine.se) == pytest.approx((oracle.value, oracle.se), abs=1e-12)
    alpha = one(analysis, "krippendorff_alpha", **where, readers=table.readers).estimate
    oracle = krippendorff_alpha(ratings, level="ordinal")
    assert (alpha.value, alpha.se) == pytest.approx((oracle.value, oracle.se), abs=1e-12)
    if outcome == "aac24":
        ccc = one(analysis, "lin_ccc", **where, readers=table.readers[:2]).estimate
        assert ccc.value == pytest.approx(lin_ccc(pair[:, 0], pair[:, 1]).value, abs=1e-12)
        mean = one(analysis, "icc_a_k", **where, readers=table.readers).estimate
        assert mean.value == icc(ratings, form="A,k").value


def test_pooled_coefficients_are_clustered_by_patient(analysis) -> None:
    record = next(
        analysis.find("gwet_ac", outcome="cells", weights="linear", arm="guided")
    ).record()
    assert record["se"] == record["se_clustered"] != record["se_items"]


def test_prevalence_and_bias_are_given_at_every_cut_off(table, analysis) -> None:
    where = {"outcome": "aac24", "arm": "unguided", "readers": table.readers[:2]}
    cuts = [result.more["cut"] for result in analysis.find("prevalence_index", **where)]
    assert cuts == [1, 2, 5, 6]
    totals = Ratings(table, "aac24", "unguided").as_numbers(table.readers[:2])
    high = totals[~np.isnan(totals).any(axis=1)] >= 5
    five = next(
        result for result in analysis.find("bias_index", **where) if result.more["cut"] == 5
    )
    assert five.estimate.value == pytest.approx(high[:, 0].mean() - high[:, 1].mean())


def test_repeats_are_compared_with_first_readings_of_the_same_reader(table, analysis) -> None:
    assert one(analysis, "cohen_kappa", outcome="aac24", arm="guided", weights="linear",
               readers=("R1",), replicate=(1, 2)).record()["replicate"] == [1, 2]  # fmt: skip
    first = Ratings(table, "L1_anterior", "guided").of("R1")
    again = table.ratings_of(table.repeat_readings("guided"), "L1_anterior")[0]
    given = [(a, b) for a, b in zip(first, again, strict=True) if a >= 0 and b >= 0]
    oracle = cohen_kappa(*zip(*given, strict=True), categories=range(4), weights="quadratic")
    mine = one(
        analysis, "cohen_kappa", outcome="L1_anterior", arm="guided", weights="quadratic",
        readers=("R1",), replicate=(1, 2),
    ).estimate  # fmt: skip
    assert (mine.value, mine.se, mine.n) == (oracle.value, pytest.approx(oracle.se), len(given))
    assert "intrareader" in mine.method


def test_reader_who_numbers_levels_wrongly_is_detected() -> None:
    rng = np.random.default_rng(3)
    lines = ["reader,case,level,wall,score"]
    for case in range(40):
        grades = np.clip(rng.integers(0, 4) + rng.integers(-2, 3, (5, 2)), 0, 3)
        for reader, by in (("A", 0), ("B", 1)):
            moved = by if case < 30 else 0
            for level in range(4):
                for side, wall in enumerate(("posterior", "anterior")):
                    score = grades[level + moved, side]
                    lines.append(f"{reader},{case},L{level + 1},{wall},{score}")
    analysis = agreement(parse_csv("\n".join(lines)), detail=True, outcomes=["cells"])
    moved = {result.more["moved_by"]: result for result in analysis.find("level_shift_kappa")}
    assert moved[-1].estimate.value > moved[-1].more["unmoved"] + 0.3
    assert moved[1].estimate.value < moved[1].more["unmoved"]
    assert set(moved[-1].more["cases"]) <= {str(case) for case in range(30)}
    assert len(moved[-1].more["cases"]) >= 8


def test_readers_without_a_case_in_common_have_no_shifted_kappa() -> None:
    lines = ["reader,case,level,wall,score"]
    for reader, case in (("A", 1), ("A", 2), ("B", 2), ("B", 3), ("C", 3)):
        lines += [
            f"{reader},{case},L{level},{wall},1"
            for level in range(1, 5)
            for wall in ("posterior", "anterior")
        ]
    analysis = agreement(parse_csv("\n".join(lines)), detail=True, outcomes=["cells"])
    shifted = list(analysis.find("level_shift_kappa", readers=("A", "C")))
    assert len(shifted) == 2
    for result in shifted:
        assert (result.estimate.value, result.estimate.n, result.more["cases"]) == (None, 0, [])


def test_period_effect_equals_least_squares_with_dummy_variables(table, analysis) -> None:
    rows = np.flatnonzero((table.replicate == 1) & (table.outcome("aac24") >= 0))
    y = table.outcome("aac24")[rows].astype(float)
    arm = table.reader[rows] * 2 + table.arm[rows]
    dummies = [np.eye(len(table.cases))[table.case[rows]], np.eye(6)[arm][:, 1:]]
    x = np.column_stack([table.period[rows] - 1, *dummies])
    oracle = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={
        "groups": table.case_patient[table.case[rows]], "use_correction": False,
    })  # fmt: skip
    mine = one(analysis, "period_effect", outcome="aac24").estimate
    assert mine.value == pytest.approx(oracle.params[0], abs=1e-9)
    assert mine.se == pytest.approx(oracle.bse[0], abs=1e-9)


def test_hodges_lehmann_of_hollander_and_wolfe() -> None:
    """Hollander and Wolfe 1999, example 3.1 (depression): estimate -0.46, 95 % -0.786 to -0.010."""
    before = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
    after = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
    estimate = hodges_lehmann(after - before)
    assert np.log(estimate.value) == pytest.approx(-0.46, abs=0.001)
    assert np.log(estimate.ci) == pytest.approx((-0.786, -0.010), abs=0.001)


def test_time_is_compared_within_reader_and_case(analysis, table) -> None:
    ratio = one(analysis, "time_ratio", readers=table.readers).estimate
    assert ratio.ci[0] < ratio.value < ratio.ci[1]
    assert ratio.n == 40
    median = one(analysis, "median_active_minutes", arm="guided", readers=("R1",)).estimate
    rows = (table.reader == 0) & (table.arm == table.arms.index("guided")) & (table.replicate == 1)
    assert median.value == pytest.approx(np.median(table.active_ms[rows]) / 60_000)


def test_every_single_cell_has_results(analysis) -> None:
    assert {result.outcome for result in analysis.find("gwet_ac")} >= set(CELLS)


def test_results_by_site_are_the_agreement_of_its_cases(table) -> None:
    parts = agreement_by_subgroup(table, "site", weights=["linear"], outcomes=["cells"])
    results = [result for part in parts for result in part.results]
    assert {result.record()["site"] for result in results} == {"A", "B"}
    mine = next(result for result in results if result.subgroup == ("site", "A"))
    rows = [row for row in simulated_rows() if row["case_site"] == "A"]
    alone = agreement(table_from_rows(enumerate(rows, start=2)), outcomes=["cells"])
    oracle = alone.get(
        mine.statistic, outcome="cells", arm=mine.arm, weights="linear", readers=mine.readers
    )
    assert mine.estimate.value == pytest.approx(oracle.estimate.value, abs=1e-12)
    assert mine.estimate.se == pytest.approx(oracle.estimate.se, abs=1e-12)


def test_reader_is_compared_with_the_median_of_the_others(table, analysis) -> None:
    ratings = Ratings(table, "aac24", "guided").category_numbers(table.readers)
    others = ratings[:, 1:]
    known = (others >= 0).all(axis=1) & (ratings[:, 0] >= 0)
    oracle = cohen_kappa(
        ratings[known, 0], others[known].min(axis=1), categories=range(25), weights="linear"
    )
    mine = one(
        analysis, "kappa_with_consensus", outcome="aac24", arm="guided", weights="linear",
        readers=("R1",),
    ).estimate  # fmt: skip
    assert (mine.value, mine.se) == pytest.approx((oracle.value, oracle.se), abs=1e-12)
