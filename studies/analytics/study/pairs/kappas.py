"""Cohen's kappas of many pairs of readers at once, from one contingency table per pair.

Formulas, assumptions and intervals are those of `kappa`. Every step is one operation on the arrays
of all pairs, without an object per pair. Pairs are processed in blocks, so that working memory does
not grow with the number of items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from studies.analytics.coefficients.kappa import (
    KAPPA_NOTES,
    NO_ITEM_NOTE,
    KappaFit,
    Weights,
    disagreement,
)
from studies.analytics.estimate import (
    NEGLIGIBLE_SE,
    Estimate,
    Status,
    clustered_estimate,
    undefined,
)
from studies.analytics.ratings import Ratings
from studies.analytics.study.pairs.blocks import PairBlock, pair_blocks
from studies.analytics.table import FloatArray, IntArray

# Memory for the table indices of items, which all schemes of weights share.
CACHE_BYTES: Final = 16 * 2**20

Bools = NDArray[np.bool_]
Statuses = NDArray[np.int8]


@dataclass(frozen=True)
class Shares:
    """Proportions of items on which the readers of each pair differ by at most some steps.

    Parameters
    ----------
    value, se : float arrays (pairs,)
        NaN where no item was rated by both readers; ``se`` is clustered by patient.
    n, patients : int arrays (pairs,)
        Items that both readers rated, and patients with such an item.
    """

    value: FloatArray
    se: FloatArray
    n: IntArray
    patients: IntArray

    def estimate(self, pair: int, method: str) -> Estimate:
        """Return the proportion of one pair, equal to that of `kappa.proportion_within`."""
        n = int(self.n[pair])
        if n == 0:
            return undefined(0, NO_ITEM_NOTE, method)
        value, se = float(self.value[pair]), float(self.se[pair])
        return clustered_estimate(value, se, n, int(self.patients[pair]), "", method)


@dataclass(frozen=True)
class PairKappas:
    """The kappas of all pairs under one scheme of weights.

    Parameters
    ----------
    value, se, se_items, observed, expected : float arrays (pairs,)
        NaN where undefined; ``se`` is clustered by patient.
    status : int8 array (pairs,)
        Numbers of `Status`, 0 where a kappa is informative.
    n, patients : int arrays (pairs,)
        Items that both readers rated, and patients with such an item.
    """

    value: FloatArray
    se: FloatArray
    se_items: FloatArray
    observed: FloatArray
    expected: FloatArray
    status: Statuses
    n: IntArray
    patients: IntArray

    def estimate(self, pair: int, method: str) -> Estimate:
        """Return one pair's kappa, equal to that of `KappaFit.estimate`."""
        n, status, note = int(self.n[pair]), self.status_of(pair), self.note(pair)
        value = none_if_nan(self.value[pair])
        if value is None:
            return undefined(n, note, method, status)
        se, patients = float(self.se[pair]), int(self.patients[pair])
        return clustered_estimate(value, se, n, patients, note, method, status)

    def status_of(self, pair: int) -> Status:
        """Return the status of one pair's kappa."""
        return Status(int(self.status[pair]))

    def note(self, pair: int) -> str:
        """Return why one pair's kappa is undefined or not informative, "" otherwise."""
        return KAPPA_NOTES[self.status_of(pair)]


class PairItems:
    """The items of all pairs of readers in one outcome and arm.

    Parameters
    ----------
    ratings : Ratings
        The ratings of all readers.
    pairs : sequence of (str, str)
        The pairs, by the readers' names.

    Attributes
    ----------
    counts : int array (pairs, categories ** 2)
        Flattened contingency tables.
    present : bool array (pairs, patients)
        Which patients have an item that both readers rated.
    n, cases, patients_present : int arrays (pairs,)
        Items that both readers rated, and cases and patients with such an item.
    """

    def __init__(self, ratings: Ratings, pairs: Sequence[tuple[str, str]]) -> None:
        self.values, self.categories = ratings.values, ratings.categories
        rows = [(ratings.names[a], ratings.names[b]) for a, b in pairs]
        self.first, self.second = np.array(rows, dtype=np.intp).reshape(-1, 2).T
        self.patients = ratings.patients
        self._blocks = list(pair_blocks(ratings, self.first, self.second))
        self._joints: dict[int, NDArray[np.int16]] = {}
        size = self.categories**2 + 1
        self.counts = np.empty((len(pairs), size - 1), dtype=np.int64)
        self.cases = np.empty(len(pairs), dtype=np.int64)
        for block in self._blocks:
            numbered = self._joint(block) + size * block.places
            flat = np.bincount(numbered.ravel(), minlength=size * len(block.pairs))
            self.counts[block.pairs] = flat.reshape(-1, size)[:, :-1]
            self.cases[block.pairs] = block.cases
        self.present = self._by_pair()
        self.n = self.counts.sum(axis=1)
        self.patients_present = np.diff(self.present.indptr)

    def __len__(self) -> int:
        return len(self.first)

    def kappas(self, weights: Weights) -> tuple[PairKappas, csr_array]:
        """Return the kappas of all pairs, and every patient's influence on them.

        Returns
        -------
        PairKappas, float array (pairs, patients)
            The influence is 0 where a patient is absent or a kappa is undefined.
        """
        size, n = self.categories, self.n
        d = disagreement(size, weights)
        tables = self.counts.reshape(-1, size, size)
        rows, columns = tables.sum(axis=2), tables.sum(axis=1)
        a, b = columns @ d, rows @ d
        seen, chance = self.counts @ d.ravel(), (rows * a).sum(axis=1)
        status = self._statuses(rows, columns, chance)
        known = self.cases > 1
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = np.where(known, 1 - seen / (n * int(d.max())), np.nan)
            expected = np.where(known, 1 - chance / (n * n * int(d.max())), np.nan)
            informative = status == Status.ESTIMATED
            value = np.where(informative, (chance - n * seen) / chance, np.nan)
        value[status == Status.ONE_SCORE] = 0.0
        influence, squares = self._influence(d, a, b, seen, chance, informative)
        se, se_items = standard_errors(squares_of_rows(influence)), standard_errors(squares)
        patients = self.patients_present
        fitted = PairKappas(value, se, se_items, observed, expected, status, n, patients)
        return fitted, influence

    def shares(self, steps: int) -> Shares:
        """Return the proportions of items on which two readers differ by at most ``steps``."""
        scale = np.arange(self.categories)
        near = (np.abs(scale[:, None] - scale) <= steps).ravel()
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (self.counts @ near) / self.n
        squares = np.where(self.n > 0, 0.0, np.nan)
        marks = np.append(near, False)
        for block in self._blocks:
            joint, rows = self._joint(block), block.entry_pair
            items, close = block.by_entry(joint < len(near)), block.by_entry(marks[joint])
            influence = (close - items * value[rows]) / self.n[rows]
            squares += np.bincount(rows, weights=np.square(influence), minlength=len(self))
        return Shares(value, standard_errors(squares), self.n, self.patients_present)

    def fits(self, kappas: PairKappas, influence: csr_array) -> list[KappaFit]:
        """Return the kappas as single fits, for statistics that need their influence."""
        by_patient, present = influence.toarray(), self.present.toarray()
        return [
            KappaFit(
                none_if_nan(kappas.value[pair]), by_patient[pair], float(kappas.se_items[pair]),
                none_if_nan(kappas.observed[pair]), none_if_nan(kappas.expected[pair]),
                int(kappas.n[pair]), present[pair], kappas.status_of(pair),
            )
            for pair in range(len(self))
        ]  # fmt: skip

    def _statuses(self, rows: IntArray, columns: IntArray, chance: IntArray) -> Statuses:
        one_score = (rows.max(axis=1) == self.n) | (columns.max(axis=1) == self.n)
        few = np.where(self.n > 0, Status.ONE_CASE, Status.NO_ITEMS)
        conditions = [self.cases < 2, chance == 0, one_score]
        statuses = np.select(conditions, [few, Status.SAME_SCORE, Status.ONE_SCORE], 0)
        return statuses.astype(np.int8)

    def _influence(
        self, d: IntArray, a: IntArray, b: IntArray, seen: IntArray, chance: IntArray, known: Bools
    ) -> tuple[csr_array, FloatArray]:
        """Return influence by patient (pairs, patients), and its squared sum over items (pairs,).

        Arguments are those of the formulas in `kappa`: disagreement weights ``d``, margins ``a``
        and ``b`` (pairs, categories), the sums S and T (pairs,), and which kappas are informative.
        """
        squares = np.zeros(len(self))
        summed = []
        for block in self._blocks:
            rows = block.pairs
            # Where a kappa is undefined, any number will do, as the influence is set to 0.
            n = np.where(known[rows], self.n[rows], 1)
            t = np.where(known[rows], chance[rows], 1)
            ratio = np.where(known[rows], n * seen[rows] / t, 0.0)
            by_cell = np.zeros((len(n), len(d) ** 2 + 1))
            by_cell[:, :-1] = (
                -(n / t)[:, None, None] * d
                + (ratio / t)[:, None, None] * (a[rows][:, :, None] + b[rows][:, None, :])
                - (ratio / n)[:, None, None]
            ).reshape(len(n), -1)
            by_cell[~known[rows]] = 0.0
            squares[rows] = (self.counts[rows] * np.square(by_cell[:, :-1])).sum(axis=1)
            positions = self._joint(block) + by_cell.shape[1] * block.places
            summed.append(block.by_entry(by_cell.ravel().take(positions)))
        data, present = np.concatenate([np.zeros(0), *summed]), self.present
        data = data if self._order is None else data.take(self._order)
        return csr_array((data, present.indices, present.indptr), shape=present.shape), squares

    def _by_pair(self) -> csr_array:
        """Return which patient is in which pair, and set the order from blocks to pairs."""
        none = np.zeros(0, dtype=np.intp)
        row = np.concatenate([none, *(block.entry_pair for block in self._blocks)])
        patient = np.concatenate([none, *(block.entry_patient for block in self._blocks)])
        # None where the blocks follow the order of the pairs.
        self._order = np.argsort(row, kind="stable") if (np.diff(row) < 0).any() else None
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(self)))])
        marks = np.ones(len(row), dtype=np.int8)
        shape = len(self), self.patients
        sorted_patient = patient if self._order is None else patient[self._order]
        return csr_array((marks, sorted_patient, starts), shape=shape)

    def _joint(self, block: PairBlock) -> NDArray[np.int16]:
        """Return each item's cell in the flattened table, the last if missing."""
        if block.number in self._joints:
            return self._joints[block.number]
        joint = block.joint(self.values, self.first, self.second, self.categories)
        if (len(self._joints) + 1) * joint.nbytes <= CACHE_BYTES:
            self._joints[block.number] = joint
        return joint


def squares_of_rows(sparse: csr_array) -> FloatArray:
    """Return the sum of squares of each row (rows,)."""
    rows = np.repeat(np.arange(sparse.shape[0]), np.diff(sparse.indptr))
    squares: FloatArray = np.bincount(
        rows, weights=np.square(sparse.data), minlength=sparse.shape[0]
    ).astype(np.float64)
    return squares


def standard_errors(squares: FloatArray) -> FloatArray:
    """Return the roots of sums of squares, exactly 0 where they are rounding error only."""
    roots = np.sqrt(squares)
    return np.where(roots < NEGLIGIBLE_SE, 0.0, roots)


def none_if_nan(value: float) -> float | None:
    """Return a number of an array as records have it: None for NaN."""
    return None if np.isnan(value) else float(value)
