"""Sums by patient that the kappas of pairs of readers depend on, alone and stacked.

Margins and disagreement of a pair are sums over patients. Stacked, the sums of many pairs are one
matrix, whose product with resampled patients gives those of all replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from studies.analytics.coefficients.kappa import Weights, disagreement
from studies.analytics.coefficients.pair import Pair
from studies.analytics.table import FloatArray, IntArray

BLOCK_NUMBERS: Final = 4_000_000
"""Numbers in one block of replicates: 32 MB in double precision."""

# Whole numbers up to this one are exact in single precision.
EXACT_IN_SINGLE: Final = 2**24

SPARSE_SHARE: Final = 0.02
"""Share of patients per pair below which a product of sparse sums is faster than a dense one."""


@dataclass(frozen=True)
class PairSums:
    """Sums by patient that the kappas of a pair depend on: margins and disagreements.

    Parameters
    ----------
    patients : int array (present,)
        The patients with an item that both readers rated, in ascending order.
    sums : unsigned int array (present, 2 categories + schemes)
        Items in each category of the first and of the second reader, and the disagreement under
        each scheme, in the smallest sufficient integer type.
    categories : int
        Number of categories of the scale.
    """

    patients: NDArray[np.intp]
    sums: NDArray[Any]
    categories: int

    @classmethod
    def of(cls, pair: Pair, schemes: Sequence[Weights]) -> PairSums:
        """Return the sums of a pair under these schemes of weights."""
        patients, size = np.flatnonzero(pair.present), pair.categories
        count, patient_index = len(patients), np.searchsorted(patients, pair.patient)
        margins = [
            np.bincount(patient_index * size + scores, minlength=count * size).reshape(count, size)
            for scores in (pair.first, pair.second)
        ]
        apart = [
            np.bincount(
                patient_index,
                weights=disagreement(size, weights).ravel()[pair.joint].astype(np.float64),
                minlength=count,
            ).astype(np.int64)
            for weights in schemes
        ]
        sums = np.column_stack([*margins, *apart])
        return cls(patients, sums.astype(np.min_scalar_type(int(sums.max(initial=0)))), size)


@dataclass(frozen=True)
class StackedSums:
    """The sums of several pairs with the same categories.

    Parameters
    ----------
    matrix : array or sparse array (pairs x columns, patients)
        The columns of each pair in the order of `PairSums.sums`. In single precision where the
        sums of every replicate are exact in it, which is faster.
    patients : int array or None
        The patients of a dense matrix; a sparse one has all patients of the study.
    pairs, categories : int
        Number of pairs, and of categories of the scale.
    """

    matrix: Any
    patients: NDArray[np.intp] | None
    pairs: int
    categories: int

    @property
    def exact_in_single(self) -> bool:
        """Return whether the sums are in single precision."""
        return bool(self.matrix.dtype == np.float32)


def stack_sums(pairs: Sequence[PairSums], *, replicates: int, patients: int) -> list[StackedSums]:
    """Return the sums of pairs in stacks, of which each limits the memory of its replicates.

    Parameters
    ----------
    pairs : sequence of PairSums
        Pairs on the same scale.
    replicates, patients : int
        Number of replicates in one product, and of patients in the study.
    """
    if not pairs:
        return []
    width = pairs[0].sums.shape[1]
    # Limits both the sums of all patients and the sums of all replicates, whichever is larger.
    block = max(1, BLOCK_NUMBERS // (width * max(replicates, 1)))
    share = sum(len(pair.patients) for pair in pairs) / (len(pairs) * max(patients, 1))
    if share < SPARSE_SHARE:
        batches = [pairs[start : start + block] for start in range(0, len(pairs), block)]
        return [_sparse(batch, patients) for batch in batches]
    block = max(1, BLOCK_NUMBERS // (width * max(replicates, patients)))
    return [_dense(pairs[start : start + block], patients) for start in range(0, len(pairs), block)]


def _dense(pairs: Sequence[PairSums], patients: int) -> StackedSums:
    present = np.unique(np.concatenate([pair.patients for pair in pairs]))
    width = pairs[0].sums.shape[1]
    sums = np.zeros((len(pairs), width, len(present)), _kind(pairs, patients))
    for index, pair in enumerate(pairs):
        sums[index][:, np.searchsorted(present, pair.patients)] = pair.sums.T
    matrix = sums.reshape(len(pairs) * width, len(present))
    return StackedSums(matrix, present, len(pairs), pairs[0].categories)


def _sparse(pairs: Sequence[PairSums], patients: int) -> StackedSums:
    width = pairs[0].sums.shape[1]
    # One row per column of each pair, which has an entry for every patient of the pair.
    data = np.concatenate([pair.sums.T.ravel() for pair in pairs])
    columns = np.concatenate([np.tile(pair.patients, width) for pair in pairs])
    lengths = np.repeat([len(pair.patients) for pair in pairs], width)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    shape = len(pairs) * width, patients
    matrix = csr_array((data.astype(_kind(pairs, patients)), columns, starts), shape=shape)
    matrix.eliminate_zeros()
    return StackedSums(matrix, None, len(pairs), pairs[0].categories)


def _kind(pairs: Sequence[PairSums], patients: int) -> type[np.floating[Any]]:
    most = max(float(pair.sums.max(initial=0)) for pair in pairs)
    return np.float32 if most * patients < EXACT_IN_SINGLE else np.float64


def kappas_of_margins(
    rows: FloatArray, columns: FloatArray, seen: FloatArray, d: IntArray
) -> FloatArray:
    """Return kappas from margins and disagreement, NaN where undefined.

    Parameters
    ----------
    rows, columns : float arrays (..., categories, n)
        Items in each category of the first and of the second reader.
    seen : float array (..., n)
        Sum of the disagreement of all items.
    d : int array (categories, categories)
        Disagreement of two categories.
    """
    chance = (np.matmul(d.astype(np.float64), rows) * columns).sum(axis=-2)
    items = rows.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 0, 1 - items * seen / chance, np.nan)
