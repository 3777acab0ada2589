"""PURE. What is kept of an image besides its DICOM file: viewer pixels and a thumbnail."""

from __future__ import annotations

import gzip
from io import BytesIO

import numpy as np
import PIL.Image

from inference.image import DisplayImage

THUMBNAIL_HEIGHT = 360
THUMBNAIL_MOST_WIDTH = 1440


def packed_pixels(shown: DisplayImage) -> bytes:
    """Little-endian rows of 8 or 16 bit, gzip-compressed without a date, so always the same."""
    little = shown.pixels.astype(f"<u{shown.bits // 8}", copy=False)
    return gzip.compress(np.ascontiguousarray(little).tobytes(), compresslevel=6, mtime=0)


def thumbnail(shown: DisplayImage) -> bytes:
    """A PNG in true proportions, bone bright, seen through the window that a viewer opens with."""
    window = shown.windows[0]
    low, high = window.center - window.width / 2, window.center + window.width / 2
    grey = np.clip((shown.pixels.astype(np.float32) - low) / max(high - low, 1), 0, 1)
    if shown.invert:
        grey = 1 - grey
    height, width = grey.shape
    picture = PIL.Image.fromarray((grey * 255).astype(np.uint8))
    shown_width = round(THUMBNAIL_HEIGHT * width / (height * shown.pixel_aspect))
    size = min(max(1, shown_width), THUMBNAIL_MOST_WIDTH), THUMBNAIL_HEIGHT
    picture = picture.resize(size, PIL.Image.Resampling.LANCZOS)
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
