"""Read the size of an image from its file header, without decoding pixels."""

from __future__ import annotations

from pathlib import Path

import PIL.Image

from inference.dicom.dataset import UnreadableImage, looks_like_dicom, open_dataset


def image_size(path: Path) -> tuple[int, int] | None:
    """Return width and height in pixels, or ``None`` if the header cannot be read.

    No error is raised in that case: decoding the pixels later gives a more precise message.
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
