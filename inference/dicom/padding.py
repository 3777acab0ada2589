"""Identify padding pixels: PixelPaddingValue and its range (PS3.3 C.7.5.1.1.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset


def padding_range(dataset: Dataset, *, bits: int, signed: bool) -> tuple[int, int] | None:
    """Return the lowest and highest stored value that is padding, ``None`` without padding.

    Parameters
    ----------
    dataset
        The header.
    bits
        BitsAllocated.
    signed
        Whether stored values are two's complement. Even then, the header values may have been read
        as unsigned numbers.
    """
    ends = [
        _stored(dataset, keyword, bits, signed)
        for keyword in ("PixelPaddingValue", "PixelPaddingRangeLimit")
    ]
    if ends[0] is None:
        return None
    other = ends[0] if ends[1] is None else ends[1]
    # The limit may lie below or above the padding value (C.7.5.1.1.2).
    return min(ends[0], other), max(ends[0], other)


def mark_padding(values: NDArray[Any], padding: tuple[int, int] | None) -> NDArray[np.bool_] | None:
    """Return a mask of the padding, ``None`` if no value or every value is padding."""
    if padding is None:
        return None
    marked = (values >= padding[0]) & (values <= padding[1])
    # An image that is padding throughout would have no grey value left to scale by.
    return marked if marked.any() and not marked.all() else None


def shifted_range(
    padding: tuple[int, int] | None, shift: int, *, bits: int, signed: bool
) -> tuple[int, int] | None:
    """Return the range in samples that lie ``shift`` bits above the end of their word.

    A range that samples of ``bits`` bits cannot reach is one of whole words.
    """
    if padding is None:
        return None
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    if low <= padding[0] and padding[1] < high:
        return padding
    return padding[0] >> shift, padding[1] >> shift


def _stored(dataset: Dataset, keyword: str, bits: int, signed: bool) -> int | None:
    """Return a header value as a stored value, ``None`` if it is missing or out of range."""
    try:
        value = int(dataset[keyword].value)
    except Exception:  # the element is missing or damaged
        return None
    # The VR may be US or SS, so both interpretations are accepted.
    half, whole = 1 << bits - 1, 1 << bits
    if not -half <= value < whole:
        return None
    if signed:
        return value - whole if value >= half else value
    return value % whole
