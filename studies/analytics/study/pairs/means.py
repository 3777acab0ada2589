"""Means over pairs of readers and differences between arms, from the arrays of all pairs.

Formulas, assumptions and intervals are those of `differences`, which handles single kappas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.analytics.estimate import Estimate, Status, clustered_estimate, clustered_se, undefined
from studies.analytics.study.differences import (
    NO_KAPPA_IN_BOTH_NOTE,
    NO_KAPPA_NOTE,
    pairs_note,
    pairs_status,
)
from studies.analytics.study.pairs.kappas import PairKappas, standard_errors
from studies.analytics.study.pairs.results import PairDifferences
from studies.analytics.table import FloatArray


@dataclass(frozen=True)
class FittedPairs:
    """The kappas of pairs under one scheme with every patient's influence on them.

    Parameters
    ----------
    kappas : PairKappas
        Values and standard errors.
    influence : float array (pairs, patients)
        Influence on each kappa, 0 where a patient is absent or the kappa undefined.
    present : bool array (pairs, patients)
        Which patients have an item that both readers rated.
    """

    kappas: PairKappas
    influence: FloatArray
    present: NDArray[np.bool_]

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
    influence = fitted.influence[known].mean(axis=0)
    n = int(fitted.present[known].any(axis=0).sum())
    one_score = int((fitted.kappas.status[known] == Status.ONE_SCORE).sum())
    pairs = len(known), int(known.sum()), one_score
    note, status = pairs_note(*pairs), pairs_status(*pairs)
    return clustered_estimate(value, clustered_se(influence), n, n, note, method, status)


def differences_of_pairs(minuend: FittedPairs, subtrahend: FittedPairs) -> PairDifferences:
    """Return the differences of the kappas of the same pairs in two arms, NaN where undefined."""
    value = minuend.kappas.value - subtrahend.kappas.value
    influence = minuend.influence - subtrahend.influence
    se = standard_errors(np.square(influence).sum(axis=1))
    n = (minuend.present & subtrahend.present).sum(axis=1)
    patients = (minuend.present | subtrahend.present).sum(axis=1)
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
    influence = (minuend.influence[known] - subtrahend.influence[known]).mean(axis=0)
    n = int((minuend.present & subtrahend.present)[known].any(axis=0).sum())
    patients = int((minuend.present | subtrahend.present)[known].any(axis=0).sum())
    up, down = minuend.kappas.status[known], subtrahend.kappas.status[known]
    one_score = int(((up == Status.ONE_SCORE) | (down == Status.ONE_SCORE)).sum())
    pairs = len(known), int(known.sum()), one_score
    note, status = pairs_note(*pairs), pairs_status(*pairs)
    return clustered_estimate(value, clustered_se(influence), n, patients, note, method, status)
