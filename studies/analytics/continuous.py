"""Agreement of totals as numbers: Bland-Altman and intraclass correlations.

References
----------
Bland and Altman 1986, Lancet 1:307. Carkeet 2015, Optom Vis Sci 92:e71 (exact limits).
McGraw and Wong 1996, Psychol Methods 1:30; Shrout and Fleiss 1979, Psychol Bull 86:420.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from studies.analytics.estimate import Z95, Estimate, undefined
from studies.analytics.table import FloatArray

FEW_CASES_NOTE = "fewer than two cases have both totals"
NO_SPREAD_NOTE = "every total is the same: the coefficient is undefined"

Interval = tuple[float, float]


@dataclass(frozen=True)
class BlandAltman:
    """Bias and 95 % limits of agreement of first minus second reader.

    Parameters
    ----------
    bias, lower, upper : Estimate
        The limits carry their exact interval (Carkeet 2015); ``se`` of a limit is that of 1986.
    lower_1986, upper_1986 : (float, float) or None
        Bland and Altman's approximate intervals of the limits: t quantiles, se = sqrt(3 s^2 / n).
    slope : float or None
        Slope of the differences on the means, with ``slope_p``: a proportional bias.
    means, differences : float arrays (n,)
    """

    bias: Estimate
    lower: Estimate
    upper: Estimate
    lower_1986: Interval | None
    upper_1986: Interval | None
    slope: float | None
    slope_p: float | None
    means: FloatArray
    differences: FloatArray


def bland_altman(x: ArrayLike, y: ArrayLike) -> BlandAltman:
    """Compare two readers' totals (cases,), NaN where missing; pairs without both are left out.

    Examples
    --------
    >>> result = bland_altman([4, 6, 8, 3], [5, 6, 6, 2])
    >>> result.bias.value, round(result.upper.value, 3)
    (0.5, 3.03)
    """
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    both = ~(np.isnan(first) | np.isnan(second))
    differences, means = first[both] - second[both], (first[both] + second[both]) / 2
    n = len(differences)
    if n < 2:
        nothing = undefined(n, FEW_CASES_NOTE)
        return BlandAltman(nothing, nothing, nothing, None, None, None, None, means, differences)
    bias, spread = float(differences.mean()), float(differences.std(ddof=1))
    root = math.sqrt(n)
    t = float(stats.t.ppf(0.975, n - 1))
    limit_se = math.sqrt(3.0) * spread / root
    lower, upper = bias - Z95 * spread, bias + Z95 * spread
    slope, slope_p = _proportional_bias(means, differences)
    if spread == 0.0:
        note = "every difference is the same: no interval"
        flat = Estimate(bias, 0.0, None, n, "", note)
        return BlandAltman(flat, flat, flat, None, None, slope, slope_p, means, differences)
    near, far = (float(stats.nct.ppf(q, n - 1, Z95 * root)) * spread / root for q in (0.025, 0.975))
    half = t * limit_se
    return BlandAltman(
        bias=Estimate(bias, spread / root, (bias - t * spread / root, bias + t * spread / root), n),
        lower=Estimate(lower, limit_se, (bias - far, bias - near), n),
        upper=Estimate(upper, limit_se, (bias + near, bias + far), n),
        lower_1986=(lower - half, lower + half),
        upper_1986=(upper - half, upper + half),
        slope=slope,
        slope_p=slope_p,
        means=means,
        differences=differences,
    )


def _proportional_bias(
    means: FloatArray, differences: FloatArray
) -> tuple[float | None, float | None]:
    if len(means) < 3 or np.ptp(means) == 0.0 or np.ptp(differences) == 0.0:
        return None, None
    fit = stats.linregress(means, differences)
    return float(fit.slope), float(fit.pvalue)


def icc(ratings: ArrayLike, *, form: Literal["A,1", "C,1"] = "A,1") -> Estimate:
    """Return a two-way intraclass correlation of single ratings with its F interval.

    Parameters
    ----------
    ratings
        Totals (cases, readers), NaN where missing: only complete cases enter.
    form
        "A,1" absolute agreement, or "C,1" consistency (McGraw and Wong 1996).

    Examples
    --------
    Shrout and Fleiss 1979, table 2: ICC(2,1) = 0.29, ICC(3,1) = 0.71.

    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8]]
    >>> table += [[7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(icc(table).value, 2), round(icc(table, form="C,1").value, 2)
    (0.29, 0.71)
    """
    values = np.asarray(ratings, dtype=float)
    if form not in ("A,1", "C,1"):
        raise ValueError(f'The form is "A,1" or "C,1", not {form!r}.')
    if values.ndim != 2 or values.shape[1] < 2:
        return undefined(0, "fewer than two readers")
    values = values[~np.isnan(values).any(axis=1)]
    n, k = values.shape
    if n < 2:
        return undefined(n, "fewer than two cases have every reader's total")
    cases, readers, grand = values.mean(axis=1), values.mean(axis=0), values.mean()
    msr = k * float(np.square(cases - grand).sum()) / (n - 1)
    msc = n * float(np.square(readers - grand).sum()) / (k - 1)
    residual = values - cases[:, None] - readers[None, :] + grand
    mse = float(np.square(residual).sum()) / ((n - 1) * (k - 1))
    absolute = form == "A,1"
    whole = msr + (k - 1) * mse + (k * (msc - mse) / n if absolute else 0.0)
    if np.ptp(values) == 0.0 or whole <= 0.0:
        return undefined(n, NO_SPREAD_NOTE)
    value = (msr - mse) / whole
    ci = _interval_a1(value, n, k, msr, msc, mse) if absolute else _interval_c1(n, k, msr, mse)
    return Estimate(value, None, ci, n, "", "" if ci else "no residual spread: no interval")


def _interval_c1(n: int, k: int, msr: float, mse: float) -> Interval | None:
    if mse <= 1e-14 * msr:
        return None
    free = (n - 1) * (k - 1)
    low = msr / mse / float(stats.f.ppf(0.975, n - 1, free))
    high = msr / mse * float(stats.f.ppf(0.975, free, n - 1))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _interval_a1(
    value: float, n: int, k: int, msr: float, msc: float, mse: float
) -> Interval | None:
    if value >= 1.0 or (mse <= 1e-14 * msr and msc <= 1e-14 * msr):
        return None
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    bottom = (a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1))
    if bottom <= 0.0:
        return None
    free = (a * msc + b * mse) ** 2 / bottom
    f_low = float(stats.f.ppf(0.975, n - 1, free))
    f_high = float(stats.f.ppf(0.975, free, n - 1))
    rest = k * n - k - n
    low = n * (msr - f_low * mse) / (f_low * (k * msc + rest * mse) + n * msr)
    high = n * (f_high * msr - mse) / (k * msc + rest * mse + n * f_high * msr)
    return low, high
