"""Whether marked corners can be those of a spine, before anything is computed from them.

Files say which level and corner a point is. Where the points themselves contradict that, one of the
two is wrong, and every error measured against them would be as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.annotations.marked_images import FormatError, MarkedImage, location_in_file
from inference.results import CORNERS, VERTEBRAE, Vertebra

MOST_OUTSIDE: Final = 0.25
"""How far a corner may lie outside the image, as a share of its side."""
LARGEST_FRACTION: Final = 1.5
"""Coordinates up to this, on an image of more pixels, are fractions of its sides."""
SMALLEST_SPAN: Final = 0.08
"""Marked bodies, three or more, reach over at least this share of the image's height."""
BODIES_FOR_SPAN: Final = 3
MOST_KYPHOTIC_DEG: Final = 15.0
"""A lumbar spine bent further forward than this, L1 to L5, was probably marked mirrored."""

Points = NDArray[np.float64]


def plausible(image: MarkedImage) -> MarkedImage:
    """Return the image whose marks were checked.

    Raises
    ------
    FormatError
        The coordinates are fractions or of another scale, a corner lies far outside the image, a
        body's corners are in another order, or bodies do not follow each other from above.
    """
    points = image.landmarks.as_array()
    problem = next(_problems(image, points), None)
    if problem is not None:
        raise FormatError(f"{image.file}: {problem}")
    return image


def _problems(image: MarkedImage, points: Points) -> Iterator[str]:
    if not np.isfinite(points).any():
        return
    size = np.array([image.width, image.height])
    if size.max() > 2 * LARGEST_FRACTION and np.nanmax(np.abs(points)) <= LARGEST_FRACTION:
        first = next(iter(image.landmarks.bodies))
        yield (
            f"all coordinates lie between 0 and 1 (from {location_in_file(image, first)} on), so they "
            "are fractions of the image. Write pixels: multiply x by the width and y by the height."
        )
    yield from _outside(image, points, size)
    yield from _too_small(image, points)
    for place, vertebra in enumerate(VERTEBRAE):
        if problem := _disorder(points[place]):
            yield (
                f"{vertebra} ({location_in_file(image, vertebra)}): {problem}. Bring its corners into "
                f"the order {', '.join(CORNERS)}."
            )
    yield from _sides(image, points)
    yield from _sequence(image, points)
    yield from _mirrored(image, points)


def _outside(image: MarkedImage, points: Points, size: NDArray[np.int64]) -> Iterator[str]:
    margin = MOST_OUTSIDE * size
    far = ((points < -margin) | (points > size + margin)).any(axis=2)
    for body, corner in np.argwhere(far):
        x, y = points[body, corner]
        yield (
            f"{CORNERS[corner]} of {VERTEBRAE[body]} "
            f"({location_in_file(image, VERTEBRAE[body])}) at ({x:g}, {y:g}) lies far outside the "
            f"image of {image.width} x {image.height} pixels. Correct its coordinates, or leave "
            "the corner out."
        )


def _too_small(image: MarkedImage, points: Points) -> Iterator[str]:
    y = points[..., 1]
    marked = np.isfinite(y).any(axis=1).sum()
    span = float(np.nanmax(y) - np.nanmin(y))
    if marked >= BODIES_FOR_SPAN and span < SMALLEST_SPAN * image.height:
        yield (
            f"{marked} bodies lie within {span:g} of {image.height} pixels, so the coordinates "
            "are of another scale, such as per cent. Write pixels of this image."
        )


def _disorder(corners: Points) -> str:
    """Return what is wrong with one body (4, 2), NaN where a corner is missing; "" if nothing."""
    upper, lower = corners[:2], corners[2:]
    below = lower[:, 1] - upper[:, 1]
    if np.isfinite(below).any() and np.nanmean(below) <= 0:
        return "its lower corners lie above its upper ones"
    if not np.isfinite(corners).all():
        return ""
    superior_posterior, superior_anterior, inferior_posterior, inferior_anterior = corners
    ends = (superior_posterior, superior_anterior), (inferior_posterior, inferior_anterior)
    walls = (superior_posterior, inferior_posterior), (superior_anterior, inferior_anterior)
    if _cross(*ends) or _cross(*walls):
        return "two of its edges cross"
    if _area(corners) == 0:
        return "its corners lie on one line"
    return ""


def _sides(image: MarkedImage, points: Points) -> Iterator[str]:
    """Yield the body whose anterior corners lie on the other side than those of most bodies."""
    forward = points[:, (1, 3), 0] - points[:, (0, 2), 0]
    known = np.isfinite(forward).any(axis=1)
    ways = np.zeros(len(points))
    ways[known] = np.sign(np.nanmean(forward[known], axis=1))
    usual = 1 if ways.sum() >= 0 else -1
    for place in np.flatnonzero(ways == -usual):
        side = "left" if usual > 0 else "right"
        yield (
            f"the anterior corners of {VERTEBRAE[place]} "
            f"({location_in_file(image, VERTEBRAE[place])}) lie on the {side}, those of the other "
            "bodies do not. Exchange its anterior and posterior corners."
        )


def _sequence(image: MarkedImage, points: Points) -> Iterator[str]:
    """Yield the first body that lies above the one that should be above it."""
    known = [place for place in range(len(points)) if np.isfinite(points[place]).any()]
    heights = {place: float(np.nanmean(points[place, :, 1])) for place in known}
    for upper, lower in pairwise(known):
        if heights[lower] <= heights[upper]:
            one, other = VERTEBRAE[upper], VERTEBRAE[lower]
            yield (
                f"{other} ({location_in_file(image, other)}) does not lie below {one} "
                f"({location_in_file(image, one)}). Correct the levels: they run from T12 down to L5."
            )


def _mirrored(image: MarkedImage, points: Points) -> Iterator[str]:
    """Yield where all anterior and posterior corners are exchanged: the lordosis is reversed.

    A file that states the anterior side of the image as its corners have it is believed.
    """
    forward = float(np.nansum(points[:, (1, 3), 0] - points[:, (0, 2), 0]))
    side = "left" if forward < 0 else "right"
    upper, lower = (
        points[VERTEBRAE.index(Vertebra.L1), :2],
        points[VERTEBRAE.index(Vertebra.L5), 2:],
    )
    if image.anterior == side or not np.isfinite([upper, lower]).all():
        return
    row_mm, column_mm = image.spacing_mm or (1.0, 1.0)
    scale = np.array([column_mm if side == "right" else -column_mm, row_mm])
    tilts = [np.arctan2(*((plate[1] - plate[0]) * scale)[::-1]) for plate in (lower, upper)]
    lordosis_deg = float(np.degrees(tilts[0] - tilts[1]))
    if lordosis_deg < -MOST_KYPHOTIC_DEG:
        yield (
            f"the spine would bend forward by {-lordosis_deg:.0f} degrees from L1 to L5 if its "
            f"anterior side were on the {side}, so the anterior and posterior corners are probably "
            "exchanged in every body. Exchange them; if the side is right, give the landmarks as "
            f'COCO with "anterior": "{side}" in the image.'
        )


def _cross(one: tuple[Points, Points], other: tuple[Points, Points]) -> bool:
    """Say whether two segments cross between their ends."""
    (a, b), (c, d) = one, other
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Points, b: Points, c: Points) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _area(corners: Points) -> float:
    outline = corners[[0, 1, 3, 2]]
    following = np.roll(outline, -1, axis=0)
    return float((outline[:, 0] * following[:, 1] - outline[:, 1] * following[:, 0]).sum())
