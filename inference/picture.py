"""Read the grey values of PNG and JPEG pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from inference.dicom.dataset import UnreadableImage
from inference.dicom.pixel_header import MAX_PIXELS, MIN_SIDE

GREY_TOLERANCE = 12
"""Maximum difference between the channels of a grey picture, which JPEG introduces."""


def read_picture(data: bytes, kind: str) -> NDArray[Any]:
    """Return the grey values (height, width) of a picture, uint8 or uint16.

    Parameters
    ----------
    data
        The file.
    kind
        ``PNG`` or ``JPEG``; no other decoder is tried.

    Raises
    ------
    UnreadableImage
        ``too_large``, ``too_small``, ``colour`` or ``undecodable``. Colour pictures are accepted
        only if all channels agree.
    """
    try:
        # Naming the format keeps Pillow from trying its other decoders on the file.
        with PIL.Image.open(BytesIO(data), formats=(kind,)) as picture:
            columns, rows = picture.size
            # Before load(), so that a picture of huge size is not decoded.
            _check_picture_size(rows, columns)
            picture.load()
            return _grey_values(picture)
    except (UnreadableImage, MemoryError):
        raise
    except Exception as error:  # Pillow raises almost any exception on invalid data
        raise UnreadableImage(
            "undecodable", f"This {kind} picture is truncated or damaged. Copy or export it again."
        ) from error


def _check_picture_size(rows: int, columns: int) -> None:
    if rows * columns > MAX_PIXELS:
        raise UnreadableImage(
            "too_large",
            f"This picture is too large ({columns} x {rows} pixels). Export a smaller one.",
        )
    if min(rows, columns) < MIN_SIDE:
        raise UnreadableImage(
            "too_small", f"This image has only {columns} x {rows} pixels. Export it at full size."
        )


def _grey_values(picture: PIL.Image.Image) -> NDArray[Any]:
    """Return the grey values (uint8 or uint16) of a picture without colour."""
    if picture.mode.startswith("I"):
        return np.asarray(picture).astype(np.uint16)
    if picture.mode in ("L", "LA", "1"):
        return np.array(picture.convert("L"))
    channels = np.asarray(picture.convert("RGB")).astype(np.int16)
    spread = channels.max(axis=2) - channels.min(axis=2)
    # Not the maximum: a few coloured pixels, such as a small mark, do not make a colour picture.
    if np.percentile(spread, 99.9) > GREY_TOLERANCE:
        raise UnreadableImage(
            "colour",
            "This is a colour picture, but lateral-spine scans are grey. Export the grey image.",
        )
    # The channels agree within the tolerance, so one of them is enough.
    return channels[:, :, 1].astype(np.uint8)
