"""Random tables against statsmodels and scipy, with a value or a reason for any input."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import SquareTable
from statsmodels.stats.contingency_tables import mcnemar as oracle_mcnemar

import studies.analytics as analytics
from studies.analytics.coefficients.intraclass import FORMS, measurement_error
from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.coefficients.two_by_two import mcnemar, stuart_maxwell

GROUPED = ("percent_agreement", "gwet_ac", "brennan_prediger", "fleiss_kappa", "conger_kappa",
           "light_kappa")  # fmt: skip
CORRELATIONS = ("lin_ccc", "pearson", "spearman", "kendall_tau_b")


@st.composite
def ratings_with_gaps(draw, highest: int = 3):
    """Return ratings with gaps: none, one or many items, constant readers, whole gaps."""
    readers, items = draw(st.integers(2, 5)), draw(st.integers(0, 12))
    score = st.one_of(
        st.integers(0, draw(st.integers(0, highest))), st.sampled_from([None, math.nan])
    )
    row = st.lists(score, min_size=readers, max_size=readers)
    rows = draw(st.lists(row, min_size=items, max_size=items))
    return np.array(rows, dtype=object).reshape(items, readers)


def check_estimate(estimate: analytics.Estimate) -> None:
    numbers = [estimate.value, estimate.se, *(estimate.ci or ())]
    assert all(number is None or math.isfinite(number) for number in numbers), estimate
    assert estimate.method
    assert estimate.n >= 0
    assert estimate.note or estimate.ci is not None, estimate
    if estimate.ci:
        assert estimate.ci[0] <= estimate.value <= estimate.ci[1], estimate


@pytest.mark.filterwarnings("error")
@settings(max_examples=150, deadline=None)
@given(ratings=ratings_with_gaps(), weights=st.sampled_from(WEIGHTS))
def test_agreement_of_any_ratings_is_a_number_or_a_reason(ratings, weights) -> None:
    for name in GROUPED:
        estimate = getattr(analytics, name)(ratings, categories=range(4), weights=weights)
        check_estimate(estimate)
    pair = ratings[:, 0], ratings[:, 1]
    check_estimate(analytics.cohen_kappa(*pair, categories=range(4), weights=weights))
    for level in ("nominal", "ordinal", "interval", "ratio"):
        check_estimate(analytics.krippendorff_alpha(ratings, level=level))


@pytest.mark.filterwarnings("error")
@settings(max_examples=150, deadline=None)
@given(totals=ratings_with_gaps(highest=24))
def test_totals_of_any_kind_are_a_number_or_a_reason(totals) -> None:
    for form in FORMS:
        check_estimate(analytics.icc(totals, form=form))
    error = measurement_error(totals)
    check_estimate(error.sem)
    check_estimate(error.sdc)
    for name in CORRELATIONS:
        check_estimate(getattr(analytics, name)(totals[:, 0], totals[:, 1]))
    limits = analytics.bland_altman(totals[:, 0], totals[:, 1])
    for estimate in (limits, limits.lower, limits.upper):
        check_estimate(estimate)


@st.composite
def varied(draw):
    """Return two readers' totals that both vary."""
    total = st.integers(0, 24)
    pairs = draw(st.lists(st.tuples(total, total), min_size=6, max_size=40))
    return np.array([*pairs, (0, 3), (24, 20), (5, 11)], dtype=float)


@settings(max_examples=100, deadline=None)
@given(varied())
def test_correlations_equal_scipy(totals) -> None:
    x, y = totals.T
    for estimate, oracle in (
        (analytics.pearson(x, y), stats.pearsonr(x, y)),
        (analytics.spearman(x, y), stats.spearmanr(x, y)),
        (analytics.kendall_tau_b(x, y), stats.kendalltau(x, y)),
    ):
        assert estimate.value == pytest.approx(oracle.statistic, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(varied())
def test_bias_and_its_slope_equal_statsmodels(totals) -> None:
    x, y = totals.T
    estimate, means = analytics.bland_altman(x, y), totals.mean(axis=1)
    plain = sm.OLS(x - y, np.ones(len(x))).fit()
    assert estimate.value == pytest.approx(plain.params[0], abs=1e-9)
    if estimate.ci:
        assert estimate.ci == pytest.approx(tuple(plain.conf_int()[0]), abs=1e-9)
    if estimate.slope is not None:
        line = sm.OLS(x - y, sm.add_constant(means)).fit()
        assert estimate.slope == pytest.approx(line.params[1], abs=1e-9)
        assert estimate.slope_p == pytest.approx(line.pvalues[1], abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(varied())
def test_mean_squares_equal_those_of_statsmodels(totals) -> None:
    """ICC(C,1) of two readers from the analysis of variance that statsmodels makes."""
    n, k = totals.shape
    case, reader = np.repeat(np.arange(n), k), np.tile(np.arange(k), n)
    x = np.column_stack([np.eye(n)[case], np.eye(k)[reader][:, 1:]])
    residual = sm.OLS(totals.ravel(), x).fit().ssr / ((n - 1) * (k - 1))
    between = sm.OLS(totals.mean(axis=1), np.ones(n)).fit().ssr * k / (n - 1)
    estimate = analytics.icc(totals, form="C,1").value
    assert estimate == pytest.approx((between - residual) / (between + residual), abs=1e-9)
    assert measurement_error(totals).sem.value == pytest.approx(math.sqrt(residual), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(1, 30), min_size=4, max_size=4), min_size=4, max_size=4))
def test_tests_of_margins_equal_statsmodels(rows) -> None:
    counts = np.array(rows)
    oracle = SquareTable(counts, shift_zeros=False).homogeneity(method="stuart_maxwell")
    mine = stuart_maxwell(counts)
    assert mine.statistic == pytest.approx(oracle.statistic, abs=1e-9)
    assert mine.p == pytest.approx(oracle.pvalue, abs=1e-9)
    two = counts[:2, :2]
    plain = oracle_mcnemar(two, exact=False, correction=False)
    assert mcnemar(two).statistic == pytest.approx(plain.statistic, abs=1e-12)
    assert mcnemar(two).p == pytest.approx(plain.pvalue, abs=1e-12)
    assert mcnemar(two).p_exact == pytest.approx(oracle_mcnemar(two, exact=True).pvalue, abs=1e-12)
