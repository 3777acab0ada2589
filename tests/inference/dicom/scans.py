"""Build DICOM files with samples in every position that a header can declare."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes


def hologic_scan() -> NDArray[np.uint16]:
    """Return 12-bit grey values with saturated bone of 4096 and black air."""
    scan = gradient(high=4000).astype(np.uint16)
    scan[20:40, 30:50] = 4096
    scan[:, :5] = 0
    return scan


def words_file(words: NDArray[Any], **elements: Any) -> bytes:
    """Return a file with these words as pixel data."""
    return lateral_file(words, **elements)


def stream_file(stream: bytes | list[bytes], shape: tuple[int, int], syntax: str, **elements: Any):
    """Return a file with code streams, one fragment each."""
    streams = stream if isinstance(stream, list) else [stream]
    pixels = np.zeros(shape, np.uint16 if elements.get("BitsAllocated", 16) == 16 else np.uint8)
    dataset = lateral_dataset(pixels, PixelData=encapsulate(streams), **elements)
    dataset["PixelData"].is_undefined_length = True
    return to_bytes(dataset, syntax)


def table(
    first: int, entries: NDArray[Any], *, bits: int = 16, count: int | None = None
) -> Sequence:
    """Return a sequence with one lookup table."""
    item = Dataset()
    count = len(entries) % 65_536 if count is None else count
    item.add_new("LUTDescriptor", "US", [count, first % 65_536, bits])
    raw = entries.tobytes()
    item.add_new("LUTData", "OW", raw + b"\0" * (len(raw) % 2))
    return Sequence([item])
