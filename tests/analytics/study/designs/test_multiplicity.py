from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from studies.analytics.estimate import Estimate, clustered_estimate, undefined
from studies.analytics.study.designs.multiplicity import holm_adjusted, wald_p


@pytest.mark.parametrize("seed", range(20))
def test_adjusted_p_values_are_those_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(0.5, 2, rng.integers(1, 16)), 2)
    assert holm_adjusted(p.tolist()) == pytest.approx(multipletests(p, method="holm")[1])


@pytest.mark.parametrize("seed", range(20))
def test_adjustment_keeps_the_order_and_never_lowers_a_p_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.random(6)
    adjusted = np.array(holm_adjusted(p.tolist()))
    order = np.argsort(p)
    assert (np.diff(adjusted[order]) >= 0).all()
    assert ((adjusted >= p) & (adjusted <= 1)).all()
    shuffled = rng.permutation(6)
    assert holm_adjusted(p[shuffled].tolist()) == adjusted[shuffled].tolist()


def test_contrast_that_is_not_estimable_does_not_count() -> None:
    assert holm_adjusted([0.01, None, 0.04]) == [0.02, None, 0.04]
    assert holm_adjusted([]) == []
    assert holm_adjusted([None]) == [None]


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_number_that_is_no_probability_is_rejected(p: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm_adjusted([0.5, p])


def test_p_value_agrees_with_the_interval() -> None:
    estimate = clustered_estimate(0.1, 0.05, 20, 20)
    assert wald_p(estimate) == pytest.approx(2 * stats.norm.sf(2.0))
    at_the_limit = clustered_estimate(1.959963984540054 * 0.05, 0.05, 20, 20)
    assert wald_p(at_the_limit) == pytest.approx(0.05)


def test_estimate_without_an_interval_has_no_p_value() -> None:
    assert wald_p(undefined(0, "no case")) is None
    assert wald_p(clustered_estimate(0.2, 0.0, 20, 20)) is None
    assert wald_p(Estimate(0.2, 0.1, None, 20)) is None
