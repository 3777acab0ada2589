r"""Cohen's kappas of many pairs of readers at once, from one contingency table per pair.

The formulas are those of `kappa`; here every step is one operation on the arrays of all pairs, and
no object is made per pair. Pairs are taken in blocks, so that what is needed beside the results
stays small however many items there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.kappa import (
    NO_ITEM_NOTE,
    ONE_CASE_NOTE,
    ONE_PATIENT_NOTE,
    ONE_SCORE_NOTE,
    SAME_SCORE_NOTE,
    ZERO_SE_NOTE,
    KappaFit,
    Weights,
    disagreement,
)
from studies.analytics.estimate import NEGLIGIBLE_SE, Estimate, normal_interval, undefined
from studies.analytics.ratings import Ratings
from studies.analytics.table import MISSING, FloatArray, IntArray

NOTES: Final = ("", NO_ITEM_NOTE, ONE_CASE_NOTE, SAME_SCORE_NOTE, ONE_SCORE_NOTE)
ONE_SCORE: Final = NOTES.index(ONE_SCORE_NOTE)
BLOCK_ITEMS: Final = 250_000
CACHE_BYTES: Final = 16 * 2**20
"""How many bytes of the items' places in the tables are kept between the schemes of weights."""

Bools = NDArray[np.bool_]
Notes = NDArray[np.int8]


@dataclass(frozen=True)
class Shares:
    """Proportions of items on which the readers of each pair are within some steps (pairs,)."""

    value: FloatArray
    se: FloatArray
    n: IntArray
    patients: IntArray

    def estimate(self, pair: int, method: str) -> Estimate:
        """Return the proportion of one pair as `kappa.proportion_within` does."""
        n = int(self.n[pair])
        if n == 0:
            return undefined(0, NO_ITEM_NOTE, method)
        value = float(self.value[pair])
        if self.patients[pair] < 2:
            return Estimate(value, None, None, n, method, ONE_PATIENT_NOTE)
        se = float(self.se[pair])
        note = ZERO_SE_NOTE if se == 0.0 else ""
        return Estimate(value, se, normal_interval(value, se), n, method, note)


@dataclass(frozen=True)
class PairKappas:
    """The kappas of all pairs under one scheme of weights.

    Parameters
    ----------
    value, se, se_items, observed, expected : float arrays (pairs,)
        NaN where undefined; ``se`` is clustered by patient.
    note : int8 array (pairs,)
        Places in `NOTES`.
    n, patients : int arrays (pairs,)
        Items that both readers rated, and patients with such an item.
    """

    value: FloatArray
    se: FloatArray
    se_items: FloatArray
    observed: FloatArray
    expected: FloatArray
    note: Notes
    n: IntArray
    patients: IntArray

    def estimate(self, pair: int, method: str) -> Estimate:
        """Return one pair's kappa as `KappaFit.estimate` does."""
        n, note = int(self.n[pair]), NOTES[self.note[pair]]
        value = none_if_nan(self.value[pair])
        if value is None:
            return undefined(n, note, method)
        return kappa_estimate(value, self.se[pair], n, int(self.patients[pair]), note, method)


class PairItems:
    """The items of all pairs of readers in one outcome and arm.

    Parameters
    ----------
    ratings
        The ratings of all readers.
    pairs
        The pairs, by the readers' names.
    """

    def __init__(self, ratings: Ratings, pairs: Sequence[tuple[str, str]]) -> None:
        self.values, self.categories = ratings.values, ratings.categories
        places = [(ratings.names[a], ratings.names[b]) for a, b in pairs]
        self.first, self.second = np.array(places, dtype=np.intp).reshape(-1, 2).T
        self.patients = ratings.patients
        order = np.argsort(ratings.patient, kind="stable")
        self._order = None if (np.diff(order) == 1).all() else order
        ordered = ratings.patient[order]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        self._whose = ordered[self._starts]
        self._case_starts = np.flatnonzero(np.diff(ratings.case, prepend=-1))
        sizes = np.diff(self._starts, append=len(ordered))
        self._items_each = int(sizes[0]) if len(sizes) and (sizes == sizes[0]).all() else 0
        self._joints: dict[int, NDArray[np.int16]] = {}
        size = self.categories**2 + 1
        self.counts = np.empty((len(pairs), size - 1), dtype=np.int64)
        self.present = np.zeros((len(pairs), self.patients), dtype=np.bool_)
        self.cases = np.empty(len(pairs), dtype=np.int64)
        for block in self._blocks():
            joint = self._joint(block)
            numbered = joint + size * np.arange(len(joint))[:, None]
            flat = np.bincount(numbered.ravel(), minlength=size * len(joint))
            self.counts[block] = flat.reshape(-1, size)[:, :-1]
            both = joint < size - 1
            self.present[block] = self._by_patient(both) > 0
            by_case = np.add.reduceat(both, self._case_starts, axis=1, dtype=np.int64)
            self.cases[block] = (by_case > 0).sum(axis=1)
        self.n = self.counts.sum(axis=1)
        self.patients_present = self.present.sum(axis=1)

    def __len__(self) -> int:
        return len(self.first)

    def kappas(self, weights: Weights) -> tuple[PairKappas, FloatArray]:
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
        note = self._notes(rows, columns, chance)
        known = self.cases > 1
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = np.where(known, 1 - seen / (n * int(d.max())), np.nan)
            expected = np.where(known, 1 - chance / (n * n * int(d.max())), np.nan)
            value = np.where(note == 0, (chance - n * seen) / chance, np.nan)
        value[note == ONE_SCORE] = 0.0
        influence, squares = self._influence(d, a, b, seen, chance, note == 0)
        se, se_items = standard_errors(np.square(influence).sum(axis=1)), standard_errors(squares)
        fitted = PairKappas(value, se, se_items, observed, expected, note, n, self.patients_present)
        return fitted, influence

    def shares(self, steps: int) -> Shares:
        """Return the proportion of items on which two readers differ by at most ``steps``."""
        scale = np.arange(self.categories)
        near = (np.abs(scale[:, None] - scale) <= steps).ravel()
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (self.counts @ near) / self.n
        squares = np.zeros(len(self))
        marks = np.append(near, False)
        for block in self._blocks():
            joint = self._joint(block)
            items = self._by_patient(joint < len(near))
            close = self._by_patient(marks[joint])
            with np.errstate(divide="ignore", invalid="ignore"):
                influence = (close - items * value[block, None]) / self.n[block, None]
            squares[block] = np.square(influence).sum(axis=1)
        return Shares(value, standard_errors(squares), self.n, self.patients_present)

    def fits(self, kappas: PairKappas, influence: FloatArray) -> list[KappaFit]:
        """Return the kappas one by one, for what needs their influence."""
        return [
            KappaFit(
                none_if_nan(kappas.value[pair]), influence[pair], float(kappas.se_items[pair]),
                none_if_nan(kappas.observed[pair]), none_if_nan(kappas.expected[pair]),
                int(kappas.n[pair]), self.present[pair], NOTES[kappas.note[pair]],
            )
            for pair in range(len(self))
        ]  # fmt: skip

    def _notes(self, rows: IntArray, columns: IntArray, chance: IntArray) -> Notes:
        one_score = (rows.max(axis=1) == self.n) | (columns.max(axis=1) == self.n)
        few = np.where(self.n > 0, NOTES.index(ONE_CASE_NOTE), NOTES.index(NO_ITEM_NOTE))
        conditions = [self.cases < 2, chance == 0, one_score]
        notes = np.select(conditions, [few, NOTES.index(SAME_SCORE_NOTE), ONE_SCORE], 0)
        return notes.astype(np.int8)

    def _influence(
        self, d: IntArray, a: IntArray, b: IntArray, seen: IntArray, chance: IntArray, known: Bools
    ) -> tuple[FloatArray, FloatArray]:
        """Return influence by patient (pairs, patients) and its squares summed over items."""
        influence = np.zeros((len(self), self.patients))
        squares = np.zeros(len(self))
        for block in self._blocks():
            # Where a kappa is undefined any numbers serve, as their influence is 0.
            n = np.where(known[block], self.n[block], 1)
            t = np.where(known[block], chance[block], 1)
            ratio = np.where(known[block], n * seen[block] / t, 0.0)
            by_cell = np.zeros((len(n), len(d) ** 2 + 1))
            by_cell[:, :-1] = (
                -(n / t)[:, None, None] * d
                + (ratio / t)[:, None, None] * (a[block, :, None] + b[block, None, :])
                - (ratio / n)[:, None, None]
            ).reshape(len(n), -1)
            by_cell[~known[block]] = 0.0
            squares[block] = (self.counts[block] * np.square(by_cell[:, :-1])).sum(axis=1)
            places = self._joint(block) + by_cell.shape[1] * np.arange(len(n))[:, None]
            influence[block] = self._by_patient(by_cell.ravel().take(places))
        return influence, squares

    def _joint(self, block: slice) -> NDArray[np.int16]:
        """Return each item's place in the flattened table (pairs, items), the last if missing."""
        if block.start in self._joints:
            return self._joints[block.start]
        values = self.values.astype(np.int16)
        first, second = values[self.first[block]], values[self.second[block]]
        both = (first != MISSING) & (second != MISSING)
        joint = np.where(both, first * self.categories + second, self.categories**2)
        joint = joint.astype(np.int16)
        if (len(self._joints) + 1) * joint.nbytes <= CACHE_BYTES:
            self._joints[block.start] = joint
        return joint

    def _by_patient(self, items: NDArray[np.float64] | Bools) -> FloatArray:
        """Sum (pairs, items) by patient (pairs, patients)."""
        ordered = items if self._order is None else items[:, self._order]
        if self._items_each and len(self._whose) == self.patients:
            by_patient = ordered.reshape(len(items), self.patients, self._items_each)
            whole: FloatArray = by_patient.sum(axis=2, dtype=np.float64)
            return whole
        summed = np.zeros((len(items), self.patients))
        if len(self._starts):
            summed[:, self._whose] = np.add.reduceat(ordered, self._starts, 1, dtype=np.float64)
        return summed

    def _blocks(self) -> Iterator[slice]:
        step = max(1, BLOCK_ITEMS // max(self.values.shape[1], self.categories**2, 1))
        for start in range(0, len(self), step):
            yield slice(start, min(start + step, len(self)))


def kappa_estimate(
    value: float, se: float, n: int, patients: int, note: str, method: str
) -> Estimate:
    """Return an estimate with its normal interval, by the rules that all kappas follow."""
    if patients < 2:
        return Estimate(value, None, None, n, method, note or ONE_PATIENT_NOTE)
    se = float(se)
    note = note or (ZERO_SE_NOTE if se == 0.0 else "")
    return Estimate(value, se, normal_interval(value, se), n, method, note)


def standard_errors(squares: FloatArray) -> FloatArray:
    """Return the roots of sums of squares, or exactly 0 where only rounding is left of them."""
    roots = np.sqrt(squares)
    return np.where(roots < NEGLIGIBLE_SE, 0.0, roots)


def none_if_nan(value: float) -> float | None:
    """Return a number of an array as it stands in records: None for NaN."""
    return None if np.isnan(value) else float(value)
