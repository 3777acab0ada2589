"""Correlations against scipy, hand formulas and the definition of Lin's coefficient."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from studies.analytics import kendall_tau_b, lin_ccc, pearson, spearman
from tests.analytics.coefficients.test_bland_altman import LARGE, MINI

Z = 1.959963984540054


def test_ccc_of_the_peak_flow_meters_follows_lin_1989_and_2000() -> None:
    """Bland and Altman 1986, table 1; variance written out from Lin's correction note."""
    x, y = np.array(LARGE, float), np.array(MINI, float)
    n, estimate = len(x), lin_ccc(LARGE, MINI)
    s12 = np.cov(x, y, ddof=0)[0, 1]
    ccc = 2 * s12 / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    r = s12 / (x.std() * y.std())
    u = (y.mean() - x.mean()) / math.sqrt(x.std() * y.std())
    variance = (
        (1 - r**2) * ccc**2 * (1 - ccc**2) / r**2
        + 2 * ccc**3 * (1 - ccc) * u**2 / r
        - ccc**4 * u**4 / (2 * r**2)
    ) / (n - 2)
    assert round(estimate.value, 3) == 0.943
    assert estimate.value == pytest.approx(ccc, abs=1e-12)
    assert estimate.se == pytest.approx(math.sqrt(variance), abs=1e-12)
    z, half = math.atanh(ccc), Z * math.sqrt(variance) / (1 - ccc**2)
    assert estimate.ci == pytest.approx((math.tanh(z - half), math.tanh(z + half)), abs=1e-12)


def test_correlations_equal_scipy_with_ties_and_missing_values() -> None:
    rng = np.random.default_rng(6)
    x = rng.integers(0, 8, 60).astype(float)
    y = np.clip(x + rng.integers(-2, 3, 60), 0, 8)
    holed = [None if case == 3 else value for case, value in enumerate(x)]
    keep = np.arange(60) != 3
    for estimate, oracle in (
        (pearson(holed, y), stats.pearsonr(x[keep], y[keep])),
        (spearman(holed, y), stats.spearmanr(x[keep], y[keep])),
        (kendall_tau_b(holed, y), stats.kendalltau(x[keep], y[keep])),
    ):
        assert estimate.value == pytest.approx(oracle.statistic, abs=1e-12)
        assert estimate.n == 59
    r = pearson(holed, y)
    low, high = stats.pearsonr(x[keep], y[keep]).confidence_interval()
    assert r.ci == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize("levels", [2, 5, 25, None])
def test_rank_correlations_equal_scipy_whatever_is_tied(levels) -> None:
    rng = np.random.default_rng(8)
    for _ in range(50):
        n = int(rng.integers(5, 120))
        x, noise = rng.normal(size=n), rng.normal(size=n)
        y = x * rng.choice([-1, 0, 1]) + noise
        if levels is not None:
            x, y = (np.digitize(values, np.sort(rng.normal(size=levels - 1))) for values in (x, y))
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            continue
        assert kendall_tau_b(x, y).value == pytest.approx(stats.kendalltau(x, y)[0], abs=1e-14)
        assert spearman(x, y).value == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-14)


def test_intervals_of_bonett_and_wright_2000() -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=40)
    y = x + rng.normal(size=40)
    rho, tau = spearman(x, y), kendall_tau_b(x, y)
    half = Z * math.sqrt((1 + rho.value**2 / 2) / 37)
    assert rho.ci == pytest.approx(
        (math.tanh(math.atanh(rho.value) - half), math.tanh(math.atanh(rho.value) + half))
    )
    half = Z * math.sqrt(0.437 / 36)
    assert tau.ci == pytest.approx(
        (math.tanh(math.atanh(tau.value) - half), math.tanh(math.atanh(tau.value) + half))
    )


def test_standard_error_of_the_ccc_is_continuous_where_the_correlation_is_zero() -> None:
    x = [0.0, 0, 1, 1, 2, 2]
    near = [value + shift for value, shift in zip([0, 2, 0, 2, 0, 2], np.full(6, 0.5), strict=True)]
    none = lin_ccc(x, near)
    assert none.value == 0.0
    close = lin_ccc(x, [*near[:-1], near[-1] + 1e-7])
    assert none.se == pytest.approx(close.se, abs=1e-6)
    assert none.ci == pytest.approx((-close.ci[1], close.ci[1]), abs=1e-6)


def test_degenerate_totals_give_a_reason() -> None:
    for function in (pearson, spearman, kendall_tau_b):
        assert "same value" in function([1, 1, 1], [1, 2, 3]).note
        assert function([1, None], [2, 3]).value is None
        perfect = function([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])
        assert (perfect.value, perfect.ci) == (1.0, None)
        assert function([1, 2, 3], [1, 3, 2]).ci is None
    assert lin_ccc([2, 2], [2, 2]).value is None
    assert lin_ccc([2, 2, 2], [1, 2, 3]).value == 0.0
    same = lin_ccc([1, 2, 3], [1, 2, 3])
    assert (same.value, same.ci) == (1.0, None)
