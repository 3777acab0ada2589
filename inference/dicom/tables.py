"""Apply lookup tables and rescaling to stored values (PS3.3 C.11.1 and C.11.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from inference.dicom.dataset import UnreadableImage

MAX_ENTRIES = 65_536
"""The descriptor has 16 bits, so that 65,536 entries are written as 0 (PS3.3 C.11.1.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A lookup table of grey values.

    Attributes
    ----------
    first
        Input value of the first entry.
    bits
        Bits per entry according to the header, 8 to 16.
    entries
        uint16 (entries,).
    """

    first: int
    bits: int
    entries: NDArray[np.uint16]

    def apply(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the entries for input values; values outside the range use the nearest end."""
        indices = np.clip(values.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries.astype(np.int64)[indices]


@dataclass(frozen=True, slots=True)
class Rescale:
    """RescaleSlope and RescaleIntercept."""

    slope: float = 1.0
    intercept: float = 0.0

    @property
    def identity(self) -> bool:
        return (self.slope, self.intercept) == (1.0, 0.0)


def read_table(dataset: Dataset, keyword: str, *, signed: bool) -> LookupTable | None:
    """Return the lookup table in the first item of a sequence.

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
        ``None`` if the sequence is missing or empty, or its item is.

    Raises
    ------
    UnreadableImage
        ``undecodable`` if the table is damaged.
    """
    try:
        items = list(dataset.get(keyword) or ())
        item = items[0] if items else Dataset()
        if not any(_has_value(item, keyword) for keyword in ("LUTDescriptor", "LUTData")):
            return None
        count, first, bits = (int(number) for number in item.LUTDescriptor)
        # original_encoding is (implicit, little endian); LUTData as OW is not swapped by pydicom.
        order = ">" if getattr(dataset, "original_encoding", ())[1:] == (False,) else "<"
        # A count of 0 stands for 65,536 entries (C.11.1.1).
        entries = _entries(count % MAX_ENTRIES or MAX_ENTRIES, item.LUTData, order)
        first %= MAX_ENTRIES
        # The first value may be written as unsigned even if values are signed.
        if signed and first >= MAX_ENTRIES // 2:
            first -= MAX_ENTRIES
        # The descriptor may state fewer than 8 or more than 16 bits; only 8 to 16 are valid.
        return LookupTable(first, min(max(bits, 8), 16), entries)
    except Exception as error:  # a damaged table raises almost any exception
        raise UnreadableImage(
            "undecodable",
            "The lookup table of grey values in this file is damaged. Export it again.",
        ) from error


def read_rescale(dataset: Dataset) -> Rescale:
    """Return slope and intercept, by default 1 and 0.

    Raises
    ------
    UnreadableImage
        ``undecodable`` if they are not finite numbers, or the slope is 0.
    """
    try:
        slope, intercept = (
            default if value is None or value == "" else float(value)
            for value, default in (
                (dataset.get("RescaleSlope"), 1.0),
                (dataset.get("RescaleIntercept"), 0.0),
            )
        )
    except Exception:  # converting a damaged element fails
        slope = intercept = math.nan
    if not math.isfinite(slope) or not math.isfinite(intercept) or slope == 0:
        raise UnreadableImage(
            "undecodable", "The rescale values in this file's header are invalid. Export it again."
        )
    return Rescale(slope, intercept)


def modality_values(
    stored: NDArray[Any], table: LookupTable | None, rescale: Rescale
) -> NDArray[Any]:
    """Return the modality values; integers unless there are fractions.

    A table takes precedence over rescaling. Without either, the same array is returned.
    """
    if table is not None:
        return table.apply(stored)
    if rescale.identity:
        return stored
    values = stored.astype(np.float64) * rescale.slope + rescale.intercept
    # Beyond 2^53, floating-point numbers no longer represent every integer.
    if not np.all(np.isfinite(values)) or np.abs(values).max() > 2**53:
        raise UnreadableImage(
            "undecodable", "The rescale values in this file's header are invalid. Export it again."
        )
    whole = np.rint(values)
    return whole.astype(np.int64) if np.array_equal(whole, values) else values


def _has_value(item: Dataset, keyword: str) -> bool:
    value = item.get(keyword)
    return value is not None and value != "" and value != b""


def _entries(count: int, data: Any, order: str) -> NDArray[np.uint16]:
    """Return the entries, which may be stored in one or two bytes whatever their depth."""
    if isinstance(data, bytes):
        # The descriptor's depth does not tell: 8-bit entries are found in bytes and in words.
        kind = f"{order}u2" if len(data) >= 2 * count else "u1"
        entries = np.frombuffer(data, kind).astype(np.uint16)
    else:
        entries = np.atleast_1d(np.asarray(data)).astype(np.uint16)
        if len(entries) == (count + 1) // 2 and count > 1:  # two 8-bit entries per word
            entries = np.frombuffer(entries.astype("<u2").tobytes(), "u1").astype(np.uint16)
    if len(entries) < count:
        raise ValueError("the table has fewer entries than its descriptor says")
    return entries[:count]
