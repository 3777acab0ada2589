r"""Intraclass correlations of many pairs of readers at once, from one row of sums per pair.

The ICC of single ratings of two readers' totals x and y is a function of n, :math:`\sum x`,
:math:`\sum y`, :math:`\sum xy`, :math:`\sum x^2` and :math:`\sum y^2` over the cases that both
read. Formulas, influence and replicates are those of `icc_differences.fit_icc`, without an object
per pair; sums by patient are stored for the patients of a pair only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from studies.analytics.coefficients.intraclass import Form
from studies.analytics.ratings import Pairs, Ratings
from studies.analytics.resampling.pair_sums import EXACT_IN_SINGLE, SPARSE_SHARE
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.scale import MISSING
from studies.analytics.study.icc_differences import icc_gradients, icc_values
from studies.analytics.table import FloatArray

TERMS: Final = 6
"""Number of sums that the ICC of two readers is a function of."""
BLOCK_NUMBERS: Final = 2_000_000
"""Numbers in the replicates of the sums of a block of pairs: 16 MB in double precision."""

Bools = NDArray[np.bool_]
Masks = Sequence[Bools]


class PairIccs:
    """The ICCs of single ratings of pairs of readers in one arm.

    Parameters
    ----------
    ratings : Ratings
        Totals of all readers.
    pairs : sequence of (str, str)
        The pairs, by the readers' names.
    form : {"A,1", "C,1"}
        Absolute agreement or consistency (McGraw and Wong 1996).

    Attributes
    ----------
    values : float array (pairs,)
        NaN where undefined: fewer than two cases in common, or no variance.
    """

    def __init__(self, ratings: Ratings, pairs: Pairs, form: Form) -> None:
        self.form, self.pairs, self.patients = form, pairs, ratings.patients
        # One entry per pair and patient with a case that both readers of the pair read.
        self._pair, self._patient, self._sums = _sums_by_patient(ratings, pairs)
        self._totals = np.zeros((len(pairs), TERMS))
        np.add.at(self._totals, self._pair, self._sums)
        self.values = icc_values(self._totals.T, 2, self.form)

    def present(self, mask: Bools) -> Bools:
        """Return which patients have a case in one of the marked pairs (patients,)."""
        present = np.zeros(self.patients, dtype=np.bool_)
        present[self._patient[mask[self._pair]]] = True
        return present

    def mean(self, mask: Bools) -> float:
        """Return the mean ICC of the marked pairs."""
        return float(np.mean(self.values[mask]))

    def mean_influence(self, mask: Bools) -> FloatArray:
        """Return each patient's influence on the mean ICC of the marked pairs (patients,)."""
        gradients = np.zeros((len(self.pairs), TERMS))
        gradients[mask] = icc_gradients(self._totals[mask].T, 2, self.form).T
        of_entry = (self._sums * gradients[self._pair]).sum(axis=1)
        return self._by_patient(of_entry) / np.count_nonzero(mask)

    def mean_without_each_patient(self, mask: Bools) -> FloatArray:
        """Return the mean ICC of the marked pairs with each patient left out (patients,).

        NaN where one of the ICCs is undefined.
        """
        entries = mask[self._pair]
        pair = self._pair[entries]
        left = icc_values((self._totals[pair] - self._sums[entries]).T, 2, self.form)
        change = np.zeros(len(self._pair))
        change[entries] = left - self.values[pair]
        return self.mean(mask) + self._by_patient(change) / np.count_nonzero(mask)

    def mean_of_replicates(self, bootstrap: Bootstrap, masks: Masks) -> list[FloatArray]:
        """Return the mean ICC of the pairs of each mask, in all replicates (replicates,).

        NaN where one of the ICCs is undefined.
        """
        means = [np.zeros(len(bootstrap.weights)) for _ in masks]
        for rows, values in self._replicates(bootstrap, np.any(masks, axis=0)):
            for mean, mask in zip(means, masks, strict=True):
                mean += values[mask[rows]].sum(axis=0)
        return [mean / np.count_nonzero(mask) for mean, mask in zip(means, masks, strict=True)]

    def _replicates(
        self, bootstrap: Bootstrap, mask: Bools
    ) -> Iterator[tuple[NDArray[np.intp], FloatArray]]:
        """Yield blocks of pairs with their ICCs in all replicates (pairs, replicates)."""
        rows = np.flatnonzero(mask)
        size = max(1, BLOCK_NUMBERS // (TERMS * max(1, len(bootstrap.weights))))
        # Whole numbers, which single precision adds exactly up to a limit.
        most = np.abs(self._sums).max(initial=0.0) * bootstrap.weights.shape[1]
        kind = np.float32 if most < EXACT_IN_SINGLE else np.float64
        weights = np.ascontiguousarray(bootstrap.weights.T, kind)
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            drawn = self._matrix(block, kind) @ weights
            sums = drawn.reshape(TERMS, len(block), -1).astype(np.float64)
            yield block, icc_values(sums, 2, self.form)

    def _matrix(self, rows: NDArray[np.intp], kind: type[Any]) -> Any:
        """Return the sums by patient of some pairs (terms x pairs, patients)."""
        first, last = np.searchsorted(self._pair, [rows[0], rows[-1] + 1])
        pair, sums = self._pair[first:last], self._sums[first:last]
        position = np.full(len(self.pairs), -1)
        position[rows] = np.arange(len(rows))
        in_block = position[pair] >= 0
        row = position[pair[in_block]] + len(rows) * np.arange(TERMS)[:, None]
        column = np.broadcast_to(self._patient[first:last][in_block], row.shape)
        shape = TERMS * len(rows), self.patients
        data = sums[in_block].T.astype(kind)
        matrix = csr_array((data.ravel(), (row.ravel(), column.ravel())), shape=shape)
        return (
            matrix
            if matrix.nnz < SPARSE_SHARE * matrix.shape[0] * matrix.shape[1]
            else matrix.toarray()
        )

    def _by_patient(self, of_entries: FloatArray) -> FloatArray:
        summed: FloatArray = np.bincount(
            self._patient, weights=of_entries, minlength=self.patients
        ).astype(np.float64, copy=False)
        return summed


def _sums_by_patient(
    ratings: Ratings, pairs: Pairs
) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]:
    """Return pair, patient and sums (terms) of each entry, ordered by pair and patient."""
    order = np.argsort(ratings.patient, kind="stable")
    values, patient = ratings.values[:, order], ratings.patient[order]
    rated = values != MISSING
    parts: list[tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]] = []
    rows = np.array(
        [(ratings.names[first], ratings.names[second]) for first, second in pairs], dtype=np.intp
    ).reshape(-1, 2)
    for reader in np.unique(rows[:, 0]):
        of_reader = np.flatnonzero(rows[:, 0] == reader)
        items = np.flatnonzero(rated[reader])
        others = values[np.ix_(rows[of_reader, 1], items)]
        row, column = np.nonzero(others != MISSING)
        x, y = values[reader, items[column]], others[row, column]
        parts.append(_summed(of_reader[row], patient[items[column]], x, y))
    if not parts:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros((0, TERMS))
    pair, of_patient, sums = (np.concatenate(part) for part in zip(*parts, strict=True))
    by_pair = np.argsort(pair, kind="stable")
    return pair[by_pair], of_patient[by_pair], sums[by_pair]


def _summed(
    pair: NDArray[np.intp], patient: Any, x: Any, y: Any
) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]:
    """Return the sums of cases (cases,), ordered by pair and patient, by pair and patient."""
    if not len(pair):
        return pair, pair, np.zeros((0, TERMS))
    _, index = np.unique(pair, return_inverse=True)
    # ICCs do not depend on the origin; centring keeps the sums of squares small and exact.
    count = np.bincount(index)
    centre = np.rint(np.bincount(index, weights=x + y) / (2 * count))[index]
    x, y = x - centre, y - centre
    terms = np.column_stack([np.ones(len(x)), x, y, x * y, x * x, y * y])
    starts = np.flatnonzero((np.diff(pair, prepend=-1) != 0) | (np.diff(patient, prepend=-1) != 0))
    sums: FloatArray = np.add.reduceat(terms, starts, axis=0)
    return pair[starts], patient[starts].astype(np.intp), sums
