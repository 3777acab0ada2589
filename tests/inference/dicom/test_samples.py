"""Stored values equal the words in the file, or the values that were encoded in them."""

import numpy as np
import pytest

from inference.dicom.dataset import open_dataset
from inference.dicom.pixels import decode_grey
from inference.dicom.samples import bits_needed
from inference.image import read_image
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes
from tests.inference.dicom.scans import hologic_scan, words_file


def stored(data):
    return decode_grey(open_dataset(data)).stored


def test_value_of_4096_in_12_bits_is_preserved():
    """Hologic writes 0 to 4096 and BitsStored 12."""
    scan = hologic_scan()
    data = words_file(scan, BitsStored=12, HighBit=11)
    raw = np.frombuffer(open_dataset(data).PixelData, "<u2").reshape(scan.shape)
    np.testing.assert_array_equal(stored(data), raw)
    image = read_image(data)
    assert image.pixels[30, 40] == 1
    assert image.pixels[30, 2] == 0
    assert (image.scaling["bits"], image.scaling["clipped"]) == (12, 400)


@pytest.mark.parametrize(("bits", "high"), [(8, 300), (10, 1200), (12, 5000), (14, 20_000)])
def test_values_that_need_more_bits_than_declared_are_preserved(bits, high):
    scan = gradient(high=high).astype(np.uint16)
    np.testing.assert_array_equal(stored(words_file(scan, BitsStored=bits, HighBit=bits - 1)), scan)


@pytest.mark.parametrize("plane", [0x8000, 0x1000])
def test_overlay_in_unused_bits_is_ignored(plane):
    scan = gradient(high=4000).astype(np.uint16)
    drawn = scan.copy()
    drawn[30:60:2, 20:50:3] |= np.uint16(plane)
    np.testing.assert_array_equal(stored(words_file(drawn, BitsStored=12, HighBit=11)), scan)


def test_declared_overlay_on_black_is_ignored():
    """Bit 12 over air looks exactly like Hologic's 4096; only the header distinguishes them."""
    drawn = hologic_scan()
    dataset = lateral_dataset(drawn, BitsStored=12, HighBit=11)
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 12)
    np.testing.assert_array_equal(stored(to_bytes(dataset)), drawn & 0x0FFF)


@pytest.mark.parametrize("high_bit", [12, 14, 15])
def test_samples_in_the_upper_bits_are_shifted(high_bit):
    scan = gradient(high=4000).astype(np.uint16)
    words = scan << (high_bit - 11)
    np.testing.assert_array_equal(stored(words_file(words, BitsStored=12, HighBit=high_bit)), scan)


def test_samples_in_the_low_bits_are_not_shifted_if_high_bit_is_wrong():
    scan = gradient(high=4000).astype(np.uint16)
    np.testing.assert_array_equal(stored(words_file(scan, BitsStored=12, HighBit=15)), scan)


def test_eight_bits_in_the_upper_byte():
    words = gradient().astype(np.uint16) << 8
    np.testing.assert_array_equal(stored(words_file(words, BitsStored=8, HighBit=15)), gradient())


@pytest.mark.parametrize("extended", [True, False])
def test_signed_samples_of_12_bits(extended):
    """The unused bits contain either the sign or zeros."""
    scan = gradient(high=2000).astype(np.int16) - 1000
    words = scan if extended else scan & np.int16(0x0FFF)
    data = words_file(words, BitsStored=12, HighBit=11, PixelRepresentation=1)
    np.testing.assert_array_equal(stored(data), scan)


def test_signed_samples_in_the_upper_bits():
    scan = gradient(high=2000).astype(np.int16) - 1000
    data = words_file(scan << 4, BitsStored=12, HighBit=15, PixelRepresentation=1)
    np.testing.assert_array_equal(stored(data), scan)


def test_signed_bytes():
    scan = (gradient(high=200).astype(np.int16) - 100).astype(np.int8)
    np.testing.assert_array_equal(stored(lateral_file(scan)), scan)


@pytest.mark.parametrize("high", [252, 4000])
def test_big_endian(high):
    scan = gradient(high=high)
    dataset = lateral_dataset(scan)
    dataset.PixelData = scan.astype(scan.dtype.newbyteorder(">")).tobytes()
    np.testing.assert_array_equal(stored(to_bytes(dataset, "1.2.840.10008.1.2.2")), scan)


@pytest.mark.parametrize(
    ("values", "bits"), [([0, 1], 1), ([0, 4095], 12), ([0, 4096], 13), ([-1, 0], 1), ([-5, 3], 4)]
)
def test_bits_needed_for_samples(values, bits):
    kind = np.int16 if min(values) < 0 else np.uint16
    assert bits_needed(np.array(values, kind)) == bits
