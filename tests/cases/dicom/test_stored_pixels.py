"""What is stored after de-identification has exactly the pixels of the file that was sent."""

from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.image import read_image
from tests.cases.dicom.cleaning import clean, header, refusal
from tests.dicom_files import gradient, lateral_file, to_bytes
from tests.inference.dicom.scans import hologic_scan, table
from tests.inference.dicom.test_padding import CASES, SHIFTED, padded, padded_file, scan

SIGMOID = np.rint(65_535 / (1 + np.exp(-(np.arange(256) - 100) / 12))).astype("<u2")


def test_value_of_4096_in_12_bits_is_stored():
    scan = hologic_scan()
    out = header(clean(lateral_file(scan, BitsStored=12, HighBit=11)))
    raw = np.frombuffer(out.PixelData, "<u2").reshape(scan.shape)
    np.testing.assert_array_equal(raw, scan)
    np.testing.assert_array_equal(out.pixel_array, scan)  # pydicom masks the unused bits
    assert (out.BitsStored, out.HighBit) == (13, 12)


def test_samples_in_the_upper_bits_are_stored_in_the_lower_ones():
    scan = gradient(high=4000).astype(np.uint16)
    out = header(clean(lateral_file(scan << 4, BitsStored=12, HighBit=15)))
    np.testing.assert_array_equal(np.frombuffer(out.PixelData, "<u2").reshape(scan.shape), scan)
    assert (out.BitsStored, out.HighBit) == (12, 11)


def test_signed_pixels_are_stored_signed():
    scan = gradient(high=2000).astype(np.int16) - 1000
    words = scan & np.int16(0x0FFF)
    out = header(clean(lateral_file(words, BitsStored=12, HighBit=11, PixelRepresentation=1)))
    np.testing.assert_array_equal(out.pixel_array, scan)


@pytest.mark.parametrize("name", CASES)
def test_padding_is_stored_and_still_called_padding(name):
    pixels, elements = CASES[name]
    sent = padded_file(pixels, **elements)
    result = clean(sent)
    np.testing.assert_array_equal(header(result).pixel_array, pixels)
    before, after = read_image(sent), read_image(result.data)
    np.testing.assert_array_equal(before.padding, after.padding)
    np.testing.assert_array_equal(before.pixels, after.pixels)
    assert before.windows == after.windows


@pytest.mark.parametrize("name", SHIFTED)
def test_padding_of_shifted_samples_is_stored_and_still_called_padding(name):
    word, elements = SHIFTED[name]
    sent = padded_file(padded(word, scan() << 4), BitsStored=12, HighBit=15, **elements)
    before, after = read_image(sent), read_image(clean(sent).data)
    assert before.padding is not None
    np.testing.assert_array_equal(before.padding, after.padding)
    np.testing.assert_array_equal(before.pixels, after.pixels)


@pytest.mark.parametrize(
    "elements",
    [
        {"RescaleSlope": "0.0004884", "RescaleIntercept": "-0.3"},
        {"RescaleSlope": "1", "RescaleIntercept": "-2000"},
        {"ModalityLUTSequence": Sequence([Dataset()])},
        {"ModalityLUTSequence": table(0, np.arange(0, 1024, 4).astype("<u2"), bits=12)},
        {"ModalityLUTSequence": table(0, np.arange(255, -1, -1).astype("u1"), bits=8)},
        {"VOILUTSequence": table(50, np.linspace(0, 65_535, 101).astype("<u2"))},
        {"VOILUTSequence": table(50, np.linspace(65_535, 0, 101).astype("<u2"))},
        {"VOILUTSequence": table(0, SIGMOID)},
        {"WindowCenter": "30000", "WindowWidth": "100"},
    ],
)
def test_grey_values_and_windows_are_those_of_the_file(elements):
    sent = lateral_file(**elements)
    before, after = read_image(sent), read_image(clean(sent).data)
    np.testing.assert_array_equal(before.pixels, after.pixels)
    np.testing.assert_array_equal(before.stored, after.stored)
    assert before.windows == after.windows
    assert before.scaling == after.scaling


def test_table_of_65536_entries_of_signed_pixels():
    scan = gradient(high=600).astype(np.int16) - 300
    entries = (np.arange(65_536) // 2).astype("<u2")
    sent = lateral_file(scan, ModalityLUTSequence=table(-32_768, entries))
    before, after = read_image(sent), read_image(clean(sent).data)
    np.testing.assert_array_equal(before.stored, after.stored)
    assert before.stored.max() > 0


def test_more_rows_than_the_header_says_are_refused():
    error = refusal(lateral_file(Rows=100))
    assert error.code == "more_pixels"
    assert "20 more rows" in error.text


def directory():
    dataset = dcmread(BytesIO(lateral_file()))
    del dataset.PixelData, dataset.SOPClassUID
    dataset.DirectoryRecordSequence = Sequence([])
    return to_bytes(dataset).replace(
        b"1.2.840.10008.5.1.4.1.1.1\0", b"1.2.840.10008.1.3.10\0\0\0\0\0\0"
    )


def test_directory_is_named_with_advice():
    error = refusal(directory())
    assert error.code == "not_an_xray"
    assert "directory of files (DICOMDIR)" in error.text
    assert "files that it lists" in error.text


@pytest.mark.parametrize("curve", [SIGMOID, SIGMOID[::-1]])
def test_window_table_is_stored_with_its_own_entries_for_the_values_of_the_picture(curve):
    (item,) = header(clean(lateral_file(VOILUTSequence=table(0, curve)))).VOILUTSequence
    count, first, bits = item.LUTDescriptor
    stored = np.frombuffer(item.LUTData, "<u2")
    used = np.unique(gradient()).astype(int)
    assert (len(stored), bits) == (count, 16)
    # Beyond the ends of the table its last entry applies.
    np.testing.assert_array_equal(stored[np.clip(used - first, 0, count - 1)], curve[used])


def test_window_table_keeps_nothing_of_entries_that_the_picture_does_not_use():
    """A step between two unused entries becomes a straight line to the end of the table."""
    beyond = int(gradient().max())
    entries = np.arange(400) * 100
    entries[300:350] = entries[300]
    message = entries.astype("<u2")
    (item,) = header(clean(lateral_file(VOILUTSequence=table(0, message)))).VOILUTSequence
    stored = np.frombuffer(item.LUTData, "<u2").astype(int)
    assert (stored[beyond], stored[-1]) == (entries[beyond], entries[-1])
    assert np.abs(np.diff(stored[beyond:], 2)).max() <= 1
