"""One image's landmarks, whichever file they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.shapes import CropVerdict, Landmarks, Side, Spacing


class FormatError(ValueError):
    """A landmark file that cannot be used, and why, in words."""


@dataclass(frozen=True, slots=True)
class MarkedImage:
    """Landmarks in original pixels, and what the file says about their image.

    ``crop`` tells whether the aorta is truly cut off, ``levels_knowable`` whether the image shows
    enough to name its levels for certain, ``None`` where that is not known; ``origin`` who marked
    the corners, by which version, and when.
    """

    file: str
    width: int
    height: int
    landmarks: Landmarks
    anterior: Side | None = None
    spacing_mm: Spacing | None = None
    family: str | None = None
    crop: CropVerdict | None = None
    origin: Mapping[str, Any] | None = None
    levels_knowable: bool | None = None


def written(value: float) -> str:
    """A coordinate to a thousandth of a pixel, without idle zeros.

    >>> written(12.5), written(-3.0), written(1e-9)
    ('12.5', '-3', '0')
    """
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
