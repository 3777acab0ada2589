"""PURE. Numbers of a header that are retained only where they agree with the picture.

A number may be a birth date or a patient number that was typed into the wrong field. Those below
are retained if they fit the grey values, and with no more digits than needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.dicom.pixels import GreyValues
from inference.dicom.tables import MAX_ENTRIES, LookupTable, Rescale
from studies.cases.dicom.retained_attributes import significant, texts

# Far beyond the rescale and the number of windows of any scanner; larger numbers could be anything.
MAX_SLOPE = 1000.0
MAX_INTERCEPT = 65_536
MAX_WINDOWS = 6
LARGEST_WINDOW = 99_999.0
"""In absolute value: six digits could hold a date."""
# Windows over a wider span are rounded to halves.
HALVES_FROM = 100.0


class ImplausibleTable(ValueError):
    """A modality table that is not monotonic."""


def copy_numbers(source: Dataset, clean: Dataset, grey: GreyValues, spacing_source: str) -> None:
    """Copy rescale, grey-value tables, windows and exposed area into the clean dataset.

    Parameters
    ----------
    source, clean
        The uploaded and the de-identified dataset; ``clean`` is changed.
    grey
        The decoded pixels of ``source``.
    spacing_source
        The attribute that the pixel spacing comes from.

    Raises
    ------
    ImplausibleTable
        The modality table is not monotonic.
    """
    stored = grey.stored if grey.padding is None else grey.stored[~grey.padding]
    if grey.table is not None:
        clean.ModalityLUTSequence = Sequence([modality_table(grey.table, grey.stored)])
        shown = grey.table.apply(stored)
        low, high, least = float(shown.min()), float(shown.max()), 0.0
    else:
        slope, intercept = _copied_rescale(grey.rescale, clean)
        ends = [int(end) * slope + intercept for end in (stored.min(), stored.max())]
        # An image with little contrast may have a window that is made for the whole range of the
        # scanner.
        low, high, least = min(ends), max(ends), full_range(stored) * abs(slope)
    for keyword, numbers in windows(source, low, high, max(high - low, least)).items():
        setattr(clean, keyword, numbers)
    if grey.window_table is not None:
        clean.VOILUTSequence = Sequence([window_table(grey.window_table, grey.values)])
    if spacing_source == "exposed_area":  # checked against the size of the picture
        clean.ExposedArea = [round(float(value)) for value in texts(source, "ExposedArea")]


def full_range(stored: NDArray[Any]) -> float:
    """Return the largest value of 8, 12 or 16 bits, whichever is the first to hold the values."""
    size = int(np.abs(stored.astype(np.int64)).max())
    return next(2.0**bits - 1 for bits in (8, 12, 16) if size < 2**bits or bits == 16)


def _copied_rescale(rescale: Rescale, clean: Dataset) -> tuple[float, float]:
    """Copy a plausible rescale, rounded; return the slope and intercept of the clean dataset."""
    slope, intercept = rescale.slope, rescale.intercept
    if abs(slope) > MAX_SLOPE or abs(intercept) > MAX_INTERCEPT:
        return 1.0, 0.0
    slope = significant(slope)
    intercept = intercept if intercept == int(intercept) else significant(intercept)
    clean.RescaleSlope, clean.RescaleIntercept = f"{slope:.8g}", f"{intercept:.8g}"
    return slope, intercept


def windows(source: Dataset, low: float, high: float, span: float) -> dict[str, list[str]]:
    """Return centres and widths, rounded, of the windows that overlap the range of values.

    ``low`` and ``high`` bound the values of the picture; ``span`` is the range to compare with.
    """
    centers, widths = [], []
    pairs = zip(_numbers(source, "WindowCenter"), _numbers(source, "WindowWidth"), strict=False)
    for center, width in pairs:
        # A window far outside the values shows nothing of the picture and could carry a number.
        if low - span <= center <= high + span and 0 < width <= 4 * span:
            shown = [_rounded(number, span) for number in (center, width)]
            if max(map(abs, shown)) <= LARGEST_WINDOW and shown[1] > 0:
                centers.append(f"{shown[0]:.8g}")
                widths.append(f"{shown[1]:.8g}")
    retained = {"WindowCenter": centers[:MAX_WINDOWS], "WindowWidth": widths[:MAX_WINDOWS]}
    return retained if centers else {}


def modality_table(table: LookupTable, stored: NDArray[Any]) -> Dataset:
    """Return the table rebuilt from the entries that the picture uses.

    Unused entries could carry a message; each repeats the used entry before it.

    Raises
    ------
    ImplausibleTable
        The table is not monotonic.
    """
    used = np.unique(stored)
    mapped = table.apply(used)
    steps = np.diff(mapped)
    if not (np.all(steps >= 0) or np.all(steps <= 0)):
        raise ImplausibleTable
    # Gaps between used entries are levelled, because unused entries could hold text.
    values = np.arange(int(used[0]), int(used[-1]) + 1)
    levelled = mapped[np.searchsorted(used, values, side="right") - 1]
    item = _table_item(LookupTable(int(used[0]), table.bits, levelled.astype(np.uint16)))
    item.ModalityLUTType = "US"
    return item


def window_table(table: LookupTable, values: NDArray[Any]) -> Dataset:
    """Return the monotonic VOI LUT rebuilt from the entries that the picture uses, and its ends.

    Unused entries could carry a message; those in between are interpolated. The ends, at which the
    output stops changing, are kept because the window follows from them.
    """
    entries = table.entries.astype(np.int64)
    changes = np.flatnonzero(np.diff(entries))
    ends = table.first + np.array([changes[0], changes[-1] + 1])
    # Beyond its ends the table is constant, so values there need no entries.
    used = np.unique(np.clip(values.astype(np.int64), *ends))
    used = np.union1d(used, ends)
    inputs = np.arange(int(used[0]), int(used[-1]) + 1)
    between = np.rint(np.interp(inputs, used, table.apply(used)))
    return _table_item(LookupTable(int(used[0]), table.bits, between.astype(np.uint16)))


def _table_item(table: LookupTable) -> Dataset:
    item = Dataset()
    count = len(table.entries) % MAX_ENTRIES
    # LUTDescriptor is US or SS as a whole, so count and first value have to fit the same one.
    fits_signed = table.first < 0 and count < MAX_ENTRIES // 2
    first = table.first if fits_signed else table.first % MAX_ENTRIES
    item.add_new("LUTDescriptor", "SS" if fits_signed else "US", [count, first, table.bits])
    item.add_new("LUTData", "OW", table.entries.astype("<u2").tobytes())
    return item


def _rounded(number: float, span: float) -> float:
    return round(number * 2) / 2 if span >= HALVES_FROM else significant(number)


def _numbers(source: Dataset, keyword: str) -> list[float]:
    try:
        numbers = [float(value) for value in texts(source, keyword)]
    except ValueError:
        return []
    return numbers if np.all(np.isfinite(numbers)) else []
