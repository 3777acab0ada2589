"""Renditions are lossless, readable by any gzip and PNG reader, and equal for equal images."""

from __future__ import annotations

import gzip
from dataclasses import replace
from io import BytesIO

import numpy as np
import PIL.Image
import pytest

from inference.dicom.voi_windows import Window
from inference.image import DisplayImage
from studies.cases.dicom.renditions import THUMBNAIL_HEIGHT, compress_pixels, render_thumbnail


def shown(bits: int) -> DisplayImage:
    noise = np.random.default_rng(bits).normal(2 ** (bits - 2), 9, (720, 360)).clip(0)
    windows = (Window(2 ** (bits - 2) + 0.5, 64, "Full"),)
    return DisplayImage(noise.astype(f"u{bits // 8}"), bits, windows, False, None, 1.0)


@pytest.mark.parametrize("bits", [8, 16])
def test_pixels_are_gzip_of_little_endian_rows(bits):
    image = shown(bits)
    packed = compress_pixels(image)
    assert len(packed) < 0.8 * image.pixels.nbytes
    rows = np.frombuffer(gzip.decompress(packed), f"<u{bits // 8}")
    assert np.array_equal(rows.reshape(image.pixels.shape), image.pixels)


def test_equal_images_give_equal_bytes():
    image = shown(16)
    transposed = replace(image, pixels=np.ascontiguousarray(image.pixels.T).T)
    assert compress_pixels(transposed) == compress_pixels(image)
    # Bytes 4 to 7 of the header are the time (RFC 1952); 0 is none.
    assert compress_pixels(image)[4:8] == bytes(4)


@pytest.mark.parametrize("invert", [False, True])
def test_thumbnail_shows_the_opening_window_with_bone_bright(invert):
    pixels = np.zeros((720, 360), np.uint16)
    pixels[:, 180:] = 1000
    image = DisplayImage(pixels, 16, (Window(500, 1000, "Full"),), invert, None, 1.0)
    picture = np.asarray(PIL.Image.open(BytesIO(render_thumbnail(image))))
    assert picture.shape == (THUMBNAIL_HEIGHT, THUMBNAIL_HEIGHT // 2)
    dark, bright = picture[:, :80], picture[:, 100:]
    if invert:
        dark, bright = bright, dark
    assert dark.max() == 0
    assert bright.min() == 255


@pytest.mark.parametrize("invert", [False, True])
def test_thumbnail_has_the_grey_levels_of_the_viewer(invert):
    values = np.full((THUMBNAIL_HEIGHT, 100), 76, np.uint8)
    image = DisplayImage(values, 8, (Window(100, 50, "Bone"),), invert, None, 1.0)
    thumbnail = np.asarray(PIL.Image.open(BytesIO(render_thumbnail(image))))
    # ((76 - 99.5) / 49 + 0.5) * 255 = 5.2 by DICOM PS3.3 C.11.2.1.2.1.
    assert set(thumbnail.ravel().tolist()) == {250 if invert else 5}
