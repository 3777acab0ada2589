r"""Bland and Altman's bias and limits of agreement of two readers' totals.

With n differences d, mean :math:`\bar d` and standard deviation s, the limits of agreement are
:math:`\bar d \pm 1.96 s`. The interval of the bias uses t quantiles. Limits have an exact interval
from the noncentral t distribution (Carkeet 2015) and the approximate one of 1986,
:math:`t \sqrt{3 s^2/n}`. All assume independent, normally distributed differences of constant
spread. The slope of the differences on the means tests for proportional bias.

References
----------
Bland and Altman 1986, Lancet 1:307. Carkeet 2015, Optom Vis Sci 92:e71 (exact limits).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from studies.analytics.coefficients.correlation import complete_pairs
from studies.analytics.estimate import Z95, Estimate, undefined
from studies.analytics.table import FloatArray

FEW_CASES_NOTE = "fewer than two cases have both totals"
METHOD = "Bland-Altman, first minus second reader, cases with both totals"

FLAT_NOTE = "every difference is the same: no interval"

# Relative sizes below which differences, or residuals, are rounding error.
ROUNDING = 1e-14
ROUNDING_OF_SQUARES = 1e-28

Interval = tuple[float, float]


@dataclass(frozen=True)
class BlandAltman(Estimate):
    """The bias, first minus second reader, with the 95 % limits of agreement.

    Parameters
    ----------
    lower, upper : Estimate
        Limits of agreement with their exact interval (Carkeet 2015); ``se`` is that of 1986.
    lower_1986, upper_1986 : (float, float) or None
        Bland and Altman's approximate intervals of the limits: t quantiles, se = sqrt(3 s^2 / n).
    slope, slope_p : float or None
        Slope of the differences on the means and its two-sided p: a test of proportional bias.
    means, differences : float arrays (n,)
        Mean and difference of the two totals of each case.
    """

    lower: Estimate = field(default_factory=lambda: undefined(0, FEW_CASES_NOTE))
    upper: Estimate = field(default_factory=lambda: undefined(0, FEW_CASES_NOTE))
    lower_1986: Interval | None = None
    upper_1986: Interval | None = None
    slope: float | None = None
    slope_p: float | None = None
    means: FloatArray = field(default_factory=lambda: np.empty(0))
    differences: FloatArray = field(default_factory=lambda: np.empty(0))

    @property
    def bias(self) -> Estimate:
        """Return the bias alone."""
        return Estimate(self.value, self.se, self.ci, self.n, self.method, self.note)


def bland_altman(x: ArrayLike, y: ArrayLike) -> BlandAltman:
    """Return bias and limits of agreement of two readers.

    Parameters
    ----------
    x, y : array-like (cases,)
        Totals of the first and of the second reader, NaN or None where missing. Cases without
        both totals are excluded.

    Returns
    -------
    BlandAltman
        Undefined for fewer than two cases; without intervals if every difference is the same.

    References
    ----------
    Bland and Altman 1986, Lancet 1:307; Carkeet 2015, Optom Vis Sci 92:e71.

    Examples
    --------
    >>> result = bland_altman([4, 6, 8, 3], [5, 6, 6, 2])
    >>> result.value, round(result.upper.value, 3)
    (0.5, 3.03)
    """
    first, second = complete_pairs(x, y)
    differences, means = first - second, (first + second) / 2
    n = len(differences)
    method = f"{METHOD}; mean difference, t interval"
    limit_method = f"{METHOD}; bias ± 1.96 SD; exact interval (Carkeet 2015)"
    if n < 2:
        none = undefined(n, FEW_CASES_NOTE, limit_method)
        return BlandAltman(
            None, None, None, n, method, FEW_CASES_NOTE, none, none,
            means=means, differences=differences,
        )  # fmt: skip
    bias, spread = float(differences.mean()), float(differences.std(ddof=1))
    flat = flat_differences(first, second)
    slope, slope_p = (None, None) if flat else _proportional_bias(means, differences)
    shape: dict[str, Any] = {
        "slope": slope,
        "slope_p": slope_p,
        "means": means,
        "differences": differences,
    }
    if flat:
        same = Estimate(bias, 0.0, None, n, limit_method, FLAT_NOTE)
        return BlandAltman(bias, 0.0, None, n, method, FLAT_NOTE, same, same, **shape)
    root, t = math.sqrt(n), float(special.stdtrit(n - 1, 0.975))
    limit_se = math.sqrt(3.0) * spread / root
    lower = Estimate(bias - Z95 * spread, limit_se, None, n, limit_method)
    upper = Estimate(bias + Z95 * spread, limit_se, None, n, limit_method)
    near, far = (distance * spread for distance in exact_limits(n))
    half = t * limit_se
    return BlandAltman(
        bias,
        spread / root,
        (bias - t * spread / root, bias + t * spread / root),
        n,
        method,
        "",
        replace(lower, ci=(bias - far, bias - near)),
        replace(upper, ci=(bias + near, bias + far)),
        (bias - Z95 * spread - half, bias - Z95 * spread + half),
        (bias + Z95 * spread - half, bias + Z95 * spread + half),
        **shape,
    )


def flat_differences(first: FloatArray, second: FloatArray) -> bool:
    """Return whether all differences are the same, apart from rounding."""
    largest = max(float(np.abs(first).max()), float(np.abs(second).max()))
    return bool(np.ptp(first - second) <= ROUNDING * largest)


@cache
# Depends on n alone, so all pairs with as many cases share one computation.
def exact_limits(n: int) -> tuple[float, float]:
    """Return the distances from the bias, in SDs, of the two ends of a limit's exact interval.

    References
    ----------
    Carkeet 2015, Optom Vis Sci 92:e71.
    """
    root = math.sqrt(n)
    near, far = (float(special.nctdtrit(n - 1, Z95 * root, q)) / root for q in (0.025, 0.975))
    return near, far


def _proportional_bias(
    means: FloatArray, differences: FloatArray
) -> tuple[float | None, float | None]:
    # Two points leave no degree of freedom for a test, and equal means have no slope.
    if len(means) < 3 or np.ptp(means) == 0.0:
        return None, None
    x, y, free = means - means.mean(), differences - differences.mean(), len(means) - 2
    spread = float(x @ x)
    slope = float(x @ y) / spread
    rest = y - slope * x
    left = float(rest @ rest)
    if left <= ROUNDING_OF_SQUARES * float(y @ y):
        # On an exact line the residuals are rounding error, and t would be arbitrary.
        return slope, 0.0
    t = slope / math.sqrt(left / free / spread)
    return slope, 2 * float(special.stdtr(free, -abs(t)))
