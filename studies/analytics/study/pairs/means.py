"""Means over pairs of readers and differences between arms, from the arrays of all pairs.

Formulas, assumptions and intervals are those of `differences`, which handles single kappas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from studies.analytics.coefficients.kappa_differences import (
    NO_KAPPA_IN_BOTH_NOTE,
    NO_KAPPA_NOTE,
    pairs_note,
    pairs_status,
)
from studies.analytics.estimate import (
    Estimate,
    Status,
    clustered_estimate,
    clustered_se,
    join_arm_notes,
    undefined,
)
from studies.analytics.study.pairs.differences import PairDifferences
from studies.analytics.study.pairs.kappas import PairKappas, squares_of_rows, standard_errors
from studies.analytics.table import FloatArray, IntArray


class PairedArms:
    """The kappas of the same pairs in two arms, minuend and subtrahend of their differences.

    Attributes
    ----------
    minuend, subtrahend : FittedPairs
        The pairs in each arm, in the same order.
    """

    def __init__(self, minuend: FittedPairs, subtrahend: FittedPairs) -> None:
        self.minuend, self.subtrahend = minuend, subtrahend

    @property
    def known(self) -> NDArray[np.bool_]:
        """Return which pairs have a kappa in both arms (pairs,)."""
        return self.minuend.known & self.subtrahend.known

    @cached_property
    def influence(self) -> csr_array:
        """Return every patient's influence on the differences (pairs, patients)."""
        return self.minuend.influence - self.subtrahend.influence

    @cached_property
    def in_both(self) -> csr_array:
        """Return which patients are present in both arms (pairs, patients)."""
        return self.minuend.present.multiply(self.subtrahend.present).tocsr()


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
        # With the same readers in all arms, no pair is left out: nothing has to be copied.
        if np.array_equal(pairs, np.arange(len(self.kappas.value))):
            return self
        kappas = PairKappas(**{name: array[pairs] for name, array in vars(self.kappas).items()})
        return FittedPairs(kappas, self.influence[pairs], self.present[pairs])

    @property
    def known(self) -> NDArray[np.bool_]:
        """Return which pairs have a kappa (pairs,)."""
        return ~np.isnan(self.kappas.value)

    @property
    def patients_with_kappa(self) -> NDArray[np.bool_]:
        """Return which patients enter at least one kappa that is defined (patients,)."""
        entered: NDArray[np.bool_] = self.present.T @ self.known.astype(np.int64) > 0
        return entered


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


def differences_of_pairs(arms: PairedArms) -> PairDifferences:
    """Return the differences of the kappas of the same pairs in two arms, NaN where undefined."""
    minuend, subtrahend = arms.minuend, arms.subtrahend
    value = minuend.kappas.value - subtrahend.kappas.value
    se = standard_errors(squares_of_rows(arms.influence))
    n = arms.in_both.sum(axis=1, dtype=np.int64)
    # Row lengths of the sparse arrays count patients; those present in both arms would count twice.
    patients = np.diff(minuend.present.indptr) + np.diff(subtrahend.present.indptr) - n
    statuses = minuend.kappas.status, subtrahend.kappas.status
    return PairDifferences(value, se, n, patients, statuses)


def mean_difference_of_pairs(arms: PairedArms, method: str) -> Estimate:
    """Return the mean difference over the pairs whose kappa is defined in both arms."""
    minuend, subtrahend, known = arms.minuend, arms.subtrahend, arms.known
    if not known.any():
        return undefined(0, NO_KAPPA_IN_BOTH_NOTE, method)
    value = float(np.mean(minuend.kappas.value[known] - subtrahend.kappas.value[known]))
    influence = mean_of_rows(arms.influence, known)
    n = patients_of_rows(arms.in_both, known)
    either = patient_counts(minuend.present, known) + patient_counts(subtrahend.present, known)
    patients = int(np.count_nonzero(either))
    up, down = minuend.kappas.status[known], subtrahend.kappas.status[known]
    one_score = int(((up == Status.ONE_SCORE) | (down == Status.ONE_SCORE)).sum())
    pairs = len(known), int(known.sum()), one_score
    note, status = pairs_note(*pairs), pairs_status(*pairs)
    return clustered_estimate(value, clustered_se(influence), n, patients, note, method, status)


def difference_of_groups(
    minuend: FittedPairs, subtrahend: FittedPairs, names: tuple[str, str], method: str
) -> Estimate:
    """Return the difference of the mean kappas of two groups of readers.

    Parameters
    ----------
    minuend, subtrahend : FittedPairs
        All pairs of readers of each group. Undefined kappas are excluded and counted in the note.
    names : (str, str)
        Names of the groups, for the note.
    method : str
        Description of the method.

    Returns
    -------
    Estimate
        ``n`` counts the patients read by two readers of each group. A patient read by one group
        contributes to its mean alone.
    """
    groups = (minuend, subtrahend)
    means = [mean_of_pairs(group, method) for group in groups]
    arm_notes = tuple(
        (name, mean.note) for name, mean in zip(names, means, strict=True) if mean.status
    )
    note = join_arm_notes(arm_notes)
    present = [group.patients_with_kappa for group in groups]
    n = int((present[0] & present[1]).sum())
    up, down = (mean.value for mean in means)
    if up is None or down is None:
        return undefined(n, note, method).with_arm_notes(arm_notes)
    influence = mean_of_rows(minuend.influence, minuend.known) - mean_of_rows(
        subtrahend.influence, subtrahend.known
    )
    patients = int((present[0] | present[1]).sum())
    status = Status.SOME_PAIRS if arm_notes else Status.ESTIMATED
    estimate = clustered_estimate(
        up - down, clustered_se(influence), n, patients, note, method, status
    )
    return estimate.with_arm_notes(arm_notes)


def mean_of_rows(influence: csr_array, known: NDArray[np.bool_]) -> FloatArray:
    """Return each patient's mean influence over the marked pairs (patients,)."""
    mean: FloatArray = (influence.T @ known.astype(np.float64)) / known.sum()
    return mean


def patients_of_rows(present: csr_array, known: NDArray[np.bool_]) -> int:
    """Count the patients who are present in at least one of the marked pairs."""
    return int(np.count_nonzero(patient_counts(present, known)))


def patient_counts(present: csr_array, known: NDArray[np.bool_]) -> IntArray:
    """Return in how many of the marked pairs each patient is present (patients,)."""
    counts: IntArray = present.T @ known.astype(np.int64)
    return counts
