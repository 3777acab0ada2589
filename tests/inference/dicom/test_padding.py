"""Padding is excluded from the scaling, the windows and the field of an image."""

from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread

from inference.crop.field_of_view import find_field
from inference.dicom.dataset import open_dataset
from inference.dicom.pixels import decode_grey
from inference.image import read_image
from inference.phantom import generate
from inference.phantom.export import as_dataset
from tests.dicom_files import gradient, lateral_file, to_bytes

WIDTH = 12
"""Columns of padding on the right."""


def scan(kind=np.uint16):
    pixels = gradient(high=3000).astype(kind)
    pixels += 100
    return pixels


def padded(value, image=None):
    pixels = scan() if image is None else image.copy()
    pixels[:, -WIDTH:] = value
    return pixels


def padded_file(pixels, *, vr, value, limit=None, **elements):
    dataset = dcmread(BytesIO(lateral_file(pixels, **elements)))
    dataset.add_new("PixelPaddingValue", vr, value)
    if limit is not None:
        dataset.add_new("PixelPaddingRangeLimit", vr, limit)
    return to_bytes(dataset)


CASES = {
    "white": (padded(65_535), {"vr": "US", "value": 65_535}),
    "black": (padded(0), {"vr": "US", "value": 0}),
    "a range": (padded(60_010), {"vr": "US", "value": 60_000, "limit": 65_000}),
    "a range downwards": (padded(60_010), {"vr": "US", "value": 65_000, "limit": 60_000}),
    "beyond 12 bits": (
        padded(65_535),
        {"vr": "US", "value": 65_535, "BitsStored": 12, "HighBit": 11},
    ),
    "signed": (padded(-2000, scan(np.int16)), {"vr": "SS", "value": -2000}),
    "signed, written unsigned": (padded(-2000, scan(np.int16)), {"vr": "US", "value": 63_536}),
}


SHIFTED = {
    # The padding as a whole word, as a word with empty low bits, and as a sample.
    "whole word": (65_535, {"vr": "US", "value": 65_535}),
    "word with empty low bits": (0xFFF0, {"vr": "US", "value": 0xFFF0}),
    "sample": (0xFFF0, {"vr": "US", "value": 4095}),
    "a range of words": (0xFFF0, {"vr": "US", "value": 0xFF00, "limit": 65_535}),
}


@pytest.mark.parametrize("name", SHIFTED)
def test_padding_of_samples_in_the_upper_bits(name):
    word, elements = SHIFTED[name]
    pixels = padded(word, scan() << 4)
    data = padded_file(pixels, BitsStored=12, HighBit=15, **elements)
    grey = decode_grey(open_dataset(data))
    assert grey.padding is not None
    np.testing.assert_array_equal(grey.padding[:, -WIDTH:], True)
    assert not grey.padding[:, :-WIDTH].any()
    np.testing.assert_array_equal(grey.stored[:, :-WIDTH], scan()[:, :-WIDTH])


def test_padding_of_signed_samples_in_the_upper_bits():
    pixels = padded(-32_768, (scan(np.int16) - 2000) << 4)
    data = padded_file(pixels, vr="SS", value=-32_768, BitsStored=12, HighBit=15)
    grey = decode_grey(open_dataset(data))
    np.testing.assert_array_equal(grey.padding, pixels == -32_768)
    np.testing.assert_array_equal(grey.stored[:, :-WIDTH], scan(np.int16)[:, :-WIDTH] - 2000)


def test_padding_does_not_hide_that_high_bit_is_wrong():
    data = padded_file(padded(65_535), vr="US", value=65_535, BitsStored=12, HighBit=15)
    grey = decode_grey(open_dataset(data))
    np.testing.assert_array_equal(grey.stored[:, :-WIDTH], scan()[:, :-WIDTH])
    assert grey.padding is not None and grey.padding[:, -WIDTH:].all()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_rest_of_the_image_is_the_same_as_without_padding(name, photometric):
    pixels, elements = CASES[name]
    elements = {**elements, "PhotometricInterpretation": photometric}
    image = read_image(padded_file(pixels, **elements))
    inside = scan()[:, :-WIDTH]
    plain = read_image(lateral_file(inside.copy(), PhotometricInterpretation=photometric))
    np.testing.assert_array_equal(image.pixels[:, :-WIDTH], plain.pixels)
    np.testing.assert_array_equal(image.stored[:, :-WIDTH], plain.stored)
    assert [(w.name, w.center, w.width) for w in image.windows] == [
        (w.name, w.center, w.width) for w in plain.windows
    ]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_padding_is_displayed_dark(name, photometric):
    pixels, elements = CASES[name]
    image = read_image(padded_file(pixels, **elements, PhotometricInterpretation=photometric))
    assert not image.pixels[:, -WIDTH:].any()
    assert not image.inverted_pixels()[:, -WIDTH:].any()
    shown = image.stored[:, -WIDTH:]
    assert set(shown.ravel()) == {image.stored.max() if image.inverted else image.stored.min()}


def test_padding_value_that_no_pixel_has_is_ignored():
    data = padded_file(scan(), vr="US", value=9)
    np.testing.assert_array_equal(read_image(data).pixels, read_image(lateral_file(scan())).pixels)


def test_image_that_consists_of_padding_is_unchanged():
    flat = np.full((100, 100), 7, np.uint16)
    grey = decode_grey(open_dataset(padded_file(flat, vr="US", value=7)))
    assert grey.padding is None


def test_negative_padding_of_an_image_with_fractions():
    pixels = padded(-2000, scan(np.int16))
    rescaled = {"RescaleSlope": "0.01", "RescaleIntercept": "0"}
    image = read_image(padded_file(pixels, vr="SS", value=-2000, **rescaled))
    assert image.scaling["offset"] == pytest.approx(1.0)
    assert image.pixels[:, :-WIDTH].max() == 1


def test_field_ends_at_padding():
    phantom = next(p for p in map(generate, range(8_100_006, 8_100_030)) if p.bits == 12)
    dataset = as_dataset(phantom)
    pixels = phantom.pixels.astype(np.uint16)
    pixels[:, -20:] = 65_535
    dataset.PixelData = pixels.tobytes()
    dataset.BitsStored, dataset.HighBit = 16, 15
    dataset.add_new("PixelPaddingValue", "US", 65_535)
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    right = find_field(read_image(out.getvalue()).pixels).ends["right"]
    assert np.median(right) == pixels.shape[1] - 20 - 0.5
