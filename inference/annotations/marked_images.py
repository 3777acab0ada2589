"""Represent the landmarks of one image, independently of the file format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from inference.results import CORNERS, VERTEBRAE, CropVerdict, Landmarks, Side, Spacing, Vertebra

LEVEL_NAME = re.compile(r"(?:VERTEBRA[ _-]?)?(?:TH|[CTLS])[ _-]?\d{1,2}", re.IGNORECASE)
"""A vertebra of any region, such as T11, Th12, L 6 or S1."""


class FormatError(ValueError):
    """A landmark file that cannot be used; the message states the reason for users."""


@dataclass(frozen=True, slots=True)
class MarkedImage:
    """Landmarks in original image pixels, with what the file states about their image.

    Attributes
    ----------
    file
        Name of the image file.
    width, height
        Size of the image in pixels.
    landmarks
        Corners in image pixels.
    anterior
        Anterior side of the image, if stated.
    spacing_mm
        (row, column), if stated.
    family
        Scanner family of a phantom.
    crop
        Reference standard of the crop check, ``None`` if unknown.
    origin
        Who marked the corners, with which version, and when.
    levels_knowable
        Whether the image shows enough to label its levels with certainty, ``None`` if unknown.
    lumbar
        Number of lumbar vertebrae that can be counted in the image, ``None`` if unknown.
    subject
        Code of the patient, the same for all images of one patient; never a name.
    locations
        Position of each body in the file, for messages.
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
    lumbar: int | None = None
    subject: str | None = None
    locations: Mapping[Vertebra, str] = field(default_factory=dict, compare=False, repr=False)


def validate_landmarks(image: MarkedImage) -> MarkedImage:
    """Return the image after checking that its corners are finite and close to the image.

    Raises
    ------
    FormatError
        For a size below 1, a corner that is not finite, and a corner further outside the image than
        the size of the image.
    """
    if min(image.width, image.height) < 1:
        raise FormatError(
            f"{image.file}: the image size {image.width} x {image.height} is invalid. Correct it."
        )
    size = np.array([image.width, image.height])
    corners = image.landmarks.as_array()
    given = np.array(
        [[image.landmarks.corner(v, name) is not None for name in CORNERS] for v in VERTEBRAE]
    )
    # Corners may lie outside a cropped field, but not further than the size of the image.
    near = ((corners > -size) & (corners < 2 * size)).all(axis=2)  # false for NaN
    for body, corner in np.argwhere(given & ~near):
        x, y = corners[body, corner]
        raise FormatError(
            f"{image.file}: {CORNERS[corner]} of {VERTEBRAE[body]} at ({x:g}, {y:g}) does not lie "
            f"on an image of {image.width} x {image.height} pixels "
            f"({location_in_file(image, VERTEBRAE[body])}). Correct it, or leave the corner out."
        )
    return image


def location_in_file(image: MarkedImage, vertebra: Vertebra) -> str:
    """Return the position of a body in its file, such as "rows 2 to 5" or "annotation 7"."""
    return image.locations.get(vertebra, f"landmarks of {vertebra}")


def parse_vertebra(text: object) -> Vertebra | None:
    """Return the vertebra that a text names, ignoring case; ``None`` for any other text.

    Examples
    --------
    >>> parse_vertebra(" l1 "), parse_vertebra("T11")
    (<Vertebra.L1: 'L1'>, None)
    """
    name = str(text).strip().upper()
    return Vertebra(name) if name in VERTEBRAE else None


def is_level_name(text: object) -> bool:
    """Return whether a text names a vertebra of any region, in a common spelling.

    Examples
    --------
    >>> is_level_name("T11"), is_level_name("Th 12"), is_level_name("S1"), is_level_name("rib")
    (True, True, True, False)
    """
    return LEVEL_NAME.fullmatch(str(text).strip()) is not None


def parse_subject_code(value: object) -> str | None:
    """Return a patient's code as text; ``None`` if it is empty.

    Examples
    --------
    >>> parse_subject_code("trial/P0001"), parse_subject_code(7), parse_subject_code(" ")
    ('trial/P0001', '7', None)
    """
    return None if value is None else str(value).strip() or None


def format_coordinate(value: float) -> str:
    """Return a coordinate rounded to 0.001 pixels, without trailing zeros.

    Examples
    --------
    >>> format_coordinate(12.5), format_coordinate(-3.0), format_coordinate(1e-9)
    ('12.5', '-3', '0')
    """
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
