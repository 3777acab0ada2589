"""The size of an image from the head of its file, without decoding a pixel."""

from __future__ import annotations

from pathlib import Path

import PIL.Image

from inference.dicom.dataset import UnreadableImage, looks_like_dicom, open_dataset


def image_size(path: Path) -> tuple[int, int] | None:
    """Return width and height in pixels, None where the file does not tell.

    Such a file is left to the reading of its pixels, which says what is wrong with it.
    """
    try:
        data = path.read_bytes()
        if looks_like_dicom(data):
            dataset = open_dataset(data)
            return int(dataset.Columns), int(dataset.Rows)
        with PIL.Image.open(path) as picture:
            return picture.size
    except (OSError, UnreadableImage, AttributeError, TypeError, ValueError):
        return None
