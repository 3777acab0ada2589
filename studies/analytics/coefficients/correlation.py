r"""Correlations of two readers' totals: Lin's concordance, Pearson, Spearman, Kendall.

All intervals are Fisher's: :math:`z = \operatorname{artanh} r` ± 1.96 SE, transformed back. The
standard error of z is :math:`\sqrt{1/(n - 3)}` for Pearson (bivariate normal values),
:math:`\sqrt{(1 + r^2/2)/(n - 3)}` for Spearman and :math:`\sqrt{0.437/(n - 4)}` for Kendall
(Bonett and Wright 2000). For Lin's coefficient it follows from the corrected variance (Lin 2000)
divided by :math:`(1 - ccc^2)^2`, as in R's epiR, written in the accuracy ccc / r so that it also
holds for r = 0. Cases are assumed to be independent.

References
----------
Lin 1989, Biometrics 45:255, corrected in Lin 2000, Biometrics 56:324.
Bonett and Wright 2000, Psychometrika 65:23.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from studies.analytics.estimate import Z95, Estimate, undefined
from studies.analytics.table import FloatArray, IntArray

FEW_CASES_NOTE: Final = "fewer than two cases have both values"
FEW_FOR_INTERVAL_NOTE: Final = "too few cases for an interval"
CONSTANT_NOTE: Final = "one reader gave every case the same value: the coefficient is undefined"
PERFECT_NOTE: Final = "the coefficient is 1 or -1: no interval"


def complete_pairs(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the values of both readers for the cases that have both.

    Parameters
    ----------
    x, y : array-like (cases,)
        NaN or None where missing.

    Raises
    ------
    ValueError
        If the two differ in length.
    """
    first, second = as_floats(x), as_floats(y)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            "The two readers have different numbers of cases. Give both a value for every case, "
            "None where it is missing."
        )
    both = ~(np.isnan(first) | np.isnan(second))
    return first[both], second[both]


def as_floats(values: ArrayLike) -> FloatArray:
    """Return values as floats, NaN where they are None."""
    # Most are floats already, and converting each number of a large study would take seconds.
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        return values
    return np.array(np.asarray(values, dtype=object), dtype=np.float64)


def lin_ccc(x: ArrayLike, y: ArrayLike) -> Estimate:
    r"""Return Lin's concordance correlation coefficient.

    :math:`2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)` with divisors n.

    Parameters
    ----------
    x, y : array-like (cases,)
        Totals of two readers, NaN or None where missing.

    Returns
    -------
    Estimate
        ``se`` is the standard error of the coefficient, ``ci`` Fisher's interval.

    References
    ----------
    Lin 1989, Biometrics 45:255, corrected in Lin 2000, Biometrics 56:324.

    Examples
    --------
    >>> round(lin_ccc([1, 2, 3, 4, 5], [1.5, 2, 3.5, 4, 5.5]).value, 4)
    0.9573
    """
    method = "Lin's CCC, n divisors; Fisher's z with Lin's corrected variance (2000)"
    first, second = complete_pairs(x, y)
    n = len(first)
    if n < 2:
        return undefined(n, FEW_CASES_NOTE, method)
    sx, sy = float(first.var()), float(second.var())
    shift = float(second.mean() - first.mean())
    bottom = sx + sy + shift * shift
    if bottom == 0.0:
        return undefined(n, "every value is the same: the coefficient is undefined", method)
    covariance = float(((first - first.mean()) * (second - second.mean())).mean())
    value = 2 * covariance / bottom
    # The variance needs Pearson's correlation, which is undefined here.
    if sx == 0.0 or sy == 0.0:
        return Estimate(
            value,
            None,
            None,
            n,
            method,
            "one reader gave every case the same value: no standard error",
        )
    # The variance has the divisor n - 2.
    if n < 3:
        return Estimate(value, None, None, n, method, FEW_FOR_INTERVAL_NOTE)
    r2 = covariance * covariance / (sx * sy)
    accuracy = 2 * math.sqrt(sx * sy) / bottom
    u2 = shift * shift / math.sqrt(sx * sy)
    variance = (
        (1 - r2) * accuracy**2 * (1 - value**2)
        + 2 * accuracy**3 * r2 * (1 - value) * u2
        - 0.5 * accuracy**4 * r2 * u2**2
    ) / (n - 2)
    if abs(value) >= 1 - 1e-15 or variance <= 1e-24:
        return Estimate(value, 0.0, None, n, method, PERFECT_NOTE)
    se = math.sqrt(variance)
    return Estimate(value, se, _by_z(value, se / (1 - value**2)), n, method)


def pearson(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Return Pearson's correlation of two readers' totals (cases,), NaN or None where missing."""
    method = "Pearson's correlation; Fisher's z, SE of z 1/√(n − 3)"
    first, second = complete_pairs(x, y)
    return _correlation(first, second, method, _pearson_value, lambda r, n: (1.0, n - 3))


def spearman(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Return Spearman's rank correlation of two readers' totals (cases,).

    Ties have their mean rank. The interval is that of Bonett and Wright 2000.
    """
    method = "Spearman's correlation; Fisher's z, SE of z √((1 + r²/2)/(n − 3)) (Bonett, Wright)"
    first, second = complete_pairs(x, y)
    return _correlation(first, second, method, _spearman_value, lambda r, n: (1 + r * r / 2, n - 3))


def kendall_tau_b(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Return Kendall's tau-b of two readers' totals (cases,).

    The interval is that of Bonett and Wright 2000.
    """
    method = "Kendall's tau-b; Fisher's z, SE of z √(0.437/(n − 4)) (Bonett, Wright)"
    first, second = complete_pairs(x, y)
    return _correlation(first, second, method, _kendall_value, lambda r, n: (0.437, n - 4))


def _correlation(
    first: FloatArray,
    second: FloatArray,
    method: str,
    value_of: Callable[[FloatArray, FloatArray], float],
    spread_of: Callable[[float, int], tuple[float, int]],
) -> Estimate:
    n = len(first)
    if n < 2:
        return undefined(n, FEW_CASES_NOTE, method)
    if np.ptp(first) == 0.0 or np.ptp(second) == 0.0:
        return undefined(n, CONSTANT_NOTE, method)
    value = value_of(first, second)
    if abs(value) >= 1 - 1e-15:
        return Estimate(math.copysign(1.0, value), None, None, n, method, PERFECT_NOTE)
    spread, free = spread_of(value, n)
    if free < 1:
        return Estimate(value, None, None, n, method, FEW_FOR_INTERVAL_NOTE)
    return Estimate(value, None, _by_z(value, math.sqrt(spread / free)), n, method)


def _by_z(value: float, se: float) -> tuple[float, float]:
    """Return Fisher's interval of a correlation, with the standard error of z."""
    z = math.atanh(value)
    return math.tanh(z - Z95 * se), math.tanh(z + Z95 * se)


def _pearson_value(first: FloatArray, second: FloatArray) -> float:
    a, b = first - first.mean(), second - second.mean()
    return float((a @ b) / math.sqrt(float(a @ a) * float(b @ b)))


# scipy.stats has ranks and Kendall's tau too, but importing it takes half a second of each process.
def _spearman_value(first: FloatArray, second: FloatArray) -> float:
    return _pearson_value(_mean_ranks(first), _mean_ranks(second))


def _mean_ranks(values: FloatArray) -> FloatArray:
    """Return the ranks of values (cases,) from 1, the mean rank where they are tied."""
    _, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: FloatArray = (np.cumsum(counts) - (counts - 1) / 2)[numbers]
    return ranks


def _kendall_value(first: FloatArray, second: FloatArray) -> float:
    """Return tau-b: (concordant - discordant) / sqrt(pairs untied in x * pairs untied in y)."""
    x, y = (np.unique(values, return_inverse=True)[1] for values in (first, second))
    pairs = len(x) * (len(x) - 1) // 2
    tied_x, tied_y, tied_both = map(_tied_pairs, (x, y, x * len(x) + y))
    # Among cases with the same x, y ascends, so that they count as tied and not as discordant.
    discordant = _inversions(y[np.lexsort((y, x))])
    difference = pairs - tied_x - tied_y + tied_both - 2 * discordant
    return difference / math.sqrt(pairs - tied_x) / math.sqrt(pairs - tied_y)


def _tied_pairs(numbers: IntArray) -> int:
    counts = np.unique(numbers, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _inversions(numbers: IntArray) -> int:
    """Return how many pairs of numbers are in descending order."""
    before: list[int] = []
    inversions = 0
    for number in numbers.tolist():
        position = bisect_right(before, number)
        inversions += len(before) - position
        before.insert(position, number)
    return inversions
