"""Ratings as people write them, as category numbers on a fixed scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from studies.analytics.scale import MISSING
from studies.analytics.table import IntArray


def encode(ratings: ArrayLike, categories: Sequence[Any]) -> IntArray:
    """Return ratings as category numbers, -1 where missing (None or NaN)."""
    number_of = {category: index for index, category in enumerate(categories)}
    if len(number_of) < 2 or len(number_of) != len(categories):
        raise ValueError("At least two categories are needed, each once.")
    values: NDArray[Any] = np.asarray(ratings, dtype=object)
    numbers = [MISSING if is_missing(value) else number_of.get(value) for value in values]
    if None in numbers:
        raise ValueError(f"{values[numbers.index(None)]!r} is not one of the categories.")
    return np.array(numbers, dtype=np.int64)


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value))
