"""All six intraclass correlations against Shrout and Fleiss 1979 and hand formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from studies.analytics import icc
from studies.analytics.coefficients.intraclass import measurement_error
from tests.analytics.coefficients.test_bland_altman import FOUR_JUDGES


@pytest.mark.parametrize(
    ("form", "value", "low", "high"),
    [
        ("1,1", 0.17, -0.13, 0.72),
        ("A,1", 0.29, 0.02, 0.76),
        ("C,1", 0.71, 0.34, 0.95),
        ("1,k", 0.44, -0.88, 0.91),
        ("A,k", 0.62, 0.07, 0.93),
        ("C,k", 0.91, 0.68, 0.99),
    ],
)
def test_six_forms_of_shrout_and_fleiss_1979(form, value, low, high) -> None:
    """Table 4 of the paper has the values; the intervals are those of R's psych and irr."""
    estimate = icc(FOUR_JUDGES, form=form)
    assert [round(number, 2) for number in (estimate.value, *estimate.ci)] == [value, low, high]
    assert f"ICC({form})" in estimate.method


def test_names_of_shrout_and_fleiss_are_accepted() -> None:
    for old, new in (("2,1", "A,1"), ("3,1", "C,1"), ("2,k", "A,k"), ("3,k", "C,k")):
        assert icc(FOUR_JUDGES, form=old) == icc(FOUR_JUDGES, form=new)
    with pytest.raises(ValueError, match="not '4,1'"):
        icc(FOUR_JUDGES, form="4,1")


def test_interval_of_the_mean_is_that_of_mcgraw_and_wong_1996() -> None:
    values = np.array(FOUR_JUDGES, float)
    n, k = values.shape
    rows, columns, grand = values.mean(1), values.mean(0), values.mean()
    msr = k * ((rows - grand) ** 2).sum() / (n - 1)
    msc = n * ((columns - grand) ** 2).sum() / (k - 1)
    mse = ((values - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))
    r = (msr - mse) / (msr + (msc - mse) / n)
    c, d = r / (n * (1 - r)), 1 + r * (n - 1) / (n * (1 - r))
    free = (c * msc + d * mse) ** 2 / (
        (c * msc) ** 2 / (k - 1) + (d * mse) ** 2 / ((n - 1) * (k - 1))
    )
    down, up = stats.f.ppf(0.975, n - 1, free), stats.f.ppf(0.975, free, n - 1)
    estimate = icc(values, form="A,k")
    assert estimate.value == pytest.approx(r, abs=1e-12)
    assert estimate.ci == pytest.approx(
        (
            n * (msr - down * mse) / (down * (msc - mse) + n * msr),
            n * (up * msr - mse) / (msc - mse + n * up * msr),
        ),
        abs=1e-9,
    )


def test_measurement_error_is_the_root_of_the_residual_mean_square() -> None:
    error = measurement_error([*FOUR_JUDGES, [1, None, 2, 3]])
    values = np.array(FOUR_JUDGES, float)
    residual = values - values.mean(1)[:, None] - values.mean(0) + values.mean()
    mse = (residual**2).sum() / 15
    assert error.sem.value == pytest.approx(math.sqrt(mse), abs=1e-12)
    assert error.sdc.value == pytest.approx(1.959963984540054 * math.sqrt(2 * mse), abs=1e-12)
    msc = 6 * ((values.mean(0) - values.mean()) ** 2).sum() / 3
    assert error.agreement == pytest.approx(math.sqrt(mse + (msc - mse) / 6))
    low, high = error.sem.ci
    assert low == pytest.approx(math.sqrt(15 * mse / stats.chi2.ppf(0.975, 15)))
    assert high == pytest.approx(math.sqrt(15 * mse / stats.chi2.ppf(0.025, 15)))
    assert error.sem.n == 6


def test_two_readings_sem_is_the_sd_of_differences_over_root_two() -> None:
    x, y = np.array([3.0, 5, 8, 1, 0]), np.array([4.0, 4, 9, 1, 2])
    error = measurement_error(np.column_stack([x, y]))
    assert error.sem.value == pytest.approx((x - y).std(ddof=1) / math.sqrt(2))


def test_icc_of_the_mean_is_undefined_if_cases_have_equal_means() -> None:
    for form in ("1,k", "C,k", "A,k"):
        estimate = icc([[1, 3], [3, 1], [2, 2]], form=form)
        assert estimate.value is None
        assert "means do not differ" in estimate.note
    assert icc([[1, 3], [3, 1], [2, 2]], form="C,1").value == pytest.approx(-1.0)
    assert "negative" in icc([[1, 3], [3, 1], [2, 3]], form="A,k").note


def test_interval_that_does_not_contain_its_estimate_is_omitted() -> None:
    estimate = icc([[5, 3], [2, 7]], form="A,1")
    assert estimate.value == pytest.approx(-4.8)
    assert (estimate.ci, "F interval is invalid" in estimate.note) == (None, True)


def test_degenerate_totals_give_a_reason() -> None:
    for form in ("1,1", "A,1", "C,1", "1,k", "A,k", "C,k"):
        assert icc([[3, 3], [3, 3]], form=form).value is None
        assert icc([[3, 3]], form=form).note
        perfect = icc([[1, 1], [2, 2], [5, 5]], form=form)
        assert (perfect.value, perfect.ci) == (pytest.approx(1.0), None)
    assert measurement_error([[3, None]]).sem.value is None
    assert measurement_error([[3, 3], [4, 4]]).sem.ci is None
