"""What the browser gets of an image: whole numbers, and windows to look at them through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from inference.dicom.dataset import UnreadableImage, word
from inference.dicom.tables import LookupTable, read_table

MAX_HEADER_WINDOWS = 6
SHOWN = 0.001
"""The share of an image that a window shows as neither black nor white, at least."""


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width of a linear window (PS3.3 C.11.2.1.2.1), in display values."""

    center: float
    width: float
    name: str


@dataclass(frozen=True, slots=True)
class DisplayValues:
    """Modality values as unsigned whole numbers: value = display / factor + offset."""

    pixels: NDArray[Any]
    factor: float
    offset: float


def display_values(values: NDArray[Any]) -> DisplayValues:
    """Modality values as uint8 where they fit, else uint16.

    Whole numbers from 0 to 65535 stay what they are; negative ones are moved up, fractions and
    wider ranges are stretched over 16 bits.
    """
    low, high = float(values.min()), float(values.max())
    offset = min(0.0, math.floor(low))
    factor = 1.0
    if values.dtype.kind == "f" or high - offset > 65535:
        factor = 65535 / (high - offset) if high > offset else 1.0
    if (factor, offset) == (1.0, 0.0):
        moved = values
    else:
        moved = np.rint((values.astype(np.float64) - offset) * factor)
    kind = np.uint8 if moved.max() <= 255 else np.uint16
    return DisplayValues(np.ascontiguousarray(moved, dtype=kind), factor, offset)


def header_windows(
    dataset: Dataset, shown: DisplayValues, table: LookupTable | None = None
) -> tuple[Window, ...]:
    """Return the windows of the header, moved to display values.

    Parameters
    ----------
    dataset
        The header.
    shown
        The image's display values.
    table
        The VOI LUT, which comes first where there is one.

    Notes
    -----
    A window for LINEAR_EXACT (C.11.2.1.3.2) is rewritten as the linear one that draws the same; so
    is one narrower than 1, which LINEAR excludes and fractions need. A sigmoid one is left out, and
    so is one that would draw the image all black or all white.
    """
    spans: list[tuple[float, float]] = [] if table is None else table_span(table)
    function = word(dataset, "VOILUTFunction") or "LINEAR"
    if function in ("LINEAR", "LINEAR_EXACT"):
        centers, widths = _numbers(dataset, "WindowCenter"), _numbers(dataset, "WindowWidth")
        for center, width in zip(centers, widths, strict=False):
            if math.isfinite(center) and math.isfinite(width) and width > 0:
                exact = function == "LINEAR_EXACT" or width < 1
                half, middle = (width, center) if exact else (width - 1, center - 0.5)
                spans.append((middle - half / 2, middle + half / 2))
    windows: list[Window] = []
    for black, white in spans:
        first, last = ((end - shown.offset) * shown.factor for end in (black, white))
        if _shows_something(shown.pixels, first, last):
            number = f" {len(windows) + 1}" if windows else ""
            windows.append(_between(first, last, f"Scanner{number}"))
    return tuple(windows[:MAX_HEADER_WINDOWS])


def read_window_table(dataset: Dataset, values: NDArray[Any]) -> LookupTable | None:
    """Return the VOI LUT, whose input are modality values; ``None`` where it is damaged, too."""
    try:
        return read_table(dataset, "VOILUTSequence", signed=bool(values.min() < 0))
    except UnreadableImage:
        return None


def table_span(table: LookupTable) -> list[tuple[float, float]]:
    """From the last value that a rising table draws black to the first one that it draws white."""
    entries = table.entries.astype(np.int64)
    low, high = int(entries[0]), int(entries[-1])
    if low >= high:
        return []
    black = int(np.flatnonzero(entries > low)[0]) - 1
    white = int(np.flatnonzero(entries >= high)[0])
    return [(float(table.first + black), float(table.first + white))]


def _shows_something(pixels: NDArray[Any], black: float, white: float) -> bool:
    """Whether at least `SHOWN` of the pixels are brighter than black, and as many not white."""
    least = SHOWN * pixels.size
    above, below = np.count_nonzero(pixels > black), np.count_nonzero(pixels < white)
    return bool(above > least and below > least)


def computed_windows(pixels: NDArray[Any], *, inverted: bool) -> tuple[Window, ...]:
    """Windows from the grey values themselves: bone and soft tissue, bone, soft tissue, full.

    Pixels at either end of the range are left out of the percentiles: they are the air, the
    collimation and what the scanner clipped.
    """
    low, high = int(pixels.min()), int(pixels.max())
    inner = pixels[(pixels > low) & (pixels < high)]
    if inner.size < 100:
        return (_between(low, high, "Full"),)
    if inverted:
        inner = (low + high) - inner.astype(np.int64)
    first, middle, upper, last = np.percentile(inner, [0.5, 50, 75, 99.5])
    spans: list[tuple[float, float, str]] = [
        (first, last, "Bone and soft tissue"),
        (middle, last, "Bone"),
        (first, upper, "Soft tissue"),
        (low, high, "Full"),
    ]
    if inverted:
        spans = [(low + high - b, low + high - a, name) for a, b, name in spans]
    return tuple(_between(a, b, name) for a, b, name in spans)


def _between(first: float, last: float, name: str) -> Window:
    """The linear window that draws `first` as black and `last` as white.

    Of C.11.2.1.2.1: black up to center - 0.5 - (width - 1) / 2, white beyond the same upwards.
    """
    width = max(1.0, last - first + 1)
    return Window(round(float(first + last + 1) / 2, 3), round(float(width), 3), name)


def _numbers(dataset: Dataset, keyword: str) -> list[float]:
    try:
        value = dataset.get(keyword)
        if value is None or value == "":
            return []
        many = value if isinstance(value, MultiValue | list | tuple) else [value]
        return [float(one) for one in many]
    except Exception:  # a damaged element fails in its conversion
        return []
