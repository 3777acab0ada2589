"""Approximate the VOI LUT, a table from modality values to grey, by a linear window.

Viewers apply linear windows. A table that falls is a rising one whose result is inverted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from inference.dicom.dataset import UnreadableImage
from inference.dicom.tables import LookupTable, read_table

MAX_DEVIATION = 0.02
"""Largest deviation from a linear ramp, as a share of the range of grey, that is rounding."""


@dataclass(frozen=True, slots=True)
class TableSpan:
    """The linear window that is closest to a table.

    Attributes
    ----------
    black, white
        Input values, ascending, between which the output rises, or falls if ``falling``.
    falling
        Whether low input values are displayed bright.
    exact
        Whether the table is linear between its ends. Otherwise the window has the mean slope of the
        middle half of the grey range.
    """

    black: float
    white: float
    falling: bool
    exact: bool


def read_window_table(dataset: Dataset, values: NDArray[Any]) -> LookupTable | None:
    """Return the VOI LUT, which applies to modality values; ``None`` if missing or unusable.

    A damaged, constant or not monotonic table is unusable.
    """
    try:
        table = read_table(dataset, "VOILUTSequence", signed=bool(values.min() < 0))
    except UnreadableImage:
        return None
    return table if table is not None and _is_monotonic(table) else None


def table_span(table: LookupTable) -> TableSpan:
    """Return the window that is closest to a monotonic table that is not constant."""
    entries = table.entries.astype(np.float64)
    falling = bool(entries[0] > entries[-1])
    rising = -entries if falling else entries
    grey = (rising - rising[0]) / (rising[-1] - rising[0])
    black = int(np.flatnonzero(grey > 0)[0]) - 1
    white = int(np.flatnonzero(grey >= 1)[0])
    ramp = np.linspace(0, 1, white - black + 1)
    exact = bool(np.abs(grey[black : white + 1] - ramp).max() <= MAX_DEVIATION)
    first, last = float(black), float(white)
    if not exact:
        first, last = _middle_slope(grey)
    return TableSpan(table.first + first, table.first + last, falling, exact)


def _middle_slope(grey: NDArray[np.float64]) -> tuple[float, float]:
    """Return where the line through grey 0.25 and 0.75 reaches 0 and 1."""
    # A curve has long ends that are nearly flat, so its ends would give too wide a window.
    quarter, three_quarters = (_crossing(grey, level) for level in (0.25, 0.75))
    half = max(three_quarters - quarter, 0.5)
    return quarter - half / 2, three_quarters + half / 2


def _crossing(grey: NDArray[np.float64], level: float) -> float:
    """Return the position, between two entries, at which rising grey reaches a level."""
    after = int(np.searchsorted(grey, level))
    step = grey[after] - grey[after - 1]
    return float(after - 1 + (level - grey[after - 1]) / step)


def _is_monotonic(table: LookupTable) -> bool:
    steps = np.diff(table.entries.astype(np.int64))
    return bool(steps.any() and (np.all(steps >= 0) or np.all(steps <= 0)))
