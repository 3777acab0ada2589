r"""Statistics of 2 x 2 tables and tests of marginal homogeneity.

Prevalence and bias index (Byrt 1993) of a table with cells a (both positive), b, c and d (both
negative): :math:`(a - d)/n` and :math:`(b - c)/n`, with a normal interval and a standard error
clustered by patient. McNemar's test takes :math:`\chi^2 = (b - c)^2/(b + c)` without continuity
correction; the exact p is binomial. Stuart and Maxwell extend it to more categories. Both tests
assume independent cases.

References
----------
Byrt, Bishop and Carlin 1993, J Clin Epidemiol 46:423. McNemar 1947, Psychometrika 12:153.
Stuart 1955, Biometrika 42:412; Maxwell 1970, Br J Psychiatry 116:651.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from studies.analytics.coefficients.kappa import NO_ITEM_NOTE
from studies.analytics.coefficients.pair import Pair
from studies.analytics.estimate import Estimate, clustered_estimate, clustered_se, undefined
from studies.analytics.table import FloatArray, IntArray

NO_SHIFT_NOTE: Final = "there are no discordant items: nothing to test"


def dichotomise(pair: Pair, cut: int) -> Pair:
    """Return a pair with two categories: below a cut-off, and at or above it."""
    return Pair(
        (pair.first >= cut).astype(np.int64),
        (pair.second >= cut).astype(np.int64),
        pair.case,
        pair.patient,
        2,
        pair.patients,
    )


def prevalence_index(pair: Pair, method: str = "") -> Estimate:
    """Return the prevalence index, (both positive - both negative) / n (Byrt 1993)."""
    return _mean(pair, (pair.first + pair.second - 1).astype(float), method)


def bias_index(pair: Pair, method: str = "") -> Estimate:
    """Return the bias index, (only first positive - only second positive) / n (Byrt 1993)."""
    return _mean(pair, (pair.first - pair.second).astype(float), method)


def _mean(pair: Pair, values: FloatArray, method: str) -> Estimate:
    n = len(values)
    if n == 0:
        return undefined(0, NO_ITEM_NOTE, method)
    value = float(values.mean())
    se = clustered_se(pair.by_patient((values - value) / n))
    return clustered_estimate(value, se, n, 2 if pair.several_patients else 1, "", method)


@dataclass(frozen=True)
class MarginTest:
    """A chi-square test of equal margins.

    Parameters
    ----------
    statistic : float or None
        Chi-square; None where no item differs.
    degrees : int
        Degrees of freedom.
    p, p_exact : float or None
        Two-sided p values; the exact one for two categories only.
    n : int
        Items.
    note : str
        Why there is no statistic, "" otherwise.
    """

    statistic: float | None
    degrees: int
    p: float | None
    p_exact: float | None
    n: int
    note: str


def mcnemar(counts: IntArray) -> MarginTest:
    """Test whether two readings are positive equally often (McNemar 1947).

    Parameters
    ----------
    counts : int array (2, 2)
        Contingency table, first reading in rows.

    Examples
    --------
    >>> result = mcnemar(np.array([[20, 5], [15, 60]]))
    >>> result.statistic, round(result.p_exact, 4)
    (5.0, 0.0414)
    """
    n, one, other = int(counts.sum()), int(counts[0, 1]), int(counts[1, 0])
    if one + other == 0:
        return MarginTest(None, 1, None, None, n, NO_SHIFT_NOTE)
    statistic = (one - other) ** 2 / (one + other)
    fewer = min(one, other)
    # With equal counts, both tails include the middle, and twice one of them exceeds 1.
    exact = min(1.0, 2 * float(special.bdtr(fewer, one + other, 0.5)))
    return MarginTest(statistic, 1, float(special.chdtrc(1, statistic)), exact, n, "")


def stuart_maxwell(counts: IntArray) -> MarginTest:
    """Test whether two readings have the same margins (Stuart 1955, Maxwell 1970).

    Parameters
    ----------
    counts : int array (categories, categories)
        Contingency table, first reading in rows. Unused categories are left out.
    """
    n = int(counts.sum())
    used = (counts.sum(axis=0) + counts.sum(axis=1)) > 0
    table = counts[np.ix_(used, used)].astype(float)
    shift = table.sum(axis=1) - table.sum(axis=0)
    covariance = -(table + table.T)
    np.fill_diagonal(covariance, table.sum(axis=1) + table.sum(axis=0) - 2 * np.diag(table))
    # Both margins have the same sum, so the covariance matrix is singular.
    degrees = int(np.linalg.matrix_rank(covariance)) if len(covariance) > 1 else 0
    if degrees == 0:
        return MarginTest(None, 0, None, None, n, NO_SHIFT_NOTE)
    statistic = float(shift @ np.linalg.pinv(covariance) @ shift)
    return MarginTest(statistic, degrees, float(special.chdtrc(degrees, statistic)), None, n, "")
