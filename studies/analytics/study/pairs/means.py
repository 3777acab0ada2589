"""Means over pairs of readers and differences between arms, from the arrays of all pairs.

The rules are those of `differences`, which has the same for single kappas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from studies.analytics.estimate import Estimate, undefined
from studies.analytics.study.differences import estimate_by_patient, pairs_note
from studies.analytics.study.pairs.kappas import ONE_SCORE, PairKappas, settled, squares_of_rows
from studies.analytics.study.pairs.results import PairDifferences
from studies.analytics.table import FloatArray


@dataclass(frozen=True)
class FittedPairs:
    """The kappas of pairs under one scheme with every patient's influence on them.

    Parameters
    ----------
    influence : sparse float array (pairs, patients)
    present : sparse int array (pairs, patients)
        1 where a patient has an item that both readers rated.
    """

    kappas: PairKappas
    influence: csr_array
    present: csr_array

    def rows(self, pairs: NDArray[np.intp]) -> FittedPairs:
        """Return these pairs alone, in this order."""
        kappas = PairKappas(**{name: array[pairs] for name, array in vars(self.kappas).items()})
        return FittedPairs(kappas, self.influence[pairs], self.present[pairs])

    @property
    def known(self) -> NDArray[np.bool_]:
        """Mark the pairs whose kappa is defined (pairs,)."""
        return ~np.isnan(self.kappas.value)


def mean_of_pairs(fitted: FittedPairs, method: str) -> Estimate:
    """Return the mean of the pairwise kappas that are defined (Light 1971)."""
    known = fitted.known
    if not known.any():
        return undefined(0, "no pair of readers has a kappa", method)
    value = float(np.mean(fitted.kappas.value[known]))
    influence = mean_of_rows(fitted.influence, known)
    n = patients_of_rows(fitted.present, known)
    one_score = int((fitted.kappas.note[known] == ONE_SCORE).sum())
    note = pairs_note(len(known), int(known.sum()), one_score)
    return estimate_by_patient(value, influence, n, n, note, method)


def differences_of_pairs(minuend: FittedPairs, subtrahend: FittedPairs) -> PairDifferences:
    """Return the differences of the same pairs' kappas, NaN where one of them is undefined."""
    value = minuend.kappas.value - subtrahend.kappas.value
    influence = minuend.influence - subtrahend.influence
    se = settled(squares_of_rows(influence))
    n = minuend.present.multiply(subtrahend.present).sum(axis=1, dtype=np.int64)
    patients = np.diff(minuend.present.indptr) + np.diff(subtrahend.present.indptr) - n
    notes = minuend.kappas.note, subtrahend.kappas.note
    return PairDifferences(value, se, n, patients, notes)


def mean_difference_of_pairs(
    minuend: FittedPairs, subtrahend: FittedPairs, method: str
) -> Estimate:
    """Return the mean difference over the pairs whose kappa is defined in both arms."""
    known = minuend.known & subtrahend.known
    if not known.any():
        return undefined(0, "no pair of readers has a kappa in both arms", method)
    value = float(np.mean(minuend.kappas.value[known] - subtrahend.kappas.value[known]))
    influence = mean_of_rows(minuend.influence - subtrahend.influence, known)
    n = patients_of_rows(minuend.present.multiply(subtrahend.present).tocsr(), known)
    patients = patients_of_rows(minuend.present + subtrahend.present, known)
    notes = minuend.kappas.note[known], subtrahend.kappas.note[known]
    one_score = int(((notes[0] == ONE_SCORE) | (notes[1] == ONE_SCORE)).sum())
    note = pairs_note(len(known), int(known.sum()), one_score)
    return estimate_by_patient(value, influence, n, patients, note, method)


def mean_of_rows(influence: csr_array, known: NDArray[np.bool_]) -> FloatArray:
    """Return each patient's mean influence over the marked pairs (patients,)."""
    mean: FloatArray = (influence.T @ known.astype(np.float64)) / known.sum()
    return mean


def patients_of_rows(present: csr_array, known: NDArray[np.bool_]) -> int:
    """Count the patients who are present in at least one of the marked pairs."""
    return int(np.count_nonzero(present.T @ known.astype(np.int64)))
