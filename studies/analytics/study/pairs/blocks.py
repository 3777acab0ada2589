"""Blocks of reader pairs that are computed at once, with the items that they need.

Readers who rated most items share dense blocks, in which every pair has a place for each item. In a
study whose readers share few cases, nearly all of these places would be empty: the other pairs have
sparse blocks, which list the items of each pair that both readers rated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.ratings import Ratings
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray

BLOCK_ITEMS: Final = 250_000
"""Limits the temporary arrays of a block (pairs x items) to a few megabytes."""

DENSE_SHARE: Final = 0.5
"""Share of all items from which the pairs of their first reader are in dense blocks."""

Bools = NDArray[np.bool_]
Index = NDArray[np.intp]
Joints = NDArray[np.int16]


class PairBlock(ABC):
    """Pairs that are computed together.

    Attributes
    ----------
    number : int
        Number of the block.
    pairs : int array (pairs of the block,)
        Rows of the pairs among all pairs.
    cases : int array (pairs of the block,)
        Number of cases with an item that both readers rated.
    entry_pair, entry_patient : int arrays (entries,)
        Row of the pair and patient of each entry: a patient with an item that both readers of a
        pair rated. Ordered by pair and patient.
    places : int array, broadcastable to the items
        Position in ``pairs`` of the pair of each item.
    """

    number: int
    pairs: Index
    cases: IntArray
    entry_pair: Index
    entry_patient: Index
    places: Index

    @abstractmethod
    def joint(self, values: IntArray, first: Index, second: Index, categories: int) -> Joints:
        """Return each item's cell in the flattened table, ``categories ** 2`` if missing.

        Parameters
        ----------
        values : int array (readers, items)
            Category numbers, -1 where missing.
        first, second : int arrays (all pairs,)
            Rows of the readers of all pairs.
        categories : int
            Number of categories of the scale.
        """

    @abstractmethod
    def by_entry(self, items: NDArray[Any]) -> FloatArray:
        """Sum numbers of items, in the shape of `joint`, by entry (entries,)."""


class DenseBlock(PairBlock):
    """Pairs with a place for each of the same items (pairs, items).

    Parameters
    ----------
    ratings : Ratings
        The ratings of all readers.
    both : bool array (pairs, items)
        Which items both readers of each pair rated, in the order of ``index``.
    index : int array (items of the block,)
        Columns of the ratings, ordered by patient.
    """

    def __init__(
        self,
        number: int,
        pairs: Index,
        ratings: Ratings,
        both: Bools,
        index: Index,
    ) -> None:
        self.number, self.pairs, self.index = number, pairs, index
        self.places = np.arange(len(pairs))[:, None]
        patient = ratings.patient[index]
        self._starts = np.flatnonzero(np.diff(patient, prepend=-1))
        sizes = np.diff(self._starts, append=len(index))
        # How many items every patient has, 0 if they differ.
        self._per_patient = int(sizes[0]) if len(sizes) and (sizes == sizes[0]).all() else 0
        self.cases = self._count_cases(both, np.diff(ratings.case[index], prepend=-1) != 0)
        present = patient[self._starts]
        entries = np.flatnonzero(self._by_patient(both))
        row, column = np.divmod(entries, max(1, len(present)))
        self.entry_pair, self.entry_patient = pairs[row], present[column]
        # None where every pair has all patients.
        self._entries = None if len(entries) == len(pairs) * len(present) else entries

    def joint(self, values: IntArray, first: Index, second: Index, categories: int) -> Joints:
        of_first = values[np.ix_(first[self.pairs], self.index)].astype(np.int16)
        of_second = values[np.ix_(second[self.pairs], self.index)].astype(np.int16)
        both = (of_first != MISSING) & (of_second != MISSING)
        joint = np.where(both, of_first * categories + of_second, categories**2)
        return joint.astype(np.int16)

    def by_entry(self, items: NDArray[Any]) -> FloatArray:
        summed = self._by_patient(items).ravel()
        return summed if self._entries is None else summed.take(self._entries)

    def _by_patient(self, items: NDArray[Any]) -> FloatArray:
        """Sum (pairs, items) by patient: (pairs, patients with an item)."""
        if self._per_patient == 1:
            summed: FloatArray = items.astype(np.float64, copy=False)
        # A reshape sums without looking up where each patient starts.
        elif self._per_patient:
            shape = len(items), len(self._starts), self._per_patient
            summed = items.reshape(shape).sum(axis=2, dtype=np.float64)
        elif len(self.index):
            summed = np.add.reduceat(items, self._starts, axis=1, dtype=np.float64)
        else:
            summed = np.zeros((len(items), 0))
        return summed

    def _count_cases(self, both: Bools, begins: Bools) -> IntArray:
        """Return the cases with an item of each pair; the items of a case lie together."""
        if not len(self.index):
            return np.zeros(len(both), dtype=np.int64)
        if not begins.all():
            both = np.logical_or.reduceat(both, np.flatnonzero(begins), axis=1)
        counts: IntArray = both.sum(axis=1, dtype=np.int64)
        return counts


class SparseBlock(PairBlock):
    """Pairs with the items that both of their readers rated, one after the other (items,).

    Parameters
    ----------
    ratings : Ratings
        The ratings of all readers.
    places, index : int arrays (items of the block,)
        Position in ``pairs`` and column of the ratings of each item, ordered by pair and patient.
    """

    def __init__(
        self, number: int, pairs: Index, ratings: Ratings, places: Index, index: Index
    ) -> None:
        self.number, self.pairs, self.places, self.index = number, pairs, places, index
        patient, case = ratings.patient[index], ratings.case[index]
        another = np.diff(places, prepend=-1) != 0
        self._starts = np.flatnonzero(another | (np.diff(patient, prepend=-1) != 0))
        begins = np.flatnonzero(another | (np.diff(case, prepend=-1) != 0))
        self.cases = np.bincount(places[begins], minlength=len(pairs))
        self.entry_pair, self.entry_patient = pairs[places[self._starts]], patient[self._starts]

    def joint(self, values: IntArray, first: Index, second: Index, categories: int) -> Joints:
        pairs = self.pairs[self.places]
        of_first, of_second = values[first[pairs], self.index], values[second[pairs], self.index]
        return (of_first * categories + of_second).astype(np.int16)

    def by_entry(self, items: NDArray[Any]) -> FloatArray:
        if len(self._starts) == len(items):
            return items.astype(np.float64, copy=False)
        summed: FloatArray = np.add.reduceat(items, self._starts, dtype=np.float64)
        return summed


def pair_blocks(ratings: Ratings, first: Index, second: Index) -> Iterator[PairBlock]:
    """Yield blocks with all pairs.

    Parameters
    ----------
    ratings
        The ratings of all readers.
    first, second : int arrays (pairs,)
        Rows of each pair's readers in the ratings.
    """
    # Stable, so that the items of a case stay next to each other.
    order = np.argsort(ratings.patient, kind="stable")
    rated = ratings.values[:, order] != MISSING
    most = rated.sum(axis=1) > DENSE_SHARE * len(order)
    number = 0
    pairs = np.flatnonzero(most[first])
    step = max(1, BLOCK_ITEMS // max(len(order), ratings.categories**2, 1))
    for start in range(0, len(pairs), step):
        some = pairs[start : start + step]
        both = rated[first[some]] & rated[second[some]]
        yield DenseBlock(number, some, ratings, both, order)
        number += 1
    for some, places, items in _shared_items(rated, first, second, ~most[first]):
        yield SparseBlock(number, some, ratings, places, order[items])
        number += 1


def _shared_items(
    rated: Bools, first: Index, second: Index, wanted: Bools
) -> Iterator[tuple[Index, Index, Index]]:
    """Yield some of the wanted pairs, and place and item of each item that both readers rated."""
    parts: list[tuple[Index, Index, Index]] = []
    pairs = items = 0
    for reader in np.unique(first[wanted]):
        of_reader = np.flatnonzero(wanted & (first == reader))
        index = np.flatnonzero(rated[reader])
        row, column = np.nonzero(rated[np.ix_(second[of_reader], index)])
        parts.append((of_reader, pairs + row, index[column]))
        pairs, items = pairs + len(of_reader), items + len(row)
        if items >= BLOCK_ITEMS:
            yield _joined(parts)
            parts, pairs, items = [], 0, 0
    if parts:
        yield _joined(parts)


def _joined(parts: Sequence[tuple[Index, Index, Index]]) -> tuple[Index, Index, Index]:
    pairs, places, items = (np.concatenate(part) for part in zip(*parts, strict=True))
    return pairs, places, items
