"""JSON of an image: what a viewer needs to show it."""

from __future__ import annotations

from typing import Annotated, TypedDict

from inference.results import Side
from studies.cases.models import Image
from studies.openapi import Keyword


class WindowJSON(TypedDict):
    """Centre and width of a display window, in stored grey values."""

    center: float
    width: float


class NamedWindowJSON(WindowJSON):
    """A display window that the file or VerteRead proposes."""

    name: str


class ImageJSON(TypedDict):
    """An image, as a viewer shows it. ``spacing_mm`` is the distance of rows, then of columns."""

    width: int
    height: int
    bits: Annotated[int, Keyword("enum", (8, 16))]
    windows: list[NamedWindowJSON]
    invert: bool
    spacing_mm: tuple[float, float] | None
    pixel_aspect: float
    anterior: Side


def image_json(image: Image, anterior: str) -> ImageJSON:
    """Return what a viewer needs to show an image; anterior is right until it is known."""
    return {
        "width": image.width,
        "height": image.height,
        "bits": image.bits,
        "windows": image.windows,
        "invert": image.invert,
        "spacing_mm": image.spacing_mm,
        "pixel_aspect": image.pixel_aspect,
        "anterior": "left" if anterior == "left" else "right",
    }
