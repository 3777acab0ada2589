"""Conversion of ratings to category numbers on a fixed scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from studies.analytics.scale import MISSING
from studies.analytics.table import IntArray


def encode(ratings: ArrayLike, categories: Sequence[Any]) -> IntArray:
    """Return ratings as category numbers.

    Parameters
    ----------
    ratings : array-like (items,)
        Values from ``categories``, None or NaN where missing.
    categories : sequence
        The fixed categories in order, at least two, each once.

    Returns
    -------
    int array (items,)
        Positions in ``categories``, -1 where missing.

    Raises
    ------
    ValueError
        If a rating is not one of the categories, or if a category is repeated.
    """
    # A repeated category leaves fewer keys than there are categories.
    number_of = {category: index for index, category in enumerate(categories)}
    if len(number_of) < 2 or len(number_of) != len(categories):
        raise ValueError("Give at least two categories, and each of them once.")
    values: NDArray[Any] = np.asarray(ratings, dtype=object)
    numbers = [MISSING if is_missing(value) else number_of.get(value) for value in values]
    if None in numbers:
        raise ValueError(f"{values[numbers.index(None)]!r} is not one of the categories.")
    return np.array(numbers, dtype=np.int64)


def is_missing(value: object) -> bool:
    """Return whether a rating is None or NaN."""
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value))
