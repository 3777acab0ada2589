"""Items with the ratings of any number of readers, and how often each category was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from studies.analytics.coefficients.category_codes import encode
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray


def encode_table(ratings: ArrayLike, categories: Sequence[Any]) -> IntArray:
    """Return ratings (items, readers) as category numbers, -1 where None or NaN.

    Raises
    ------
    ValueError
        If there are fewer than two readers, or a rating is not one of the categories.
    """
    values: NDArray[Any] = np.asarray(ratings, dtype=object)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError("Ratings must be a table of items by readers, with at least two readers.")
    return encode(values.ravel(), categories).reshape(values.shape)


def tally(ratings: IntArray, categories: int) -> FloatArray:
    """Return how many readers gave each item each category (items, categories)."""
    items = len(ratings)
    # Missing ratings get a wrong index here, and the mask below leaves them out.
    flat = np.arange(items)[:, None] * categories + ratings
    counts = np.bincount(flat[ratings != MISSING], minlength=items * categories)
    return counts.reshape(items, categories).astype(np.float64)


@dataclass(frozen=True)
class Items:
    """The items that enter a coefficient, tallied once for all coefficients and schemes.

    Parameters
    ----------
    ratings : int array (entered items, readers)
        Category numbers of the items that entered, -1 where missing.
    counts : float array (entered items, categories)
        How many readers gave each category.
    entered : bool array (items,)
        Which of all items entered.
    complete : bool
        Whether only items rated by every reader entered.
    """

    ratings: IntArray
    counts: FloatArray
    entered: NDArray[np.bool_]
    complete: bool

    @classmethod
    def of(cls, ratings: IntArray, categories: int, *, complete: bool = False) -> Items:
        """Return the items with any rating, or those rated by every reader."""
        known = ratings != MISSING
        entered = known.all(axis=1) if complete else known.any(axis=1)
        used = ratings[entered]
        return cls(used, tally(used, categories), entered, complete)

    @cached_property
    def rated(self) -> FloatArray:
        """Return how many readers rated each item (entered items,)."""
        rated: FloatArray = self.counts.sum(axis=1)
        return rated
