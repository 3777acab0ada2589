"""Blocks of reader pairs that are computed at once, with the items that they need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.ratings import Ratings
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray

BLOCK_ITEMS: Final = 250_000
"""Limits the temporary arrays of a block (pairs x items) to a few megabytes."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class BlockItems:
    """The items that a block of pairs is computed on, ordered by patient.

    Parameters
    ----------
    index : int array (items,)
        Columns of the ratings.
    patient_starts, patient : int arrays
        Where each patient's items start in ``index``, and which patient that is.
    case_starts : int array
        Where each case's items start; the items of a case lie together.
    per_patient : int
        How many items every patient has, 0 if they differ.
    """

    index: NDArray[np.intp]
    patient_starts: NDArray[np.intp]
    patient: IntArray
    case_starts: NDArray[np.intp]
    per_patient: int

    def by_patient(self, items: FloatArray | Bools) -> FloatArray:
        """Sum (pairs, items) by patient: (pairs, patients with an item)."""
        if self.per_patient == 1:
            summed: FloatArray = items.astype(np.float64, copy=False)
        # A reshape sums without looking up where each patient starts.
        elif self.per_patient:
            shape = len(items), len(self.patient), self.per_patient
            summed = items.reshape(shape).sum(axis=2, dtype=np.float64)
        elif len(self.index):
            summed = np.add.reduceat(items, self.patient_starts, axis=1, dtype=np.float64)
        else:
            summed = np.zeros((len(items), 0))
        return summed

    def cases(self, items: Bools) -> IntArray:
        """Count the cases with an item that is marked (pairs,)."""
        if not len(self.index):
            return np.zeros(len(items), dtype=np.int64)
        marked = items
        if len(self.case_starts) < len(self.index):
            marked = np.logical_or.reduceat(items, self.case_starts, axis=1)
        counts: IntArray = marked.sum(axis=1, dtype=np.int64)
        return counts


@dataclass(frozen=True)
class PairBlock:
    """Pairs that are computed together: their rows, and the items to compute them on."""

    number: int
    pairs: NDArray[np.intp]
    items: BlockItems


def items_of(ratings: Ratings, index: NDArray[np.intp]) -> BlockItems:
    """Return the items with these columns, which are ordered by patient."""
    patient = ratings.patient[index]
    starts = np.flatnonzero(np.diff(patient, prepend=-1))
    sizes = np.diff(starts, append=len(index))
    same = int(sizes[0]) if len(sizes) and (sizes == sizes[0]).all() else 0
    cases = np.flatnonzero(np.diff(ratings.case[index], prepend=-1))
    return BlockItems(index, starts, patient[starts], cases, same)


def pair_blocks(ratings: Ratings, first: NDArray[np.intp]) -> Iterator[PairBlock]:
    """Yield pairs whose first readers rated much the same items, with those items.

    Parameters
    ----------
    ratings
        The ratings of all readers.
    first : int array (pairs,)
        Row of each pair's first reader in the ratings.

    In a study whose readers share few cases, one reader's items are a small part of all.
    """
    # Stable, so that the items of a case stay next to each other.
    order = np.argsort(ratings.patient, kind="stable")
    rated = ratings.values[:, order] != MISSING
    # Readers of most items share blocks over all items; the others have blocks of their items only.
    most = rated.sum(axis=1) * 2 > len(order)
    everything = np.flatnonzero(most[first])
    groups = [(everything, order)] if len(everything) else []
    for reader in sorted(set(first.tolist())):
        if not most[reader]:
            groups.append((np.flatnonzero(first == reader), order[rated[reader]]))
    number = 0
    for pairs, index in groups:
        items = items_of(ratings, index)
        step = max(1, BLOCK_ITEMS // max(len(index), ratings.categories**2, 1))
        for start in range(0, len(pairs), step):
            yield PairBlock(number, pairs[start : start + step], items)
            number += 1
