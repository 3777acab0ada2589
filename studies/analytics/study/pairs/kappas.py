"""Cohen's kappas of many pairs of readers at once, from one contingency table per pair.

Formulas, assumptions and intervals are those of `kappa`. Every step is one operation on the arrays
of all pairs, without an object per pair. Pairs are processed in blocks, so that working memory does
not grow with the number of items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray

# Items of one block of pairs: the arrays of a block take a few MB and stay in the cache.
BLOCK_ITEMS: Final = 250_000
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
        # Sums by patient are cheapest over items in the order of patients: sort once, if needed.
        order = np.argsort(ratings.patient, kind="stable")
        self._order = None if (np.diff(order) == 1).all() else order
        ordered = ratings.patient[order]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        self._patient_of_group = ordered[self._starts]
        self._case_starts = np.flatnonzero(np.diff(ratings.case, prepend=-1))
        sizes = np.diff(self._starts, append=len(ordered))
        self._items_per_patient = int(sizes[0]) if len(sizes) and (sizes == sizes[0]).all() else 0
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
        status = self._statuses(rows, columns, chance)
        known = self.cases > 1
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = np.where(known, 1 - seen / (n * int(d.max())), np.nan)
            expected = np.where(known, 1 - chance / (n * n * int(d.max())), np.nan)
            informative = status == Status.ESTIMATED
            value = np.where(informative, (chance - n * seen) / chance, np.nan)
        value[status == Status.ONE_SCORE] = 0.0
        influence, squares = self._influence(d, a, b, seen, chance, informative)
        se, se_items = standard_errors(np.square(influence).sum(axis=1)), standard_errors(squares)
        patients = self.patients_present
        fitted = PairKappas(value, se, se_items, observed, expected, status, n, patients)
        return fitted, influence

    def shares(self, steps: int) -> Shares:
        """Return the proportions of items on which two readers differ by at most ``steps``."""
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
        """Return the kappas as single fits, for statistics that need their influence."""
        return [
            KappaFit(
                none_if_nan(kappas.value[pair]), influence[pair], float(kappas.se_items[pair]),
                none_if_nan(kappas.observed[pair]), none_if_nan(kappas.expected[pair]),
                int(kappas.n[pair]), self.present[pair], kappas.status_of(pair),
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
    ) -> tuple[FloatArray, FloatArray]:
        """Return influence by patient (pairs, patients), and its squared sum over items (pairs,).

        Arguments are those of the formulas in `kappa`: disagreement weights ``d``, margins ``a``
        and ``b`` (pairs, categories), the sums S and T (pairs,), and which kappas are informative.
        """
        influence = np.zeros((len(self), self.patients))
        squares = np.zeros(len(self))
        for block in self._blocks():
            # Any divisor does where a kappa is undefined, as its influence is set to 0 below.
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
            indices = self._joint(block) + by_cell.shape[1] * np.arange(len(n))[:, None]
            influence[block] = self._by_patient(by_cell.ravel().take(indices))
        return influence, squares

    def _joint(self, block: slice) -> NDArray[np.int16]:
        """Return each item's index in the flattened table (pairs, items).

        Items that a reader did not rate have the index one past the table.
        """
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
        """Return values of items (pairs, items) summed by patient (pairs, patients)."""
        ordered = items if self._order is None else items[:, self._order]
        if self._items_per_patient and len(self._patient_of_group) == self.patients:
            by_patient = ordered.reshape(len(items), self.patients, self._items_per_patient)
            whole: FloatArray = by_patient.sum(axis=2, dtype=np.float64)
            return whole
        summed = np.zeros((len(items), self.patients))
        if len(self._starts):
            summed[:, self._patient_of_group] = np.add.reduceat(
                ordered, self._starts, 1, dtype=np.float64
            )
        return summed

    def _blocks(self) -> Iterator[slice]:
        step = max(1, BLOCK_ITEMS // max(self.values.shape[1], self.categories**2, 1))
        for start in range(0, len(self), step):
            yield slice(start, min(start + step, len(self)))


def standard_errors(squares: FloatArray) -> FloatArray:
    """Return the roots of sums of squares, exactly 0 where they are rounding error only."""
    roots = np.sqrt(squares)
    return np.where(roots < NEGLIGIBLE_SE, 0.0, roots)


def none_if_nan(value: float) -> float | None:
    """Return a number of an array as records have it: None for NaN."""
    return None if np.isnan(value) else float(value)
