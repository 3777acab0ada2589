"""Means over pairs of readers and differences between arms, from the arrays of all pairs.

The rules are those of `differences`, which has the same for single kappas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.analytics.estimate import Estimate, undefined
from studies.analytics.study.differences import estimate_by_patient, pairs_note
from studies.analytics.study.pairs.kappas import ONE_SCORE, PairKappas, standard_errors
from studies.analytics.study.pairs.results import PairDifferences
from studies.analytics.table import FloatArray


@dataclass(frozen=True)
class FittedPairs:
    """The kappas of pairs under one scheme with every patient's influence on them.

    Parameters
    ----------
    influence : float array (pairs, patients)
    present : bool array (pairs, patients)
        Which patients have an item that both readers rated.
    """

    kappas: PairKappas
    influence: FloatArray
    present: NDArray[np.bool_]

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
    influence = fitted.influence[known].mean(axis=0)
    n = int(fitted.present[known].any(axis=0).sum())
    one_score = int((fitted.kappas.note[known] == ONE_SCORE).sum())
    note = pairs_note(len(known), int(known.sum()), one_score)
    return estimate_by_patient(value, influence, n, n, note, method)


def differences_of_pairs(minuend: FittedPairs, subtrahend: FittedPairs) -> PairDifferences:
    """Return the differences of the same pairs' kappas, NaN where one of them is undefined."""
    value = minuend.kappas.value - subtrahend.kappas.value
    influence = minuend.influence - subtrahend.influence
    se = standard_errors(np.square(influence).sum(axis=1))
    n = (minuend.present & subtrahend.present).sum(axis=1)
    patients = (minuend.present | subtrahend.present).sum(axis=1)
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
    influence = (minuend.influence[known] - subtrahend.influence[known]).mean(axis=0)
    n = int((minuend.present & subtrahend.present)[known].any(axis=0).sum())
    patients = int((minuend.present | subtrahend.present)[known].any(axis=0).sum())
    notes = minuend.kappas.note[known], subtrahend.kappas.note[known]
    one_score = int(((notes[0] == ONE_SCORE) | (notes[1] == ONE_SCORE)).sum())
    note = pairs_note(len(known), int(known.sum()), one_score)
    return estimate_by_patient(value, influence, n, patients, note, method)
