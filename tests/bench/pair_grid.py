"""Kappas of all pairs of many readers at once, and their patient bootstrap in bounded memory.

Contingency tables of short scales are population counts of bit masks, those of long scales counts
of joint categories; values and Fleiss-Cohen-Everitt standard errors follow from the tables.
Assumes one item per patient: see `kappa` for clustered items and `differences` for differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.kappa import WEIGHTS, Weights, disagreement
from studies.analytics.estimate import NEGLIGIBLE_SE, Z95
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray

# Up to this many categories, bit masks are faster than counting joint categories.
SHORT_SCALE: Final = 8
# Pairs of one block of the bootstrap, which bounds its memory.
BLOCK_PAIRS: Final = 96

Marks = NDArray[np.uint64]
Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class KappaGrid:
    """Kappas of all pairs of readers, in the order of `itertools.combinations`.

    Parameters
    ----------
    weights : tuple of str
        The schemes, in the order of the rows of the arrays.
    n : int array (pairs,)
        Items that both rated.
    value, se, low, high : float arrays (schemes, pairs)
        NaN where undefined; the limits are NaN where the standard error is 0.
    """

    weights: tuple[Weights, ...]
    n: IntArray
    value: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray


def pair_tables(ratings: IntArray, categories: int) -> IntArray:
    """Return the contingency tables (pairs, categories, categories) of ratings (readers, items)."""
    if categories <= SHORT_SCALE:
        return _tables_of_marks(ratings, categories)
    return _tables_of_joint_categories(ratings, categories)


def _tables_of_marks(ratings: IntArray, categories: int) -> IntArray:
    marks = _packed(np.stack([ratings == category for category in range(categories)], axis=1))
    readers = len(ratings)
    tables = [
        # One reader against all later ones at a time: all pairs at once would take much more
        # memory.
        np.bitwise_count(marks[reader][None, :, None, :] & marks[reader + 1 :, None, :, :]).sum(
            axis=-1, dtype=np.int64
        )
        for reader in range(readers - 1)
    ]
    return np.concatenate(tables)


def _packed(marks: NDArray[np.bool_]) -> Marks:
    packed = np.packbits(marks, axis=-1)
    # Zero bytes up to whole words of 64 bits, which add nothing to the population counts.
    short = -packed.shape[-1] % 8
    padded = np.pad(packed, [(0, 0)] * (packed.ndim - 1) + [(0, short)])
    return np.ascontiguousarray(padded).view(np.uint64)


def _tables_of_joint_categories(ratings: IntArray, categories: int) -> IntArray:
    # Missing ratings get one further category, which is cut off again below.
    size = categories + 1
    second = np.where(ratings == MISSING, categories, ratings).astype(np.int64)
    first = second * size
    tables = [
        np.bincount(first[a] + second[b], minlength=size * size)
        for a, b in combinations(range(len(ratings)), 2)
    ]
    whole = np.stack(tables).reshape(-1, size, size)
    return whole[:, :categories, :categories]


def kappa_grid(
    ratings: IntArray,
    categories: int,
    weights: Sequence[Weights] = WEIGHTS,
    *,
    errors: bool = True,
) -> KappaGrid:
    """Return Cohen's kappa of all pairs of readers.

    Parameters
    ----------
    ratings : int array (readers, items)
        Category numbers from 0, -1 where missing.
    categories : int
        Number of categories, used or not.
    weights : sequence of str
        Schemes of weights.
    errors : bool
        Whether to compute standard errors and normal intervals as well.
    """
    tables = pair_tables(ratings, categories)
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    n = rows.sum(axis=1)
    # A reader who gave one score throughout has kappa 0, as in `cohen_kappa`.
    one_score = (rows.max(axis=1) == n) | (columns.max(axis=1) == n)
    shape = (len(weights), len(n))
    value, se = np.full(shape, np.nan), np.full(shape, np.nan)
    for row, scheme in enumerate(weights):
        d = disagreement(categories, scheme)
        a, b = columns @ d, rows @ d
        seen = np.tensordot(tables, d, axes=2)
        chance = (rows * a).sum(axis=1)
        # Kappa is undefined if chance alone gives no disagreement, or with a single item.
        known = (chance > 0) & (n > 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            kappa = (chance - n * seen) / chance
            value[row] = np.where(known, np.where(one_score, 0.0, kappa), np.nan)
            if errors:
                se[row] = np.where(known, _errors(tables, d, a, b, n, seen, chance), np.nan)
        se[row, one_score & known] = 0.0 if errors else np.nan
    # No interval where the standard error is 0, as for a single kappa.
    half = np.where(se < NEGLIGIBLE_SE, np.nan, Z95 * se)
    return KappaGrid(tuple(weights), n, value, se, value - half, value + half)


def _errors(
    tables: IntArray,
    d: IntArray,
    a: IntArray,
    b: IntArray,
    n: IntArray,
    seen: IntArray,
    chance: IntArray,
) -> FloatArray:
    """Return Fleiss-Cohen-Everitt standard errors (pairs,), from the influence of each cell."""
    ratio = n * seen / chance
    influence = (ratio / chance)[:, None, None] * (a[:, :, None] + b[:, None, :])
    influence -= (n / chance)[:, None, None] * d
    influence -= (ratio / n)[:, None, None]
    np.square(influence, out=influence)
    influence *= tables
    errors: FloatArray = np.sqrt(influence.sum(axis=(1, 2)))
    return errors


def bootstrap_grid(
    ratings: IntArray,
    categories: int,
    drawn: Float32Array,
    weights: Sequence[Weights] = WEIGHTS,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return percentile intervals of the kappas of all pairs.

    Parameters
    ----------
    ratings : int array (readers, items)
        Category numbers from 0, -1 where missing.
    categories : int
        Number of categories.
    drawn : float32 array (replicates, items)
        How often each item's patient was drawn. Sums below 2^24 are exact in single precision.
    weights : sequence of str
        Schemes of weights.
    progress : callable, optional
        Called with the number of pairs done and the number of all pairs.

    Returns
    -------
    float array, float array (schemes, pairs)
        Lower and upper 95 % limits.
    """
    pairs = list(combinations(range(len(ratings)), 2))
    bounds = np.full((2, len(weights), len(pairs)), np.nan)
    margins = _margins(ratings, categories, drawn)
    for start in range(0, len(pairs), BLOCK_PAIRS):
        block = pairs[start : start + BLOCK_PAIRS]
        for row, draws in enumerate(_draws(ratings, categories, drawn, weights, block, margins)):
            with np.errstate(invalid="ignore"):
                bounds[:, row, start : start + len(block)] = (
                    # The variant that skips NaN is slower, so it runs only where a NaN exists.
                    np.nanpercentile(draws, [2.5, 97.5], axis=0)
                    if np.isnan(draws).any()
                    else np.percentile(draws, [2.5, 97.5], axis=0)
                )
        if progress:
            progress(start + len(block), len(pairs))
    return bounds[0], bounds[1]


def _margins(ratings: IntArray, categories: int, drawn: Float32Array) -> Float32Array | None:
    """Return weighted margins (readers, replicates, categories), None if a rating is missing."""
    # With missing ratings, the margins of a reader differ from pair to pair.
    if bool((ratings == MISSING).any()):
        return None
    return np.stack([drawn @ _one_hot(scores, categories) for scores in ratings])


def _one_hot(scores: IntArray, categories: int) -> Float32Array:
    marks: Float32Array = (scores[:, None] == np.arange(categories)).astype(np.float32)
    return marks


def _draws(
    ratings: IntArray,
    categories: int,
    drawn: Float32Array,
    weights: Sequence[Weights],
    block: list[tuple[int, int]],
    margins: Float32Array | None,
) -> Iterator[FloatArray]:
    """Yield the kappas of a block of pairs (replicates, pairs), for each scheme."""
    first, second = ratings[[a for a, _ in block]], ratings[[b for _, b in block]]
    both = (first != MISSING) & (second != MISSING)
    apart = np.where(both, np.abs(first - second), 0)
    rows, columns, items = [], [], drawn.sum(axis=1, dtype=np.float64)[:, None]
    for (a, b), known in zip(block, both, strict=True):
        if margins is not None:
            rows.append(margins[a])
            columns.append(margins[b])
        else:
            masked = drawn[:, known]
            rows.append(masked @ _one_hot(ratings[a, known], categories))
            columns.append(masked @ _one_hot(ratings[b, known], categories))
    if margins is None:
        items = np.stack([margin.sum(axis=1, dtype=np.float64) for margin in rows], axis=1)
    for scheme in weights:
        d = disagreement(categories, scheme)
        # All schemes depend on the distance between two scores only, so the first row of weights
        # suffices.
        seen = (drawn @ d[0][apart].astype(np.float32).T).astype(np.float64)
        weight = d.astype(np.float64)
        chance = np.stack(
            [
                ((row_margin @ weight) * column_margin).sum(axis=1)
                for row_margin, column_margin in zip(rows, columns, strict=True)
            ],
            axis=1,
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            yield np.where(chance > 0, 1 - items * seen / chance, np.nan)
