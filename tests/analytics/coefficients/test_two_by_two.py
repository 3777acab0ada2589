from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import SquareTable
from statsmodels.stats.contingency_tables import mcnemar as oracle_mcnemar

from studies.analytics.coefficients.pair import Pair
from studies.analytics.coefficients.two_by_two import (
    bias_index,
    dichotomise,
    mcnemar,
    prevalence_index,
    stuart_maxwell,
)


def pair_of_counts(counts) -> Pair:
    table = np.array(counts)
    first, second = (index.ravel().repeat(table.ravel()) for index in np.indices(table.shape))
    items = np.arange(len(first))
    return Pair(first, second, items, items, len(table), len(first))


def test_indices_of_byrt_1993() -> None:
    """Byrt 1993: a (both yes) 80, b 10, c 5, d 5: prevalence (a - d)/n, bias (b - c)/n."""
    pair = pair_of_counts([[5, 5], [10, 80]])
    prevalence, bias = prevalence_index(pair), bias_index(pair)
    assert (prevalence.value, bias.value) == (pytest.approx(0.75), pytest.approx(0.05))
    assert prevalence.se == pytest.approx(np.sqrt((0.85 - 0.75**2) / 100))
    assert bias.se == pytest.approx(np.sqrt((0.15 - 0.05**2) / 100))


def test_cut_off_gives_two_categories() -> None:
    pair = dichotomise(pair_of_counts([[3, 1, 0], [1, 4, 2], [0, 1, 5]]), 1)
    assert pair.counts().tolist() == [[3, 1], [1, 12]]


def test_mcnemar_equals_statsmodels() -> None:
    table = np.array([[101, 121], [59, 33]])
    mine, plain = mcnemar(table), oracle_mcnemar(table, exact=False, correction=False)
    assert mine.statistic == pytest.approx(plain.statistic)
    assert mine.p == pytest.approx(plain.pvalue)
    assert mine.p_exact == pytest.approx(oracle_mcnemar(table, exact=True).pvalue)
    assert mcnemar(np.array([[4, 0], [0, 6]])).note


def test_stuart_maxwell_equals_statsmodels() -> None:
    rng = np.random.default_rng(3)
    table = rng.integers(1, 20, (4, 4))
    oracle = SquareTable(table, shift_zeros=False).homogeneity(method="stuart_maxwell")
    mine = stuart_maxwell(table)
    assert (mine.statistic, mine.degrees) == (pytest.approx(oracle.statistic), oracle.df)
    assert mine.p == pytest.approx(stats.chi2.sf(oracle.statistic, oracle.df))


def test_unused_categories_are_excluded_and_two_categories_equal_mcnemar() -> None:
    table = np.array([[10, 4, 0], [9, 20, 0], [0, 0, 0]])
    assert stuart_maxwell(table).statistic == pytest.approx(mcnemar(table[:2, :2]).statistic)
    assert stuart_maxwell(np.diag([3, 4, 5])).statistic is None
