"""PURE. Numbers of a header that the picture itself must bear out, or that are left out.

A number can be a birth date or a patient's number that was typed into the wrong field. These are
kept where they fit the picture, with no more digits than they need.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.dicom.pixels import GreyValues
from inference.dicom.tables import MAX_ENTRIES, LookupTable, Rescale
from inference.dicom.voi_windows import read_window_table, table_span
from studies.cases.dicom.retained_attributes import significant, texts

MAX_SLOPE = 1000.0
MAX_INTERCEPT = 65_536
MAX_WINDOWS = 6
LARGEST_WINDOW = 99_999.0
"""In size: a sixth digit would make room for a date."""
HALVES_FROM = 100.0
RAMP_BITS = 16


class ImplausibleTable(ValueError):
    """A modality table that does not rise or fall as grey values do."""


def copy_numbers(source: Dataset, clean: Dataset, grey: GreyValues, spacing_source: str) -> None:
    """Write rescale, grey-value tables, windows and exposed area into the clean dataset."""
    stored = grey.stored if grey.padding is None else grey.stored[~grey.padding]
    if grey.table is not None:
        clean.ModalityLUTSequence = Sequence([modality_table(grey.table, grey.stored)])
        shown = grey.table.apply(stored)
        low, high, least = float(shown.min()), float(shown.max()), 0.0
    else:
        slope, intercept = _copied_rescale(grey.rescale, clean)
        ends = [int(end) * slope + intercept for end in (stored.min(), stored.max())]
        low, high, least = min(ends), max(ends), full_range(stored) * abs(slope)
    for keyword, numbers in windows(source, low, high, max(high - low, least)).items():
        setattr(clean, keyword, numbers)
    window_table = read_window_table(source, grey.values)
    if window_table is not None and table_span(window_table):
        clean.VOILUTSequence = Sequence([_ramp(*table_span(window_table)[0])])
    if spacing_source == "exposed_area":  # it fits the size of the picture
        clean.ExposedArea = [round(float(value)) for value in texts(source, "ExposedArea")]


def full_range(stored: NDArray[Any]) -> float:
    """The range of 8, 12 or 16 bits, whichever holds the values."""
    size = int(np.abs(stored.astype(np.int64)).max())
    return next(2.0**bits - 1 for bits in (8, 12, 16) if size < 2**bits or bits == 16)


def _copied_rescale(rescale: Rescale, clean: Dataset) -> tuple[float, float]:
    """Keep a plausible rescale, rounded; returns the one that holds in the clean dataset."""
    slope, intercept = rescale.slope, rescale.intercept
    if abs(slope) > MAX_SLOPE or abs(intercept) > MAX_INTERCEPT:
        return 1.0, 0.0
    slope = significant(slope)
    intercept = intercept if intercept == int(intercept) else significant(intercept)
    clean.RescaleSlope, clean.RescaleIntercept = f"{slope:.8g}", f"{intercept:.8g}"
    return slope, intercept


def windows(source: Dataset, low: float, high: float, span: float) -> dict[str, list[str]]:
    """Centres and widths of the windows that show something of these values, rounded."""
    centers, widths = [], []
    pairs = zip(_numbers(source, "WindowCenter"), _numbers(source, "WindowWidth"), strict=False)
    for center, width in pairs:
        if low - span <= center <= high + span and 0 < width <= 4 * span:
            shown = [_rounded(number, span) for number in (center, width)]
            if max(map(abs, shown)) <= LARGEST_WINDOW and shown[1] > 0:
                centers.append(f"{shown[0]:.8g}")
                widths.append(f"{shown[1]:.8g}")
    kept = {"WindowCenter": centers[:MAX_WINDOWS], "WindowWidth": widths[:MAX_WINDOWS]}
    return kept if centers else {}


def modality_table(table: LookupTable, stored: NDArray[Any]) -> Dataset:
    """The table anew from what it does to the picture's own values; unused entries are levelled.

    Raises
    ------
    ImplausibleTable
        Where it neither rises nor falls.
    """
    used = np.unique(stored)
    mapped = table.apply(used)
    steps = np.diff(mapped)
    if not (np.all(steps >= 0) or np.all(steps <= 0)):
        raise ImplausibleTable
    every = np.arange(int(used[0]), int(used[-1]) + 1)
    levelled = mapped[np.searchsorted(used, every, side="right") - 1]
    item = _table_item(LookupTable(int(used[0]), table.bits, levelled.astype(np.uint16)))
    item.ModalityLUTType = "US"
    return item


def _ramp(black: float, white: float) -> Dataset:
    """A window table of two numbers: a straight line from black to white."""
    entries = np.rint(np.linspace(0, MAX_ENTRIES - 1, int(white) - int(black) + 1))
    return _table_item(LookupTable(int(black), RAMP_BITS, entries.astype(np.uint16)))


def _table_item(table: LookupTable) -> Dataset:
    item = Dataset()
    count = len(table.entries) % MAX_ENTRIES
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
