from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from studies.analytics.coefficients.bland_altman import bland_altman, exact_limits
from studies.analytics.coefficients.intraclass import icc

# Bland and Altman 1986, table 1: first measurements by the large and the mini meter, l/min.
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]

# Shrout and Fleiss 1979, table 2.
FOUR_JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_bland_altman_1986_example() -> None:
    result = bland_altman(LARGE, MINI)
    assert round(result.bias.value, 1) == -2.1
    assert round(np.std(result.differences, ddof=1), 1) == 38.8
    assert [round(bound) for bound in result.bias.ci] == [-22, 18]
    assert result.lower_1986[1] - result.lower_1986[0] == pytest.approx(114.3 - 45.1, abs=0.3)
    assert result.upper.value == pytest.approx(-2.1176 + 1.959963984540054 * 38.7651, abs=1e-3)


def test_exact_limits_have_their_nominal_coverage() -> None:
    """An exact interval of a normal quantile covers it in 95 % of samples (Carkeet 2015)."""
    rng = np.random.default_rng(4)
    samples, n = 4000, 12
    differences = rng.normal(size=(samples, n))
    covered = 0
    near, far = (
        stats.nct.ppf(q, n - 1, 1.959963984540054 * math.sqrt(n)) / math.sqrt(n)
        for q in (0.025, 0.975)
    )
    one = bland_altman(differences[0], np.zeros(n))
    spread = differences[0].std(ddof=1)
    assert one.upper.ci == pytest.approx(
        (differences[0].mean() + near * spread, differences[0].mean() + far * spread)
    )
    means, spreads = differences.mean(axis=1), differences.std(axis=1, ddof=1)
    low, high = means + near * spreads, means + far * spreads
    covered = int(((low <= 1.959963984540054) & (high >= 1.959963984540054)).sum())
    assert 0.94 <= covered / samples <= 0.96


@pytest.mark.parametrize("n", [2, 3, 10, 100, 10_000])
def test_exact_limits_equal_the_noncentral_t_of_scipy_stats(n) -> None:
    root = math.sqrt(n)
    quantiles = stats.nct.ppf([0.025, 0.975], n - 1, 1.959963984540054 * root) / root
    assert exact_limits(n) == pytest.approx(tuple(quantiles), rel=1e-12)


def test_undefined_bland_altman_gives_a_reason() -> None:
    empty = bland_altman([1, np.nan], [2, 3])
    assert empty.bias.value is None
    assert "fewer than two" in empty.bias.note
    same = bland_altman([1, 2, 3], [0, 1, 2])
    assert (same.bias.value, same.bias.ci) == (1.0, None)
    assert same.bias.note


def test_icc_of_shrout_and_fleiss_1979() -> None:
    absolute, consistent = icc(FOUR_JUDGES), icc(FOUR_JUDGES, form="C,1")
    assert round(absolute.value, 2) == 0.29
    assert [round(bound, 2) for bound in absolute.ci] == [0.02, 0.76]
    assert round(consistent.value, 2) == 0.71
    assert [round(bound, 2) for bound in consistent.ci] == [0.34, 0.95]


def test_rounding_error_is_not_variance() -> None:
    """0.3 - 0.1 and 0.6 - 0.4 differ by a rounding error; totals far from 0 lose nothing."""
    result = bland_altman([0.3, 0.6, 0.9], [0.1, 0.4, 0.7])
    assert (result.se, result.ci, result.slope) == (0.0, None, None)
    perfect = icc([[0.3, 0.1], [0.6, 0.4], [0.9, 0.7]], form="C,1")
    assert (perfect.value, perfect.ci) == (1.0, None)
    far = np.array(FOUR_JUDGES) + 1e8
    assert icc(far).value == pytest.approx(icc(FOUR_JUDGES).value, abs=1e-12)


def test_icc_uses_complete_cases_only() -> None:
    holed = [*FOUR_JUDGES, [1, np.nan, 3, 4]]
    assert icc(holed) == icc(FOUR_JUDGES)


def test_icc_of_equal_totals_is_undefined() -> None:
    assert icc([[3, 3], [3, 3], [3, 3]]).value is None
    assert icc([[3, 3]]).value is None
    perfect = icc([[1, 1], [2, 2], [5, 5]])
    assert perfect.value == pytest.approx(1.0)
    assert perfect.ci is None
