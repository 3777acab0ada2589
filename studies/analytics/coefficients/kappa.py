r"""Cohen's kappa and proportions of agreement of two readers over fixed categories.

With disagreement weights :math:`d_{ij}` (0/1, :math:`|i-j|` or :math:`(i-j)^2`), counts
:math:`c_{ij}` and margins :math:`r_i, s_j`, the sums :math:`S=\sum d_{ij}c_{ij}` and
:math:`T=\sum d_{ij} r_i s_j` are whole numbers and :math:`\kappa = 1 - nS/T`, which equals
:math:`(p_o-p_e)/(1-p_e)` with agreement weights :math:`1-d_{ij}/d_{max}`. The influence of an item
with scores (i, j), divided by n, is

.. math:: \psi_{ij} = -\frac{nTd_{ij} - nS(a_i+b_j) + ST}{T^2},
          \quad a_i=\sum_j d_{ij}s_j, \quad b_j=\sum_i d_{ij}r_i .

The root of its sum of squares is the standard error of Fleiss, Cohen and Everitt (1969), valid for
independent items. Summed per patient before squaring, the influence gives the infinitesimal
jackknife over patients, which allows for the clustering of cells within patients; it assumes
independent patients and a study large enough for the delta method. Intervals are normal, value ±
1.96 SE, and not clipped.

References
----------
Cohen 1960, Educ Psychol Meas 20:37. Cohen 1968, Psychol Bull 70:213.
Fleiss, Cohen, Everitt 1969, Psychol Bull 72:323. Yang and Zhou 2014, Stat Med 33:2425 (clusters).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from studies.analytics.coefficients.category_codes import encode
from studies.analytics.coefficients.pair import Pair
from studies.analytics.estimate import (
    Estimate,
    Status,
    clustered_estimate,
    clustered_se,
    undefined,
    zero_if_negligible,
)
from studies.analytics.table import FloatArray, IntArray

Weights = Literal["none", "linear", "quadratic"]
WEIGHTS: Final[tuple[Weights, ...]] = ("none", "linear", "quadratic")


def weights_named(name: str) -> Weights:
    """Return the weights of a name with their literal type."""
    return next(weights for weights in WEIGHTS if weights == name)


ONE_SCORE_NOTE: Final = "a reader used one score only, so kappa is not informative"
SAME_SCORE_NOTE: Final = "both readers used the same single score: kappa is undefined"
NO_ITEM_NOTE: Final = "no case was rated by both readers"
ONE_CASE_NOTE: Final = "fewer than two cases were rated by both readers"

KAPPA_NOTES: Final = {
    Status.ESTIMATED: "",
    Status.NO_ITEMS: NO_ITEM_NOTE,
    Status.ONE_CASE: ONE_CASE_NOTE,
    Status.SAME_SCORE: SAME_SCORE_NOTE,
    Status.ONE_SCORE: ONE_SCORE_NOTE,
}
"""The statuses of a kappa, with the note that explains each."""


def weighting(scheme: str) -> str:
    """Return a scheme of weights in words: "unweighted", "linear weights", "quadratic weights"."""
    return "unweighted" if scheme == "none" else f"{scheme} weights"


@cache
def disagreement(categories: int, weights: Weights) -> IntArray:
    """Return disagreement weights as whole numbers, not normalised.

    Parameters
    ----------
    categories : int
        Number of categories of the scale.
    weights : {"none", "linear", "quadratic"}
        0/1, :math:`|i-j|` or :math:`(i-j)^2`.

    Returns
    -------
    int array (categories, categories)
        Read-only, as it is cached.

    Raises
    ------
    ValueError
        If there is no such scheme.
    """
    if weights not in WEIGHTS:
        raise ValueError(f"Weights must be one of {', '.join(WEIGHTS)}, not {weights!r}.")
    scores = np.arange(categories, dtype=np.int64)
    steps: IntArray = np.abs(scores[:, None] - scores[None, :])
    if weights == "none":
        steps = (steps > 0).astype(np.int64)
    elif weights == "quadratic":
        steps = steps * steps
    steps.flags.writeable = False
    return steps


@dataclass(frozen=True)
class KappaFit:
    """One kappa with everything that differences and means need.

    Parameters
    ----------
    value : float or None
        None where undefined.
    influence : float array (patients,)
        Influence of each patient of the study on the value, divided by n; 0 where absent.
    se_items : float
        The Fleiss-Cohen-Everitt standard error, as if every item were a separate patient.
    observed, expected : float or None
        Weighted observed and chance-expected agreement, 0 to 1.
    n : int
        Items that both readers rated.
    present : bool array (patients,)
        Which patients of the study have an item that both readers rated.
    status : Status
        One of `KAPPA_NOTES`.
    """

    value: float | None
    influence: FloatArray
    se_items: float
    observed: float | None
    expected: float | None
    n: int
    present: NDArray[np.bool_]
    status: Status

    @property
    def note(self) -> str:
        """Return why the kappa is undefined or not informative, "" otherwise."""
        return KAPPA_NOTES[self.status]

    @cached_property
    def patients(self) -> int:
        """Return how many patients have an item that both readers rated."""
        return int(np.count_nonzero(self.present))

    def estimate(self, method: str = "") -> Estimate:
        """Return the value with its patient-clustered standard error and normal interval."""
        if self.value is None:
            return undefined(self.n, self.note, method, self.status)
        se = clustered_se(self.influence)
        return clustered_estimate(
            self.value, se, self.n, self.patients, self.note, method, self.status
        )


def fit_kappa(
    pair: Pair, weights: Weights | FloatArray, counts: IntArray | None = None
) -> KappaFit:
    """Fit a kappa to the items of a pair.

    Parameters
    ----------
    pair : Pair
        Items that both readers rated.
    weights : {"none", "linear", "quadratic"} or float array (categories, categories)
        A scheme, or custom disagreement weights.
    counts : int array (categories, categories), optional
        The contingency table, if it has been computed already.

    Notes
    -----
    If one reader used a single score, kappa is 0, whatever the other reader scored. The value is
    reported with the status ``ONE_SCORE`` and without an interval.
    """
    if counts is None:
        counts = pair.counts()
    n, present = len(pair), pair.present
    zeros = np.zeros(pair.patients)
    if not pair.several_cases:
        status = Status.ONE_CASE if n else Status.NO_ITEMS
        return KappaFit(None, zeros, 0.0, None, None, n, present, status)
    d = disagreement(pair.categories, weights) if isinstance(weights, str) else weights
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    a, b = d @ columns, rows @ d
    # Python integers, which neither overflow nor round.
    seen, chance, scale = (d * counts).sum().item(), (rows @ a).item(), d.max().item()
    observed, expected = 1 - seen / (n * scale), 1 - chance / (n * n * scale)
    if chance == 0:
        return KappaFit(None, zeros, 0.0, observed, expected, n, present, Status.SAME_SCORE)
    if rows.max() == n or columns.max() == n:
        return KappaFit(0.0, zeros, 0.0, observed, expected, n, present, Status.ONE_SCORE)
    ratio = n * seen / chance
    by_cell = -(n / chance) * d + (ratio / chance) * (a[:, None] + b[None, :]) - ratio / n
    se_items = zero_if_negligible(math.sqrt(float((counts * np.square(by_cell)).sum())))
    influence = pair.by_patient(by_cell.ravel()[pair.joint])
    value = (chance - n * seen) / chance
    return KappaFit(value, influence, se_items, observed, expected, n, present, Status.ESTIMATED)


def proportion_within(pair: Pair, steps: int, method: str = "") -> Estimate:
    """Return the proportion of items on which two readers differ by at most ``steps``.

    The standard error is clustered by patient, the interval normal and not clipped.
    """
    n = len(pair)
    if n == 0:
        return undefined(0, NO_ITEM_NOTE, method)
    close = (np.abs(pair.first - pair.second) <= steps).astype(float)
    value = float(close.sum()) / n
    se = clustered_se(pair.by_patient((close - value) / n))
    return clustered_estimate(value, se, n, 2 if pair.several_patients else 1, "", method)


def cohen_kappa(
    a: ArrayLike,
    b: ArrayLike,
    *,
    categories: Sequence[Any],
    weights: Weights | ArrayLike = "none",
    patients: Sequence[Any] | None = None,
) -> Estimate:
    """Return Cohen's kappa of two readers.

    Parameters
    ----------
    a, b : array-like (items,)
        Ratings of the same items by two readers, None or NaN where missing.
    categories : sequence
        All categories of the scale in order, used or not. Weights depend on their positions.
    weights : {"none", "linear", "quadratic"} or array-like (categories, categories)
        A scheme, or disagreement weights as in Cohen 1968: 0 on the diagonal, none negative.
    patients : sequence (items,), optional
        The patient of each item. By default every item is a separate patient.

    Returns
    -------
    Estimate
        Kappa with a standard error that is clustered by patient and a normal interval.

    Raises
    ------
    ValueError
        If a rating is not one of the categories, if the lengths differ, or if the weights are
        not valid.

    References
    ----------
    Cohen 1960, Educ Psychol Meas 20:37; Cohen 1968, Psychol Bull 70:213; Fleiss, Cohen, Everitt
    1969, Psychol Bull 72:323.

    Examples
    --------
    >>> cohen_kappa([0, 1, 2, 2], [0, 1, 1, 2], categories=[0, 1, 2], weights="linear").value
    0.7142857142857143
    """
    first, second = encode(a, categories), encode(b, categories)
    if len(first) != len(second):
        raise ValueError(
            "The two readers have different numbers of items. Give both a value for every item, "
            "None where a rating is missing."
        )
    items = np.arange(len(first))
    cluster = items
    if patients is not None:
        cluster = np.unique(np.asarray(patients, dtype=str), return_inverse=True)[1]
    pair = Pair.of(
        first,
        second,
        case=items,
        patient=cluster,
        categories=len(categories),
        patients=int(cluster.max(initial=-1)) + 1,
    )
    if isinstance(weights, str):
        return fit_kappa(pair, cast(Weights, weights)).estimate(
            f"Cohen's kappa, {weighting(weights)}"
        )
    matrix = _custom_weights(weights, len(categories))
    return fit_kappa(pair, matrix).estimate(
        "Cohen's kappa, custom disagreement weights (Cohen 1968)"
    )


def _custom_weights(weights: ArrayLike, categories: int) -> FloatArray:
    matrix: FloatArray = np.array(weights, dtype=np.float64)
    if matrix.shape != (categories, categories) or not np.isfinite(matrix).all():
        raise ValueError(
            f"Weights must be one of {', '.join(WEIGHTS)} or a finite number for every two "
            "categories."
        )
    if (matrix < 0).any() or np.diag(matrix).any() or not matrix.any():
        raise ValueError(
            "Custom weights measure disagreement: the diagonal must be 0, no weight may be "
            "negative, and at least one must be above 0."
        )
    return matrix
