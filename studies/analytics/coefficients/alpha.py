r"""Krippendorff's alpha with Gwet's variance.

With values c used :math:`n_c` times in items rated at least twice (:math:`n = \sum n_c`),
coincidences :math:`o_{ck}` and squared differences :math:`\delta_{ck}`,

.. math:: \alpha = 1 - (n - 1) \sum o_{ck}\delta_{ck} / \sum n_c n_k \delta_{ck} .

The variance is that of Gwet's linearised form, with agreement weights
:math:`1 - \delta/\delta_{max}` regarded as fixed. The interval uses t quantiles with items - 1
degrees of freedom, is not clipped and assumes independent items. Missing ratings are allowed.

References
----------
Krippendorff 2011, Computing Krippendorff's alpha-reliability. Gwet 2014, Handbook, 4th ed.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from studies.analytics.coefficients.category_codes import encode, is_missing
from studies.analytics.coefficients.chance_corrected import (
    FEW_ITEMS_NOTE,
    ONE_CATEGORY_NOTE,
    Coefficient,
)
from studies.analytics.coefficients.rated_items import tally
from studies.analytics.estimate import Estimate
from studies.analytics.table import FloatArray, IntArray

# Scales of measurement.
Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)


def krippendorff_alpha(ratings: ArrayLike, *, level: Level) -> Estimate:
    """Return Krippendorff's alpha.

    Parameters
    ----------
    ratings : array-like (items, readers)
        Values, NaN or None where missing. Numbers for the levels "interval" and "ratio".
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement, which defines the difference between two values.

    Returns
    -------
    Estimate
        Alpha with Gwet's standard error and a t interval.

    Raises
    ------
    ValueError
        If the level is unknown or there are fewer than two readers.

    References
    ----------
    Krippendorff 2011, Computing Krippendorff's alpha-reliability. Gwet 2014, Handbook, 4th ed.

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 1], [2, 3], [3, 3], [2, 2]], level="nominal").value, 3)
    0.667
    """
    if level not in LEVELS:
        raise ValueError(f"The level must be one of {', '.join(LEVELS)}, not {level!r}.")
    values: NDArray[Any] = np.asarray(ratings, dtype=object)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError("Ratings must be a table of items by readers, with at least two readers.")
    known = {value for value in values.ravel() if not is_missing(value)}
    labels = sorted(known)
    values_of_labels: FloatArray | None = None
    if level in ("interval", "ratio"):
        values_of_labels = np.array(labels, dtype=float)
    method = (
        f"Krippendorff's alpha, {level}; items with two ratings; SE with n - 1 divisor, t interval "
        "(Gwet 2014)"
    )
    if len(labels) < 2:
        rated = int(sum(1 for row in values if sum(value in known for value in row) >= 2))
        note = ONE_CATEGORY_NOTE if rated >= 2 else FEW_ITEMS_NOTE
        return Coefficient(None, np.zeros(len(values)), rated, None, None, note).estimate(method)
    numbers = encode(values.ravel(), labels).reshape(values.shape)
    return fit_alpha(numbers, len(labels), level, values_of_labels).estimate(method)


def fit_alpha(
    ratings: IntArray, categories: int, level: Level, category_values: FloatArray | None = None
) -> Coefficient:
    """Fit alpha to category numbers.

    Parameters
    ----------
    ratings : int array (items, readers)
        Category numbers from 0, -1 where missing.
    categories : int
        Number of categories.
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement.
    category_values : float array (categories,), optional
        Values of the categories; by default their numbers.
    """
    counts = tally(ratings, categories)
    entered = counts.sum(axis=1) >= 2
    counts, zeros = counts[entered], np.zeros(len(ratings))
    n = len(counts)
    if n < 2:
        return Coefficient(None, zeros, n, None, None, FEW_ITEMS_NOTE)
    margins = counts.sum(axis=0)
    if (margins > 0).sum() < 2:
        return Coefficient(None, zeros, n, None, None, ONE_CATEGORY_NOTE)
    numbers = np.arange(categories, dtype=float)
    values = numbers if category_values is None else category_values
    # Unused values are left out of the largest difference: they do not belong to the data.
    delta = differences(margins, values, level)
    used = np.ix_(margins > 0, margins > 0)
    w = 1 - delta / float(delta[used].max())
    rated = counts.sum(axis=1)
    mean = float(rated.mean())
    # Krippendorff's correction for small samples.
    small = 1 / float(rated.sum())
    seen = (counts * (counts @ w - 1)).sum(axis=1) / (mean * (rated - 1))
    plain = float(seen.mean())
    observed = (1 - small) * plain + small
    share = margins / margins.sum()
    expected = float(share @ w @ share)
    rest = 1 - expected
    value, prime = (observed - expected) / rest, (plain - expected) / rest
    uneven = (rated - mean) / mean
    parts = counts @ (w @ share) / mean - expected * uneven
    linear = (seen - observed * uneven - expected) / rest
    linear -= 2 * (1 - prime) * (parts - expected) / rest
    influence = zeros.copy()
    influence[entered] = (linear - prime) / n
    return Coefficient(value, influence, n, observed, expected, "", entered)


def differences(margins: FloatArray, values: FloatArray, level: Level) -> FloatArray:
    """Return Krippendorff's squared differences between values (values, values).

    Parameters
    ----------
    margins : float array (values,)
        How often each value was used; ordinal differences depend on it.
    values : float array (values,)
        The values.
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement.
    """
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "ordinal":
        # Differences of mean ranks are Krippendorff's sums of the margins between two values.
        middle = np.cumsum(margins) - margins / 2
        return np.square(middle[:, None] - middle[None, :])
    apart = values[:, None] - values[None, :]
    if level == "interval":
        return np.square(apart)
    both = values[:, None] + values[None, :]
    # Two values of 0 do not differ, although their ratio is undefined.
    return np.square(np.divide(apart, both, out=np.zeros_like(apart), where=both != 0))
