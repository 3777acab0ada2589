from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from studies.analytics.coefficients.kappa import WEIGHTS, fit_kappa
from studies.analytics.coefficients.pair import Pair
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import pair_of
from studies.analytics.resampling.intervals import (
    bca,
    defined_replicates,
    percentile_interval,
)
from studies.analytics.resampling.patient_bootstrap import (
    Bootstrap,
    jackknife,
)
from studies.analytics.study.agreement import agreement
from tests.analytics.pair_bootstrap import drawn_kappas
from tests.analytics.rows import crossover


@pytest.fixture(scope="module")
def table():
    return parse_csv(crossover(readers=3, cases=40))


def copied(pair: Pair, drawn: np.ndarray) -> Pair:
    """Return the pair with each patient's items as often as the patient was drawn."""
    again = np.repeat(np.arange(len(pair)), drawn[pair.patient].astype(int))
    return Pair(
        pair.first[again],
        pair.second[again],
        pair.case[again],
        pair.patient[again],
        pair.categories,
        pair.patients,
    )


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("outcome", ["cells", "aac24"])
def test_replicate_equals_the_kappa_of_the_drawn_patients(table, weights, outcome) -> None:
    pair = pair_of(table, outcome, "guided", ("R1", "R2"))
    bootstrap = Bootstrap.draw(pair.patients, replicates=5, seed=3)
    for drawn, kappa in zip(bootstrap.weights, drawn_kappas(bootstrap, pair, weights), strict=True):
        assert kappa == pytest.approx(fit_kappa(copied(pair, drawn), weights).value, abs=1e-12)


def test_standard_deviation_of_replicates_is_near_the_clustered_error(table) -> None:
    pair = pair_of(table, "cells", "unguided", ("R1", "R2"))
    draws = drawn_kappas(Bootstrap.draw(pair.patients, replicates=4000, seed=1), pair, "linear")
    assert draws.std() == pytest.approx(fit_kappa(pair, "linear").estimate().se, rel=0.12)


def test_same_seed_gives_the_same_intervals(table) -> None:
    def records(seed: int):
        bootstrap = Bootstrap.draw(len(table.patients), replicates=200, seed=seed)
        analysis = agreement(table, weights=["linear"], outcomes=["cells"], bootstrap=bootstrap)
        return {
            (record["statistic"], record["arm"], *record["readers"]): record["ci_bootstrap"]
            for record in analysis.records()
            if "ci_bootstrap" in record
        }

    assert records(1) == records(1) != records(2)
    low, high = records(1)["mean_kappa_difference", "guided-unguided", "R1", "R2", "R3"]
    assert 0 < low < high
    bare = agreement(table, weights=["linear"], outcomes=["cells"])
    assert not any("ci_bootstrap" in record for record in bare.records())


def test_percentiles_are_those_of_numpy() -> None:
    draws = np.random.default_rng(1).normal(size=2000)
    assert percentile_interval(draws) == pytest.approx(np.percentile(draws, [2.5, 97.5]), abs=1e-12)


def test_many_patients_are_summed_in_double_precision() -> None:
    """Sums above 2^24 are no whole numbers in single precision."""
    rng = np.random.default_rng(2)
    people = np.repeat(np.arange(6), 5000)
    first, second = rng.integers(0, 25, (2, len(people)))
    pair = Pair(first, second, np.arange(len(people)), people, 25, 6)
    bootstrap = Bootstrap.draw(6, replicates=20, seed=1)
    for drawn, kappa in zip(
        bootstrap.weights, drawn_kappas(bootstrap, pair, "quadratic"), strict=True
    ):
        counts = np.zeros((25, 25))
        np.add.at(counts, (first, second), drawn[people])
        d = np.subtract.outer(np.arange(25), np.arange(25)) ** 2
        chance = (d * np.outer(counts.sum(1), counts.sum(0))).sum()
        assert kappa == pytest.approx(1 - counts.sum() * (d * counts).sum() / chance, abs=1e-12)


def test_undefined_replicates_are_excluded() -> None:
    assert percentile_interval(np.array([np.nan, 0.5])) is None
    assert percentile_interval(np.array([np.nan, 0.0, 1.0])) == pytest.approx((0.025, 0.975))


def test_bca_equals_scipy_on_the_same_draws(table) -> None:
    """scipy.stats.bootstrap resamples cases; its formulas applied to our draws and jackknife."""
    pair = pair_of(table, "aac24", "guided", ("R1", "R2"))
    draws = drawn_kappas(Bootstrap.draw(pair.patients, replicates=2000, seed=2), pair, "linear")
    value, left_out = fit_kappa(pair, "linear").value, jackknife(pair, "linear")[pair.present]
    low, high = bca(defined_replicates(draws), value, left_out)
    z0 = stats.norm.ppf(((draws < value).sum() + (draws <= value).sum()) / (2 * len(draws)))
    gaps = left_out.mean() - left_out
    a = (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5)
    ends = [
        stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in stats.norm.ppf([0.025, 0.975])
    ]
    assert (low, high) == pytest.approx(tuple(np.percentile(draws, np.multiply(ends, 100))))


def test_jackknife_value_is_kappa_without_one_patient(table) -> None:
    pair = pair_of(table, "cells", "guided", ("R1", "R2"))
    left_out = jackknife(pair, "quadratic")
    for patient in (0, 11):
        keep = pair.patient != patient
        rest = Pair(
            pair.first[keep],
            pair.second[keep],
            pair.case[keep],
            pair.patient[keep],
            pair.categories,
            pair.patients,
        )
        assert left_out[patient] == pytest.approx(fit_kappa(rest, "quadratic").value, abs=1e-12)
