"""Spines with known corners: two published ones, and a straight one for calculations by hand.

The published figures are the two example landmark sets of the VerteNet authors' repository
(makesense CSV: 24 points per image, T12 to L5, per body upper posterior, upper anterior, lower
posterior, lower anterior; anterior to the right; images of 402 x 1104 and 402 x 1248 pixels).
"""

from __future__ import annotations

import numpy as np

from inference.dicom.voi_windows import computed_windows
from inference.image import Image
from inference.results import VERTEBRAE, Body, Landmarks, Point

PUBLISHED = {
    "10623583": (
        (402, 1104),
        (
            "138,491 217,468 152,545 248,528 162,567 239,546 175,631 268,607 171,650 271,632 "
            "191,717 279,709 189,736 283,736 191,805 286,805 177,820 277,844 168,884 260,914 "
            "158,897 245,939 134,948 205,996"
        ),
    ),
    "10699236": (
        (402, 1248),
        (
            "113,402 212,388 133,470 226,454 138,491 237,476 162,564 258,545 161,584 264,576 "
            "167,662 272,652 181,686 287,690 179,765 279,765 175,791 278,802 174,867 269,878 "
            "159,894 268,912 158,961 246,991"
        ),
    ),
}
PUBLISHED_LORDOSIS_DEG = {"10623583": 49.3, "10699236": 27.4}


def published(name: str) -> tuple[int, int, Landmarks]:
    """Return width, height and landmarks of one of the published examples."""
    (width, height), text = PUBLISHED[name]
    points = [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]
    bodies = {v: Body(*points[4 * i : 4 * i + 4]) for i, v in enumerate(VERTEBRAE)}
    return width, height, Landmarks(bodies)


def straight() -> Landmarks:
    """Return bodies of 40 x 30 pixels with gaps of 10, from (100, 100), anterior to the right."""
    bodies = {}
    for index, vertebra in enumerate(VERTEBRAE):
        top = 100.0 + 40 * index
        bodies[vertebra] = Body((100.0, top), (140.0, top), (100.0, top + 30), (140.0, top + 30))
    return Landmarks(bodies)


def mapped(landmarks: Landmarks, move) -> Landmarks:
    """Return landmarks with every corner moved by a function of (x, y)."""

    def moved(point: Point | None) -> Point | None:
        return None if point is None else move(*point)

    return Landmarks(
        {
            v: Body(
                moved(body.superior_posterior),
                moved(body.superior_anterior),
                moved(body.inferior_posterior),
                moved(body.inferior_anterior),
                body.confidence,
            )
            for v, body in landmarks.bodies.items()
        }
    )


def image_from_pixels(pixels, *, spacing_mm=None, aspect=None) -> Image:
    """Return an image with these grey values in [0, 1]."""
    stored = (np.asarray(pixels) * 255).astype(np.uint8)
    if aspect is None:
        aspect = spacing_mm[0] / spacing_mm[1] if spacing_mm else 1.0
    return Image(
        pixels=np.asarray(pixels, np.float32),
        stored=stored,
        spacing_mm=spacing_mm,
        spacing_source="pixel_spacing" if spacing_mm else "none",
        pixel_aspect=aspect,
        scaling={"bits": 8},
        inverted=False,
        windows=computed_windows(stored, inverted=False),
        name="constructed",
    )


def grey_image(width=300, height=400, value=0.5, **options) -> Image:
    """Return an image of one grey value."""
    return image_from_pixels(np.full((height, width), value, np.float32), **options)
