"""All pairs at once against one pair at a time."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from studies.analytics import cohen_kappa
from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.coefficients.pair import Pair
from studies.analytics.resampling.intervals import (
    percentile_interval,
)
from studies.analytics.resampling.patient_bootstrap import (
    Bootstrap,
)
from tests.analytics.pair_bootstrap import drawn_kappas
from tests.bench.pair_grid import bootstrap_grid, kappa_grid, pair_tables


def readings(categories: int, missing: float) -> np.ndarray:
    rng = np.random.default_rng(categories)
    truth = rng.integers(0, categories, 90)
    ratings = np.clip(truth + rng.integers(-2, 3, (5, 90)), 0, categories - 1)
    ratings[rng.random((5, 90)) < missing] = -1
    return ratings


@pytest.mark.parametrize("categories", [2, 4, 7, 13, 25])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_grid_equals_single_kappas(categories: int, missing: float) -> None:
    ratings = readings(categories, missing)
    grid = kappa_grid(ratings, categories)
    for row, weights in enumerate(WEIGHTS):
        for column, (a, b) in enumerate(combinations(range(5), 2)):
            given = [
                [None if score < 0 else score for score in scores] for scores in ratings[[a, b]]
            ]
            single = cohen_kappa(*given, categories=range(categories), weights=weights)
            assert grid.n[column] == single.n
            assert grid.value[row, column] == pytest.approx(single.value, abs=1e-12)
            assert grid.se[row, column] == pytest.approx(single.se, abs=1e-12)
            assert (grid.low[row, column], grid.high[row, column]) == pytest.approx(single.ci)


def test_tables_count_pairs_of_scores() -> None:
    ratings = readings(4, 0.1)
    known = (ratings[0] >= 0) & (ratings[1] >= 0)
    counts = np.zeros((4, 4), int)
    np.add.at(counts, (ratings[0, known], ratings[1, known]), 1)
    assert pair_tables(ratings, 4)[0].tolist() == counts.tolist()


def test_degenerate_pairs_are_marked() -> None:
    ratings = np.array([[1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 2, 1], [-1, -1, -1, -1]])
    grid = kappa_grid(ratings, 3)
    assert np.isnan(grid.value[:, 0]).all()
    assert (grid.value[:, 1] == 0).all() and np.isnan(grid.low[:, 1]).all()
    assert np.isnan(grid.value[:, 2]).all()


@pytest.mark.parametrize("categories", [4, 25])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_bootstrap_equals_that_of_single_pairs(categories: int, missing: float) -> None:
    ratings = readings(categories, missing)
    bootstrap = Bootstrap.draw(90, replicates=300, seed=1)
    low, high = bootstrap_grid(ratings, categories, bootstrap.weights.astype(np.float32))
    people = np.arange(90)
    for column, (a, b) in enumerate(combinations(range(5), 2)):
        pair = Pair.of(
            ratings[a], ratings[b], case=people, patient=people, categories=categories, patients=90
        )
        for row, weights in enumerate(WEIGHTS):
            oracle = percentile_interval(drawn_kappas(bootstrap, pair, weights))
            assert (low[row, column], high[row, column]) == pytest.approx(oracle, abs=1e-9)
