"""The expanded percentile interval against t intervals and numpy's quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import pair_of
from studies.analytics.resampling.intervals import (
    bca,
    defined_replicates,
    expanded_percentiles,
    percentiles,
)
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from tests.analytics.rows import crossover

PAIRS = [("R1", "R2"), ("R1", "R3"), ("R2", "R3")]


@pytest.mark.parametrize("patients", [5, 20, 40])
def test_expanded_interval_of_a_normal_mean_is_the_t_interval(patients: int) -> None:
    """Hesterberg 2015: replicates of a mean have the variance with divisor n."""
    spread = np.sqrt((patients - 1) / patients) / np.sqrt(patients)
    ordered = stats.norm.ppf((np.arange(400_000) + 0.5) / 400_000, loc=3, scale=spread)
    expected = stats.t.interval(0.95, patients - 1, loc=3, scale=1 / np.sqrt(patients))
    assert expanded_percentiles(ordered, patients) == pytest.approx(expected, abs=2e-4)


def test_expanded_interval_holds_the_percentile_interval_and_approaches_it() -> None:
    ordered = np.sort(np.random.default_rng(1).gamma(2, size=5000))
    low, high = percentiles(ordered)
    last = np.inf
    for patients in (5, 20, 40, 200, 10**7):
        lower, upper = expanded_percentiles(ordered, patients)
        assert lower <= low < high <= upper
        assert upper - lower <= last
        last = upper - lower
    assert (lower, upper) == pytest.approx((low, high), abs=1e-5)


def test_percentiles_are_those_of_numpy() -> None:
    ordered = np.sort(np.random.default_rng(2).normal(size=3001))
    tail = stats.norm.cdf(-np.sqrt(30 / 29) * stats.t.ppf(0.975, 29))
    expected = np.quantile(ordered, [tail, 1 - tail])
    assert expanded_percentiles(ordered, 30) == pytest.approx(expected, abs=1e-12)


def test_one_patient_or_one_replicate_gives_no_interval() -> None:
    assert expanded_percentiles(np.arange(10.0), 1) is None
    assert expanded_percentiles(np.array([0.5]), 20) is None


def test_expanded_interval_of_a_difference_uses_its_replicates_and_patients() -> None:
    table = parse_csv(crossover(readers=3, cases=20))
    draws = Draws(Bootstrap.draw(20, replicates=300, seed=3))
    arms = ("guided", "unguided")
    for arm in arms:
        pairs = {readers: pair_of(table, "cells", arm, readers) for readers in PAIRS}
        draws.add(arm, ["linear"], pairs)
    up, down = (
        np.mean([draws.kappas[arm, "linear", readers] for readers in PAIRS], axis=0) for arm in arms
    )
    expected = expanded_percentiles(defined_replicates(up - down), 20)
    sides = [(arm, PAIRS) for arm in arms]
    assert draws.expanded_interval("linear", sides) == pytest.approx(expected)
    narrow = draws.interval("linear", PAIRS, arms, None)["ci_bootstrap"]
    assert expected[0] < narrow[0] < narrow[1] < expected[1]
    assert Draws(None).expanded_interval("linear", sides) is None


def test_bca_does_not_depend_on_rounding_errors_of_tied_replicates() -> None:
    rng = np.random.default_rng(5)
    draws = np.sort(rng.integers(0, 10, 400) / 10)
    noise = rng.choice([-1, 0, 1], 400) * 1e-16
    left_out = rng.normal(0.5, 0.02, 12)
    exact = bca(draws, 0.5, left_out)
    assert exact is not None
    assert bca(np.sort(draws + noise), 0.5, left_out) == pytest.approx(exact, abs=1e-12)


def test_bca_is_missing_if_all_replicates_are_equal_up_to_rounding() -> None:
    draws = np.sort(0.3 + np.array([0, 1e-16, -1e-16] * 10))
    assert bca(draws, 0.3, np.array([0.2, 0.3, 0.4])) is None
