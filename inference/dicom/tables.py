"""Lookup tables and rescaling: stored values to modality values (PS3.3 C.11.1 and C.11.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from inference.dicom.dataset import UnreadableImage

MAX_ENTRIES = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A table of grey values.

    Attributes
    ----------
    first
        The input value that the first entry belongs to.
    bits
        Bits per entry, 8 to 16, as the header says.
    entries
        uint16 (entries,).
    """

    first: int
    bits: int
    entries: NDArray[np.uint16]

    def apply(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the entries of values; what lies outside takes the nearest end's."""
        places = np.clip(values.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries.astype(np.int64)[places]


@dataclass(frozen=True, slots=True)
class Rescale:
    """RescaleSlope and RescaleIntercept."""

    slope: float = 1.0
    intercept: float = 0.0

    @property
    def identity(self) -> bool:
        return (self.slope, self.intercept) == (1.0, 0.0)


def read_table(dataset: Dataset, keyword: str, *, signed: bool) -> LookupTable | None:
    """Return the table in the first item of a sequence.

    Parameters
    ----------
    dataset
        The header.
    keyword
        ``ModalityLUTSequence`` or ``VOILUTSequence``.
    signed
        Whether the table's input values may be negative.

    Returns
    -------
    LookupTable or None
        ``None`` where the sequence is missing or empty, or has an empty item.

    Raises
    ------
    UnreadableImage
        ``undecodable`` where there is a table, but a damaged one.
    """
    try:
        items = list(dataset.get(keyword) or ())
        item = items[0] if items else Dataset()
        if not any(_has_value(item, keyword) for keyword in ("LUTDescriptor", "LUTData")):
            return None
        count, first, bits = (int(number) for number in item.LUTDescriptor)
        order = ">" if getattr(dataset, "original_encoding", ())[1:] == (False,) else "<"
        entries = _entries(count % MAX_ENTRIES or MAX_ENTRIES, item.LUTData, order)
        first %= MAX_ENTRIES
        if signed and first >= MAX_ENTRIES // 2:
            first -= MAX_ENTRIES
        return LookupTable(first, min(max(bits, 8), 16), entries)
    except Exception as error:  # a damaged table raises nearly anything
        raise UnreadableImage(
            "undecodable",
            "The table of grey values in this file is damaged. Export it again.",
        ) from error


def read_rescale(dataset: Dataset) -> Rescale:
    """Return slope and intercept; 1 and 0 where the header has none."""
    try:
        slope, intercept = (
            default if value is None or value == "" else float(value)
            for value, default in (
                (dataset.get("RescaleSlope"), 1.0),
                (dataset.get("RescaleIntercept"), 0.0),
            )
        )
    except Exception:  # a damaged element fails in its conversion
        slope = intercept = math.nan
    if not math.isfinite(slope) or not math.isfinite(intercept) or slope == 0:
        raise UnreadableImage(
            "undecodable", "The rescaling in this file's header is not a number. Export it again."
        )
    return Rescale(slope, intercept)


def modality_values(
    stored: NDArray[Any], table: LookupTable | None, rescale: Rescale
) -> NDArray[Any]:
    """Return the modality values; integers unless there are fractions.

    A table takes the place of the rescaling. The same array comes back where nothing changes.
    """
    if table is not None:
        return table.apply(stored)
    if rescale.identity:
        return stored
    values = stored.astype(np.float64) * rescale.slope + rescale.intercept
    if not np.all(np.isfinite(values)) or np.abs(values).max() > 2**53:
        raise UnreadableImage(
            "undecodable", "The rescaling in this file's header is not a number. Export it again."
        )
    whole = np.rint(values)
    return whole.astype(np.int64) if np.array_equal(whole, values) else values


def _has_value(item: Dataset, keyword: str) -> bool:
    value = item.get(keyword)
    return value is not None and value != "" and value != b""


def _entries(count: int, data: Any, order: str) -> NDArray[np.uint16]:
    """The entries, which take one byte or two, whatever their bits are."""
    if isinstance(data, bytes):
        kind = f"{order}u2" if len(data) >= 2 * count else "u1"
        entries = np.frombuffer(data, kind).astype(np.uint16)
    else:
        entries = np.atleast_1d(np.asarray(data)).astype(np.uint16)
        if len(entries) == (count + 1) // 2 and count > 1:  # two entries of 8 bits in each word
            entries = np.frombuffer(entries.astype("<u2").tobytes(), "u1").astype(np.uint16)
    if len(entries) < count:
        raise ValueError("the table has fewer entries than its descriptor says")
    return entries[:count]
