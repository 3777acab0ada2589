"""Files that are not images raise UnreadableImage and nothing else."""

import struct
import time
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.image import UnreadableImage, read_image
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes
from tests.inference.error_codes import code_of


def test_text_file():
    assert code_of(b"not an image at all" * 20) == "not_an_image"


def test_empty_file():
    assert code_of(b"") == "empty"


def test_missing_file(tmp_path):
    assert code_of(tmp_path / "missing.dcm") == "no_file"


@pytest.mark.parametrize("length", [140, 300, 600, 1000, 5000])
def test_truncated_file(length):
    assert code_of(lateral_file()[:length]) in ("truncated", "no_pixels", "damaged")


def test_truncated_pixels():
    assert code_of(lateral_file()[:-200]) == "truncated"


def test_no_pixels():
    assert code_of(lateral_file(PixelData=None)) == "no_pixels"


def test_unknown_transfer_syntax():
    data = lateral_file().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.9.9.9\0")
    assert code_of(data) == "unknown_transfer_syntax"


def test_four_gigabyte_claim_in_a_small_file():
    started = time.monotonic()
    assert code_of(lateral_file(Rows=65535, Columns=65535)) == "too_large"
    assert code_of(lateral_file(Rows=8000, Columns=8000)) == "truncated"
    assert time.monotonic() - started < 5


def test_element_that_claims_four_gigabytes():
    data = bytearray(lateral_file())
    at = data.index(b"\xe0\x7f\x10\x00OB") + 8
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
    assert code_of(bytes(data)) == "truncated"


def test_deflate_bomb(monkeypatch):
    monkeypatch.setattr("inference.dicom.parser_limits.MAX_INFLATED_BYTES", 100_000)
    data = to_bytes(lateral_dataset(), "1.2.840.10008.1.2.1.99")
    squeeze = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    body = squeeze.compress(b"\0" * 10_000_000) + squeeze.flush()
    meta_length = struct.unpack("<I", data[140:144])[0]
    assert code_of(data[: 144 + meta_length] + body) == "too_large"


def test_multi_frame():
    two = np.stack([gradient(), gradient()]).reshape(240, 80)
    assert code_of(lateral_file(two, Rows=120, NumberOfFrames=2)) == "multi_frame"


def test_colour():
    colours = np.zeros((100, 300), np.uint8)
    data = lateral_file(
        colours,
        Columns=100,
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
    )
    assert code_of(data) == "colour"
    assert code_of(lateral_file(PhotometricInterpretation="PALETTE COLOR")) == "colour"


def test_odd_depth():
    assert code_of(lateral_file(BitsAllocated=32)) == "depth"


def test_rescale_slope_of_zero():
    assert code_of(lateral_file(RescaleSlope="0", RescaleIntercept="0")) == "undecodable"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_only_unreadable_image(noise):
    for data in (noise, b"\0" * 128 + b"DICM" + noise, b"\x89PNG\r\n\x1a\n" + noise):
        with pytest.raises(UnreadableImage):
            read_image(data)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 700), st.binary(min_size=1, max_size=12))
def test_damaged_header_raises_only_unreadable_image(at, damage):
    data = bytearray(lateral_file())
    data[at : at + len(damage)] = damage
    with suppress(UnreadableImage):
        read_image(bytes(data))
