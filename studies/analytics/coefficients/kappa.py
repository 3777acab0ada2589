r"""Cohen's kappa and plain agreement of two readers over fixed categories.

With disagreement weights :math:`d_{ij}` (0/1, :math:`|i-j|` or :math:`(i-j)^2`), counts
:math:`c_{ij}` and margins :math:`r_i, s_j`, the sums :math:`S=\sum d_{ij}c_{ij}` and
:math:`T=\sum d_{ij} r_i s_j` are whole numbers and :math:`\kappa = 1 - nS/T`, which equals
:math:`(p_o-p_e)/(1-p_e)` with agreement weights :math:`1-d_{ij}/d_{max}`. The influence of an item
with scores (i, j), over n, is

.. math:: \psi_{ij} = -\frac{nTd_{ij} - nS(a_i+b_j) + ST}{T^2},
          \quad a_i=\sum_j d_{ij}s_j, \quad b_j=\sum_i d_{ij}r_i .

The root of its sum of squares is the standard error of Fleiss, Cohen and Everitt (1969); summed per
patient before squaring it is robust to the clustering of cells within patients.

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
from studies.analytics.estimate import Estimate, normal_interval, undefined, zero_if_negligible
from studies.analytics.table import MISSING, FloatArray, IntArray

Weights = Literal["none", "linear", "quadratic"]
WEIGHTS: Final[tuple[Weights, ...]] = ("none", "linear", "quadratic")

ONE_SCORE_NOTE: Final = "used one score only: kappa says nothing here"
SAME_SCORE_NOTE: Final = "both readers used the same single score: kappa is undefined"
NO_ITEM_NOTE: Final = "no case was rated by both readers"
ONE_CASE_NOTE: Final = "fewer than two cases were rated by both readers"
ZERO_SE_NOTE: Final = "the standard error is 0: no interval"
ONE_PATIENT_NOTE: Final = "one patient only: no standard error"


@cache
def disagreement(categories: int, weights: Weights) -> IntArray:
    """Return disagreement weights as whole numbers (categories, categories), unnormalised."""
    if weights not in WEIGHTS:
        raise ValueError(f"Weights are one of {', '.join(WEIGHTS)}, not {weights!r}.")
    scores = np.arange(categories, dtype=np.int64)
    steps: IntArray = np.abs(scores[:, None] - scores[None, :])
    if weights == "none":
        steps = (steps > 0).astype(np.int64)
    elif weights == "quadratic":
        steps = steps * steps
    steps.flags.writeable = False
    return steps


@dataclass(frozen=True)
class Pair:
    """The items that two readers both rated.

    Parameters
    ----------
    first, second : int arrays (items,)
        Category numbers from 0; nothing missing is left.
    case, patient : int arrays (items,)
        Where each item comes from; ``patient`` is the unit of clustering.
    categories, patients : int
        How many categories the scale has, and patients the study.
    """

    first: IntArray
    second: IntArray
    case: IntArray
    patient: IntArray
    categories: int
    patients: int

    @classmethod
    def of(
        cls,
        first: IntArray,
        second: IntArray,
        *,
        case: IntArray,
        patient: IntArray,
        categories: int,
        patients: int,
    ) -> Pair:
        """Keep the items with both ratings (pairwise deletion)."""
        both = (first != MISSING) & (second != MISSING)
        return cls(first[both], second[both], case[both], patient[both], categories, patients)

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def joint(self) -> IntArray:
        """Return each item's place in the flattened contingency table (items,)."""
        return self.first * self.categories + self.second

    def counts(self) -> IntArray:
        """Return the contingency table (categories, categories), first reader down."""
        flat = np.bincount(self.joint, minlength=self.categories**2)
        return flat.reshape(self.categories, self.categories)

    def by_patient(self, influence: FloatArray) -> FloatArray:
        """Sum influence values of items by patient (patients,)."""
        summed: FloatArray = np.bincount(
            self.patient, weights=influence, minlength=self.patients
        ).astype(np.float64, copy=False)
        return summed

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Mark the patients with at least one item (patients,)."""
        marks = np.zeros(self.patients, dtype=np.bool_)
        marks[self.patient] = True
        return marks

    @cached_property
    def several_patients(self) -> bool:
        return len(self) > 0 and bool((self.patient != self.patient[0]).any())

    @cached_property
    def several_cases(self) -> bool:
        return len(self) > 0 and bool((self.case != self.case[0]).any())


@dataclass(frozen=True)
class KappaFit:
    """One kappa with everything that differences and means need.

    Parameters
    ----------
    value : float or None
        None where undefined; ``note`` says why.
    influence : float array (patients,)
        Influence of each patient of the study on the value, already over n; 0 where absent.
    se_items : float
        The Fleiss-Cohen-Everitt standard error, as if every item were a separate patient.
    observed, expected : float or None
        Weighted observed and chance-expected agreement, 0 to 1.
    present : bool array (patients,)
        Which patients of the study have an item that both readers rated.
    """

    value: float | None
    influence: FloatArray
    se_items: float
    observed: float | None
    expected: float | None
    n: int
    present: NDArray[np.bool_]
    note: str

    @cached_property
    def patients(self) -> int:
        return int(np.count_nonzero(self.present))

    def estimate(self, method: str = "") -> Estimate:
        """Return value, patient-clustered standard error and normal interval."""
        if self.value is None:
            return undefined(self.n, self.note, method)
        if self.patients < 2:
            return Estimate(self.value, None, None, self.n, method, self.note or ONE_PATIENT_NOTE)
        se = clustered_se(self.influence)
        note = self.note or (ZERO_SE_NOTE if se == 0.0 else "")
        return Estimate(self.value, se, normal_interval(self.value, se), self.n, method, note)


def clustered_se(influence: FloatArray) -> float:
    """Return the root of the sum of squared influence, without a small-sample factor."""
    return zero_if_negligible(math.sqrt(float(influence @ influence)))


def fit_kappa(
    pair: Pair, weights: Weights | FloatArray, counts: IntArray | None = None
) -> KappaFit:
    """Fit a kappa to the items of a pair.

    Parameters
    ----------
    weights
        A scheme, or disagreement weights (categories, categories) of one's matrix.
    counts
        The contingency table, where it is known already.
    """
    if counts is None:
        counts = pair.counts()
    n, present = len(pair), pair.present
    nothing = np.zeros(pair.patients)
    if not pair.several_cases:
        note = ONE_CASE_NOTE if n else NO_ITEM_NOTE
        return KappaFit(None, nothing, 0.0, None, None, n, present, note)
    d = disagreement(pair.categories, weights) if isinstance(weights, str) else weights
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    a, b = d @ columns, rows @ d
    seen, chance, scale = (d * counts).sum().item(), (rows @ a).item(), d.max().item()
    observed, expected = 1 - seen / (n * scale), 1 - chance / (n * n * scale)
    if chance == 0:
        return KappaFit(None, nothing, 0.0, observed, expected, n, present, SAME_SCORE_NOTE)
    if rows.max() == n or columns.max() == n:
        return KappaFit(0.0, nothing, 0.0, observed, expected, n, present, ONE_SCORE_NOTE)
    ratio = n * seen / chance
    by_cell = -(n / chance) * d + (ratio / chance) * (a[:, None] + b[None, :]) - ratio / n
    se_items = zero_if_negligible(math.sqrt(float((counts * np.square(by_cell)).sum())))
    influence = pair.by_patient(by_cell.ravel()[pair.joint])
    value = (chance - n * seen) / chance
    return KappaFit(value, influence, se_items, observed, expected, n, present, "")


def proportion_within(pair: Pair, steps: int, method: str = "") -> Estimate:
    """Return the proportion of items on which two readers differ by at most ``steps``."""
    n = len(pair)
    if n == 0:
        return undefined(0, NO_ITEM_NOTE, method)
    close = (np.abs(pair.first - pair.second) <= steps).astype(float)
    value = float(close.sum()) / n
    if not pair.several_patients:
        return Estimate(value, None, None, n, method, ONE_PATIENT_NOTE)
    se = clustered_se(pair.by_patient((close - value) / n))
    note = ZERO_SE_NOTE if se == 0.0 else ""
    return Estimate(value, se, normal_interval(value, se), n, method, note)


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
    a, b
        Ratings of the same items by two readers; None or NaN where missing.
    categories
        The fixed categories in order, used or not: positions are the scores that weights see.
    weights
        "none", "linear" or "quadratic"; or disagreement weights (categories, categories) as in
        Cohen 1968: 0 on the diagonal, never negative.
    patients
        The patient of each item; by default every item is a separate patient.

    Examples
    --------
    >>> cohen_kappa([0, 1, 2, 2], [0, 1, 1, 2], categories=[0, 1, 2], weights="linear").value
    0.7142857142857143
    """
    first, second = encode(a, categories), encode(b, categories)
    if len(first) != len(second):
        raise ValueError("Both readers need a rating, or a missing one, for every item.")
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
        return fit_kappa(pair, cast(Weights, weights)).estimate(f"Cohen's kappa, weights {weights}")
    matrix = _custom_weights(weights, len(categories))
    return fit_kappa(pair, matrix).estimate(
        "Cohen's kappa, disagreement weights given (Cohen 1968)"
    )


def _custom_weights(weights: ArrayLike, categories: int) -> FloatArray:
    matrix: FloatArray = np.array(weights, dtype=np.float64)
    if matrix.shape != (categories, categories) or not np.isfinite(matrix).all():
        raise ValueError("Weights are one of the schemes, or a number for each two categories.")
    if (matrix < 0).any() or np.diag(matrix).any() or not matrix.any():
        raise ValueError(
            "Own weights measure disagreement: 0 on the diagonal, none negative, some above 0."
        )
    return matrix
