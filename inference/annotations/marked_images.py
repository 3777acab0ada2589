"""One image's landmarks, whichever file they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from inference.results import CORNERS, VERTEBRAE, CropVerdict, Landmarks, Side, Spacing, Vertebra


class FormatError(ValueError):
    """A landmark file that cannot be used, and why, in words."""


@dataclass(frozen=True, slots=True)
class MarkedImage:
    """Landmarks in original pixels, and what the file says about their image.

    ``crop`` tells whether the aorta is truly cut off, ``levels_knowable`` whether the image shows
    enough to name its levels for certain, ``None`` where that is not known; ``origin`` who marked
    the corners, by which version, and when; ``subject`` is a code of the patient, the same on all
    images of one, and never a name; ``places`` says where in the file each body stands, for
    messages.
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
    subject: str | None = None
    places: Mapping[Vertebra, str] = field(default_factory=dict, compare=False, repr=False)


def checked(image: MarkedImage) -> MarkedImage:
    """The same image, all of whose corners are numbers that lie near it.

    Raises
    ------
    FormatError
        For a size below 1, a corner that is no finite number, and one that lies further outside
        the image than the image is large.
    """
    if min(image.width, image.height) < 1:
        raise FormatError(f"{image.file}: an image of {image.width} x {image.height} pixels")
    size = np.array([image.width, image.height])
    places = image.landmarks.as_array()
    given = np.array(
        [[image.landmarks.corner(v, name) is not None for name in CORNERS] for v in VERTEBRAE]
    )
    near = ((places > -size) & (places < 2 * size)).all(axis=2)  # NaN lies nowhere
    for body, corner in np.argwhere(given & ~near):
        x, y = places[body, corner]
        raise FormatError(
            f"{image.file}: {CORNERS[corner]} of {VERTEBRAE[body]} at ({x:g}, {y:g}) is no place "
            f"on an image of {image.width} x {image.height} "
            f"({location_in_file(image, VERTEBRAE[body])}). Correct it, or leave the corner out."
        )
    return image


def location_in_file(image: MarkedImage, vertebra: Vertebra) -> str:
    """Return where a file marks a body, such as "rows 2 to 5" or "annotation 7"."""
    return image.places.get(vertebra, f"landmarks of {vertebra}")


def parse_vertebra(text: object) -> Vertebra | None:
    """Return the vertebra that a text names, whatever its capitals.

    Examples
    --------
    >>> parse_vertebra(" l1 "), parse_vertebra("T11")
    (<Vertebra.L1: 'L1'>, None)
    """
    name = str(text).strip().upper()
    return Vertebra(name) if name in VERTEBRAE else None


def parse_subject_code(told: object) -> str | None:
    """A patient's code as files give it: text or a number, ``None`` where it is empty.

    Examples
    --------
    >>> parse_subject_code("trial/P0001"), parse_subject_code(7), parse_subject_code(" ")
    ('trial/P0001', '7', None)
    """
    return None if told is None else str(told).strip() or None


def written(value: float) -> str:
    """A coordinate to a thousandth of a pixel, without idle zeros.

    Examples
    --------
    >>> written(12.5), written(-3.0), written(1e-9)
    ('12.5', '-3', '0')
    """
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
