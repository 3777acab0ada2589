"""Intervals from bootstrap replicates of a statistic.

References
----------
Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 (percentile interval) and
14 (BCa interval, with the acceleration from leaving out one patient at a time). Hesterberg 2015, Am
Stat 69:371 (expanded percentile interval).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from scipy import special

from studies.analytics.estimate import Z95
from studies.analytics.table import FloatArray

Interval = tuple[float, float]

# Differences below this are rounding errors, which must not decide whether a replicate is tied.
ROUNDING: Final = 1e-12


def defined_replicates(draws: FloatArray) -> FloatArray:
    """Return the replicates in which the statistic is defined, in ascending order."""
    return np.sort(draws[~np.isnan(draws)])


def bootstrap_intervals(
    draws: FloatArray, left_out: FloatArray | None, value: float | None, *, patients: int = 0
) -> dict[str, Any]:
    """Return the fields of a record with percentile, expanded percentile and BCa intervals.

    Parameters
    ----------
    draws : float array (replicates,)
        The statistic in each replicate, NaN where undefined.
    left_out : float array (patients,) or None
        The statistic with each patient who contributes to it left out, NaN where undefined; without
        it, there is no BCa interval.
    patients : int
        Number of patients who contribute to the statistic, where ``left_out`` does not tell.
    value : float or None
        The estimate from the sample.

    Returns
    -------
    dict
        ``ci_bootstrap``, ``ci_bootstrap_expanded``, ``ci_bca`` and ``bootstrap_replicates``.
    """
    # Sorted once for all intervals.
    ordered = defined_replicates(draws)
    bounds = percentiles(ordered)
    expanded = expanded_percentiles(ordered, patients if left_out is None else len(left_out))
    better = None
    if value is not None and left_out is not None:
        better = bca(ordered, value, left_out)
    return {
        "ci_bootstrap": list(bounds) if bounds else None,
        "ci_bootstrap_expanded": list(expanded) if expanded else None,
        "ci_bca": list(better) if better else None,
        "bootstrap_replicates": len(ordered),
    }


def percentile_interval(draws: FloatArray) -> Interval | None:
    """Return the 2.5 and 97.5 percentiles of replicates, None if fewer than two are defined."""
    return percentiles(defined_replicates(draws))


def percentiles(ordered: FloatArray, z: float = Z95) -> Interval | None:
    """Return the percentile interval of defined replicates in ascending order.

    The percentiles are those of -z and z in a standard normal distribution, the 2.5th and the
    97.5th by default.
    """
    if len(ordered) < 2:
        return None
    tail = 0.025 if z == Z95 else float(special.ndtr(-z))
    return _quantile(ordered, tail), _quantile(ordered, 1 - tail)


def expanded_percentiles(ordered: FloatArray, patients: int) -> Interval | None:
    r"""Return the expanded percentile interval of defined replicates in ascending order.

    Percentile intervals of small samples are too narrow: for a mean, they correspond to normal
    instead of t quantiles and to a variance with divisor n instead of n - 1. This interval takes
    the percentiles of :math:`\pm\sqrt{n/(n-1)}\, t_{0.975,\,n-1}` in a standard normal
    distribution, so that it is about the t interval for the mean of a symmetric sample.

    Parameters
    ----------
    ordered : float array (replicates,)
        Defined replicates in ascending order. The tails hold less than 2.5 % each, so 2,000
        replicates or more are advisable.
    patients : int
        Number of patients n that contribute to the statistic.

    Returns
    -------
    (float, float) or None
        None if fewer than two replicates are defined, or with fewer than two patients.

    References
    ----------
    Hesterberg 2015, Am Stat 69:371 (expanded percentile interval).
    """
    if patients < 2:
        return None
    expansion = math.sqrt(patients / (patients - 1))
    return percentiles(ordered, expansion * float(special.stdtrit(patients - 1, 0.975)))


def bca(ordered: FloatArray, value: float, left_out: FloatArray, z: float = Z95) -> Interval | None:
    """Return the bias-corrected and accelerated interval (Efron and Tibshirani 1993, 14.3).

    Parameters
    ----------
    ordered : float array (replicates,)
        Defined replicates in ascending order. Half of those equal to ``value``, up to rounding
        errors of 1e-12, count as below it.
    value : float
        The estimate from the sample.
    left_out : float array (patients,)
        The statistic with each patient left out in turn, NaN where undefined.
    z : float
        Quantile of the standard normal distribution that belongs to the confidence level.

    Returns
    -------
    (float, float) or None
        None if fewer than two replicates or jackknife values are defined, or if all replicates
        are equal or lie on one side of the estimate.
    """
    jackknife_values = left_out[~np.isnan(left_out)]
    if len(ordered) < 2 or len(jackknife_values) < 2 or ordered[-1] - ordered[0] <= ROUNDING:
        return None
    below = int(ordered.searchsorted(value - ROUNDING))
    below += int(ordered.searchsorted(value + ROUNDING, "right"))
    # The bias correction would be infinite.
    if not 0 < below < 2 * len(ordered):
        return None
    gaps = jackknife_values.mean() - jackknife_values
    squares = gaps * gaps
    acceleration = 0.0
    if np.abs(gaps).max() > ROUNDING:
        acceleration = float(squares @ gaps) / (6 * float(squares.sum()) ** 1.5)
    # Counted twice above, from the left and from the right, so that ties count as half.
    bias = float(special.ndtri(below / (2 * len(ordered))))
    tails = []
    for quantile in (-z, z):
        moved = bias + quantile
        tails.append(float(special.ndtr(bias + moved / (1 - acceleration * moved))))
    return _quantile(ordered, tails[0]), _quantile(ordered, tails[1])


def _quantile(ordered: FloatArray, share: float) -> float:
    """Return a linear-interpolated quantile, as ``numpy.percentile`` does by default."""
    position = share * (len(ordered) - 1)
    # At share 1 the position is the last replicate, which has no next one.
    low = min(int(position), len(ordered) - 2)
    first, second = float(ordered[low]), float(ordered[low + 1])
    return first + (second - first) * (position - low)
