"""Drift of readers: how agreement with a reference standard changes while they read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from studies.analytics.estimate import Estimate, undefined

PER_READINGS: Final = 100
"""Number of readings to which the reported drift refers."""
METHOD: Final = (
    f"change in agreement per {PER_READINGS} readings: least squares with one intercept per "
    "reader; t interval; n counts refreshers"
)


def estimate_drift(readers: Sequence[str], readings: ArrayLike, agreement: ArrayLike) -> Estimate:
    """Return the change in agreement per 100 readings, common to all readers.

    Each reader has an intercept, so that differences between readers are not taken for drift.

    Parameters
    ----------
    readers : sequence of str
        Reader of each refresher, shape (n,).
    readings : array_like
        Study readings that the reader had submitted before it, shape (n,).
    agreement : array_like
        Agreement with the reference standard, for example the exact agreement as a proportion,
        shape (n,).

    Returns
    -------
    Estimate
        Undefined if no reader has two refreshers after different numbers of readings. Without an
        interval if no residual degree of freedom is left.

    References
    ----------
    Fixed-effects ("within") estimator: Wooldridge JM. Introductory Econometrics, chapter 14.
    """
    labels = np.asarray(readers)
    x = np.asarray(readings, dtype=float) / PER_READINGS
    y = np.asarray(agreement, dtype=float)
    for label in np.unique(labels):
        rows = labels == label
        x = np.where(rows, x - x[rows].mean(), x)
        y = np.where(rows, y - y[rows].mean(), y)
    n, spread = len(labels), float(x @ x)
    if spread == 0:
        return undefined(n, "no reader has two refreshers at different times", METHOD)
    slope = float(x @ y) / spread
    freedom = n - len(np.unique(labels)) - 1
    if freedom < 1:
        return Estimate(slope, None, None, n, METHOD, "too few refreshers for an interval")
    residuals = y - slope * x
    se = float(np.sqrt(residuals @ residuals / freedom / spread))
    half = float(special.stdtrit(freedom, 0.975)) * se
    return Estimate(slope, se, (slope - half, slope + half), n, METHOD)
