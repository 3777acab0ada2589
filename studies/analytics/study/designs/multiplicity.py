"""P-values of contrasts between arms, and their adjustment for multiple comparisons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from studies.analytics.estimate import Estimate


def wald_p(estimate: Estimate) -> float | None:
    """Return the two-sided p-value of the Wald test that a difference is 0.

    The test uses the standard error of the estimate and the normal distribution, as the interval
    value ± 1.96 SE does: p is below 0.05 if and only if the interval excludes 0.

    Parameters
    ----------
    estimate : Estimate
        A difference with a standard error.

    Returns
    -------
    float or None
        None if the estimate has no interval.
    """
    if estimate.value is None or estimate.se is None or estimate.ci is None:
        return None
    return 2 * float(special.ndtr(-abs(estimate.value / estimate.se)))


def holm_adjusted(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values adjusted by Holm's step-down method.

    The i-th smallest of m p-values is multiplied by m - i + 1; an adjusted p-value is at least as
    large as those of all smaller p-values, and at most 1. Rejecting where it is at most α keeps
    the probability of any false rejection at or below α, whatever the dependence of the tests.

    Parameters
    ----------
    p_values : sequence of float or None
        One p-value per contrast, None where it is not estimable. These remain None and do not
        count towards m.

    Returns
    -------
    list of float or None
        In the order of ``p_values``.

    Raises
    ------
    ValueError
        If a p-value is not between 0 and 1.

    References
    ----------
    Holm 1979, Scand J Stat 6:65.

    Examples
    --------
    >>> holm_adjusted([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    known = [index for index, p in enumerate(p_values) if p is not None]
    p = np.array([p_values[index] for index in known], dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("P-values must be between 0 and 1.")
    order = np.argsort(p, kind="stable")
    factors = np.arange(len(p), 0, -1)
    stepped = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    adjusted: list[float | None] = [None] * len(p_values)
    for position, value in zip(order, stepped, strict=True):
        adjusted[known[position]] = float(value)
    return adjusted
