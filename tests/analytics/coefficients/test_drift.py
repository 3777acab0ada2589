"""Drift of agreement against an independent least-squares fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from studies.analytics.coefficients.drift import estimate_drift

READINGS = [50, 100, 150, 200, 250]
AGREEMENT = [0.9, 0.85, 0.88, 0.8, 0.7]


def test_drift_of_one_reader_is_the_slope_of_linregress() -> None:
    drift = estimate_drift(["R1"] * 5, READINGS, AGREEMENT)
    fit = stats.linregress(np.array(READINGS) / 100, AGREEMENT)
    assert drift.value == pytest.approx(fit.slope)
    assert drift.se == pytest.approx(fit.stderr)
    half = stats.t.ppf(0.975, 3) * fit.stderr
    assert drift.ci == pytest.approx((fit.slope - half, fit.slope + half))
    assert drift.n == 5


def test_drift_of_two_readers_is_that_of_a_regression_with_their_indicators() -> None:
    readers = ["R1"] * 5 + ["R2"] * 3
    readings = [*READINGS, 50, 100, 150]
    agreement = [*AGREEMENT, 0.5, 0.5, 0.4]
    design = np.column_stack(
        [np.array(readings) / 100, np.repeat([1, 0], [5, 3]), np.repeat([0, 1], [5, 3])]
    )
    coefficients, residual, *_ = np.linalg.lstsq(design, np.array(agreement), rcond=None)
    se = np.sqrt(residual[0] / 5 * np.linalg.inv(design.T @ design)[0, 0])
    drift = estimate_drift(readers, readings, agreement)
    assert drift.value == pytest.approx(coefficients[0])
    assert drift.se == pytest.approx(se)


def test_readers_who_differ_but_do_not_change_have_no_drift() -> None:
    drift = estimate_drift(["R1", "R1", "R2", "R2"], [50, 100, 150, 200], [0.9, 0.9, 0.4, 0.4])
    assert drift.value == pytest.approx(0)


def test_drift_needs_two_refreshers_of_a_reader() -> None:
    drift = estimate_drift(["R1", "R2"], [50, 100], [0.9, 0.8])
    assert drift.value is None
    assert "no reader has two refreshers" in drift.note
    two = estimate_drift(["R1", "R1"], [50, 100], [0.9, 0.8])
    assert two.value == pytest.approx(-0.2)
    assert two.ci is None
