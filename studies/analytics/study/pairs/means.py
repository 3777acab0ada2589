"""Means over pairs of readers and differences between arms, from the arrays of all pairs.

Formulas, assumptions and intervals are those of `differences`, which handles single kappas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from studies.analytics.coefficients.kappa_differences import (
    NO_KAPPA_IN_BOTH_NOTE,
    NO_KAPPA_NOTE,
    pairs_note,
    pairs_status,
)
from studies.analytics.estimate import Estimate, Status, clustered_estimate, clustered_se, undefined
from studies.analytics.study.pairs.kappas import PairKappas, squares_of_rows, standard_errors
from studies.analytics.study.pairs.results import PairDifferences
from studies.analytics.table import FloatArray


@dataclass(frozen=True)
class FittedPairs:
    """The kappas of pairs under one scheme with every patient's influence on them.

    Parameters
    ----------
    kappas : PairKappas
        Values and standard errors.
    influence : sparse float array (pairs, patients)
        Influence on each kappa, 0 where a patient is absent or the kappa undefined.
    present : sparse int array (pairs, patients)
        1 where a patient has an item that both readers rated.
    """

    kappas: PairKappas
    influence: csr_array
    present: csr_array

    def rows(self, pairs: NDArray[np.intp]) -> FittedPairs:
        """Return the pairs with these row numbers only, in this order."""
        kappas = PairKappas(**{name: array[pairs] for name, array in vars(self.kappas).items()})
        return FittedPairs(kappas, self.influence[pairs], self.present[pairs])

    @property
    def known(self) -> NDArray[np.bool_]:
        """Return which pairs have a kappa (pairs,)."""
        return ~np.isnan(self.kappas.value)


def mean_of_pairs(fitted: FittedPairs, method: str) -> Estimate:
    """Return the mean of the pairwise kappas that are defined (Light 1971)."""
    known = fitted.known
    if not known.any():
        return undefined(0, NO_KAPPA_NOTE, method)
    value = float(np.mean(fitted.kappas.value[known]))
    influence = mean_of_rows(fitted.influence, known)
    n = patients_of_rows(fitted.present, known)
    one_score = int((fitted.kappas.status[known] == Status.ONE_SCORE).sum())
    pairs = len(known), int(known.sum()), one_score
    note, status = pairs_note(*pairs), pairs_status(*pairs)
    return clustered_estimate(value, clustered_se(influence), n, n, note, method, status)


def differences_of_pairs(minuend: FittedPairs, subtrahend: FittedPairs) -> PairDifferences:
    """Return the differences of the kappas of the same pairs in two arms, NaN where undefined."""
    value = minuend.kappas.value - subtrahend.kappas.value
    influence = minuend.influence - subtrahend.influence
    se = standard_errors(squares_of_rows(influence))
    n = minuend.present.multiply(subtrahend.present).sum(axis=1, dtype=np.int64)
    # Row lengths of the sparse arrays count patients; those present in both arms would count twice.
    patients = np.diff(minuend.present.indptr) + np.diff(subtrahend.present.indptr) - n
    statuses = minuend.kappas.status, subtrahend.kappas.status
    return PairDifferences(value, se, n, patients, statuses)


def mean_difference_of_pairs(
    minuend: FittedPairs, subtrahend: FittedPairs, method: str
) -> Estimate:
    """Return the mean difference over the pairs whose kappa is defined in both arms."""
    known = minuend.known & subtrahend.known
    if not known.any():
        return undefined(0, NO_KAPPA_IN_BOTH_NOTE, method)
    value = float(np.mean(minuend.kappas.value[known] - subtrahend.kappas.value[known]))
    influence = mean_of_rows(minuend.influence - subtrahend.influence, known)
    n = patients_of_rows(minuend.present.multiply(subtrahend.present).tocsr(), known)
    patients = patients_of_rows(minuend.present + subtrahend.present, known)
    up, down = minuend.kappas.status[known], subtrahend.kappas.status[known]
    one_score = int(((up == Status.ONE_SCORE) | (down == Status.ONE_SCORE)).sum())
    pairs = len(known), int(known.sum()), one_score
    note, status = pairs_note(*pairs), pairs_status(*pairs)
    return clustered_estimate(value, clustered_se(influence), n, patients, note, method, status)


def mean_of_rows(influence: csr_array, known: NDArray[np.bool_]) -> FloatArray:
    """Return each patient's mean influence over the marked pairs (patients,)."""
    mean: FloatArray = (influence.T @ known.astype(np.float64)) / known.sum()
    return mean


def patients_of_rows(present: csr_array, known: NDArray[np.bool_]) -> int:
    """Count the patients who are present in at least one of the marked pairs."""
    return int(np.count_nonzero(present.T @ known.astype(np.int64)))
