"""A header with more elements than an image needs is rejected before it costs memory."""

from __future__ import annotations

import struct

import pytest

from inference.dicom.dataset import MAX_ELEMENTS, UnreadableImage, open_dataset
from tests.dicom_files import lateral_file


def test_header_with_too_many_elements_is_rejected():
    many = b"".join(
        struct.pack("<HH2sH", 0x0009 + 2 * (n // 0x8000), 0x1000 + n % 0x8000, b"LO", 0)
        for n in range(MAX_ELEMENTS + 1)
    )
    data = lateral_file()
    start = data.index(struct.pack("<HH", 0x0008, 0x0016))
    with pytest.raises(UnreadableImage) as caught:
        open_dataset(data[:start] + many)
    assert caught.value.code == "too_large"


def test_elements_after_the_pixels_are_not_read():
    data = lateral_file() + struct.pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 4) + b"tail"
    dataset = open_dataset(data)
    assert "PixelData" in dataset
    assert (0xFFFC, 0xFFFC) not in dataset
