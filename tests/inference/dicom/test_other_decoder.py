"""Stored values against pydicom's own decoder, which then leaves the unused bits as they are.

By default pydicom 3 masks or shifts the unused bits before it returns the pixels.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.pixels import pixel_array

from inference.dicom.dataset import open_dataset
from inference.dicom.pixels import decode_grey
from studies.cases.dicom.deidentify import deidentify
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes
from tests.inference.dicom.scans import hologic_scan
from tests.inference.dicom.test_padding import padded

DEEP = gradient(high=5000).astype(np.uint16)
SIGNED = gradient(high=2000).astype(np.int16) - 1000
TWELVE = {"BitsStored": 12, "HighBit": 11}
BIG_ENDIAN, RLE, JPEG_LS = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80"


def big_endian(scan: NDArray[Any], **elements: Any) -> bytes:
    dataset = lateral_dataset(scan, **elements)
    dataset.PixelData = scan.astype(scan.dtype.newbyteorder(">")).tobytes()
    return to_bytes(dataset, BIG_ENDIAN)


def compressed(scan: NDArray[Any], syntax: str, **elements: Any) -> bytes:
    dataset = dcmread(BytesIO(lateral_file(scan, **elements)))
    dataset.compress(syntax)
    out = BytesIO()
    dataset.save_as(out)
    return out.getvalue()


# The file, and how far its samples are shifted.
FILES = {
    "4096 in 12 bits": (lateral_file(hologic_scan(), **TWELVE), 0),
    "more than 12 bits": (lateral_file(DEEP, **TWELVE), 0),
    "padding beyond 12 bits": (lateral_file(padded(65_535), PixelPaddingValue=65_535, **TWELVE), 0),
    "signed": (lateral_file(SIGNED), 0),
    "signed, 12 bits": (lateral_file(SIGNED, **TWELVE), 0),
    "upper bits": (
        lateral_file(gradient(high=4000).astype(np.uint16) << 4, BitsStored=12, HighBit=15),
        4,
    ),
    "upper bits, signed": (lateral_file(SIGNED << 4, BitsStored=12, HighBit=15), 4),
    "8 bits": (lateral_file(), 0),
    "big endian": (big_endian(hologic_scan(), **TWELVE), 0),
    "run length": (compressed(hologic_scan(), RLE, **TWELVE), 0),
    "JPEG-LS": (compressed(gradient(high=4000).astype(np.uint16), JPEG_LS, **TWELVE), 0),
}


def others(data: bytes) -> NDArray[Any]:
    array: NDArray[Any] = pixel_array(BytesIO(data), raw=True, correct_unused_bits=False)
    return array


@pytest.mark.parametrize("name", FILES)
def test_decoded_and_stored_values_are_those_of_the_other_decoder(name):
    data, shift = FILES[name]
    wanted = others(data) >> shift
    np.testing.assert_array_equal(decode_grey(open_dataset(data)).stored, wanted)
    stored = deidentify(data, key=b"k" * 32, date_shift_days=9).data
    np.testing.assert_array_equal(others(stored), wanted)


def test_default_of_the_other_decoder_loses_the_value_4096():
    """The reason why this project extracts the samples itself."""
    data, _ = FILES["4096 in 12 bits"]
    assert others(data).max() == 4096
    assert pixel_array(BytesIO(data), raw=True).max() < 4096
