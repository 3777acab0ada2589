"""Prepare images for display: unsigned integers, and windows for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from inference.dicom.dataset import uppercase_value
from inference.dicom.tables import LookupTable
from inference.dicom.voi_tables import table_span

MAX_HEADER_WINDOWS = 6
MIN_VISIBLE = 0.001
"""Minimum share of pixels above black, and below white, for a usable window."""

DARK_TAIL, BRIGHT_TAIL = 0.1, 0.03
"""Percentage of grey values beyond the dark and the bright end of the opening window."""
MARKER_GAP = 0.1
"""Share of the range that lies empty below the highest value if it is text or a marker."""


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width of a linear window, in display values (PS3.3 C.11.2.1.2.1)."""

    center: float
    width: float
    name: str


@dataclass(frozen=True, slots=True)
class DisplayValues:
    """Modality values as unsigned integers: value = display / factor + offset."""

    pixels: NDArray[Any]
    factor: float
    offset: float


def display_values(values: NDArray[Any]) -> DisplayValues:
    """Return modality values as uint8 if they fit, otherwise as uint16.

    Integers from 0 to 65535 are unchanged, negative values are offset, and fractions and wider
    ranges are scaled to 16 bits.
    """
    low, high = float(values.min()), float(values.max())
    offset = min(0.0, math.floor(low))
    # Viewers load 8 or 16 bits, so other values have to be mapped to them.
    factor = 1.0
    if values.dtype.kind == "f" or high - offset > 65535:
        factor = 65535 / (high - offset) if high > offset else 1.0
    if (factor, offset) == (1.0, 0.0):
        scaled = values
    else:
        scaled = np.rint((values.astype(np.float64) - offset) * factor)
    # 8 bits where they suffice: half the bytes to store and to load.
    dtype = np.uint8 if scaled.max() <= 255 else np.uint16
    return DisplayValues(np.ascontiguousarray(scaled, dtype=dtype), factor, offset)


def header_windows(
    dataset: Dataset, shown: DisplayValues, table: LookupTable | None = None
) -> tuple[Window, ...]:
    """Return the windows of the header, in display values.

    Parameters
    ----------
    dataset
        The header.
    shown
        The image's display values.
    table
        VOI LUT, which takes precedence if there is one. If it falls, the caller inverts the image.

    Notes
    -----
    LINEAR_EXACT windows (C.11.2.1.3.2) are converted to equivalent linear ones, and so are windows
    narrower than 1, which LINEAR excludes but fractional values need. Sigmoid windows are left out,
    and so are windows that would display the image entirely black or white. A VOI LUT that is not
    linear becomes the closest window, whose name says that it is approximate.
    """
    spans: list[tuple[float, float]] = []
    approximate = False
    if table is not None:
        span = table_span(table)
        spans.append((span.black, span.white))
        approximate = not span.exact
    function = uppercase_value(dataset, "VOILUTFunction") or "LINEAR"
    if function in ("LINEAR", "LINEAR_EXACT"):
        centers, widths = _numbers(dataset, "WindowCenter"), _numbers(dataset, "WindowWidth")
        for center, width in zip(centers, widths, strict=False):
            if math.isfinite(center) and math.isfinite(width) and width > 0:
                exact = function == "LINEAR_EXACT" or width < 1
                half, middle = (width, center) if exact else (width - 1, center - 0.5)
                spans.append((middle - half / 2, middle + half / 2))
    windows: list[Window] = []
    for index, (black, white) in enumerate(spans):
        first, last = ((end - shown.offset) * shown.factor for end in (black, white))
        if _shows_something(shown.pixels, first, last):
            name = f"Scanner {len(windows) + 1}" if windows else "Scanner"
            if approximate and index == 0:
                name += " (approximate)"
            windows.append(_between(first, last, name))
    return tuple(windows[:MAX_HEADER_WINDOWS])


def apply_window(pixels: NDArray[Any], window: Window, *, inverted: bool) -> NDArray[np.uint8]:
    """Return display values as grey levels from 0 to 255, exactly as the viewer shows them.

    Parameters
    ----------
    pixels
        Display values (H, W), uint8 or uint16.
    window
        The window. A width below 1 counts as 1, which is a threshold.
    inverted
        Whether the grey levels are inverted, which is done last.

    Returns
    -------
    ndarray
        Grey levels (H, W), rounded to the nearest, halves up.

    References
    ----------
    DICOM PS3.3 C.11.2.1.2.1; frontend/src/viewer/window.ts.
    """
    values = np.arange(np.iinfo(pixels.dtype).max + 1, dtype=np.float64)
    steps = max(1.0, window.width) - 1
    middle = window.center - 0.5
    # A threshold has no slope between its limits, which are the same value.
    shares = (values - middle) / steps + 0.5 if steps else (values > middle).astype(np.float64)
    levels = np.floor(np.clip(shares, 0, 1) * 255 + 0.5).astype(np.uint8)
    table = 255 - levels if inverted else levels
    greys: NDArray[np.uint8] = table[pixels]
    return greys


def _shows_something(pixels: NDArray[Any], black: float, white: float) -> bool:
    """Return whether enough pixels are above black and below white (`MIN_VISIBLE`)."""
    least = MIN_VISIBLE * pixels.size
    above, below = np.count_nonzero(pixels > black), np.count_nonzero(pixels < white)
    return bool(above > least and below > least)


def computed_windows(pixels: NDArray[Any], *, inverted: bool) -> tuple[Window, ...]:
    """Return windows calculated from grey values: bone and soft tissue, bone, soft tissue, full.

    The first one, in which an image opens, keeps nearly all tissue between black and white: bone
    saturated by the scanner is the brightest tissue, and soft tissue may be only just above the
    lowest value. Percentiles of the others exclude both ends of the range, which are air,
    collimation and clipped values.
    """
    # One pass over the pixels; percentiles of the pixels themselves take six times as long.
    counts = np.bincount(pixels.ravel())
    present = np.flatnonzero(counts)
    low, high = int(present[0]), int(present[-1])
    inner = counts[low + 1 : high]
    number = int(inner.sum())
    # Percentiles of so few values are meaningless.
    if number < 100:
        return (_between(low, high, "Full"),)
    saturated = counts[low if inverted else high] / number
    # Low values are dense in inverted images, so the range is reversed first.
    if inverted:
        inner = inner[::-1]
    percentages = (DARK_TAIL, 50, 75, 100 - BRIGHT_TAIL)
    first, middle, upper, last = _percentiles(inner, low + 1, percentages)
    # Whole values, so that rounding clips neither end itself.
    first, last = max(float(low), math.floor(first) - 1.0), float(math.ceil(last))
    # Many pixels at the end of the range are bone that the scanner saturated; a few beyond a gap
    # are a marker or text, which must not stretch the window.
    if saturated > BRIGHT_TAIL / 100 and high - last < MARKER_GAP * (high - low):
        last = float(high)
    spans: list[tuple[float, float, str]] = [
        (first, last, "Bone and soft tissue"),
        (middle, last, "Bone"),
        (first, upper, "Soft tissue"),
        (low, high, "Full"),
    ]
    if inverted:
        spans = [(low + high - b, low + high - a, name) for a, b, name in spans]
    return tuple(_between(a, b, name) for a, b, name in spans)


def in_opening_order(
    header: tuple[Window, ...], computed: tuple[Window, ...]
) -> tuple[Window, ...]:
    """Return the windows of an image, the one in which it opens first.

    The first window of the header opens only if it clips nothing that the computed one leaves
    visible, because images should open with bone and soft tissue between black and white. Otherwise
    it comes second. Without a computed window for tissue, that of the header opens.
    """
    opening, *others = computed
    # Ends are rounded to three digits.
    if not header or not others or _contains(header[0], opening, slack=0.01):
        return header + computed
    return (opening, *header, *others)


def _contains(outer: Window, inner: Window, *, slack: float) -> bool:
    (black, white), (first, last) = _ends(outer), _ends(inner)
    return black <= first + slack and white >= last - slack


def _ends(window: Window) -> tuple[float, float]:
    """Return the last black and the first white value of a window (C.11.2.1.2.1)."""
    half = (window.width - 1) / 2
    return window.center - 0.5 - half, window.center - 0.5 + half


def _percentiles(
    counts: NDArray[np.int64], lowest: int, percentages: Sequence[float]
) -> list[float]:
    """Return percentiles of the values from `lowest` that occur `counts` times.

    As in `numpy.percentile`, they are interpolated between the nearest values in rank order.
    """
    last_ranks = np.cumsum(counts) - 1
    percentiles = []
    for percentage in percentages:
        rank = percentage / 100 * int(last_ranks[-1])
        nearest = np.searchsorted(last_ranks, [math.floor(rank), math.ceil(rank)])
        below, above = (lowest + int(value) for value in nearest)
        percentiles.append(below + (above - below) * (rank - math.floor(rank)))
    return percentiles


def _between(first: float, last: float, name: str) -> Window:
    """Return the linear window that displays `first` as black and `last` as white.

    By C.11.2.1.2.1, values up to center - 0.5 - (width - 1) / 2 are black and values above
    center - 0.5 + (width - 1) / 2 are white.
    """
    width = max(1.0, last - first + 1)
    return Window(round(float(first + last + 1) / 2, 3), round(float(width), 3), name)


def _numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Return the numbers of an element, empty if it is missing or damaged."""
    try:
        value = dataset.get(keyword)
        if value is None or value == "":
            return []
        values = value if isinstance(value, MultiValue | list | tuple) else [value]
        return [float(number) for number in values]
    except Exception:  # converting a damaged element fails
        return []
