"""Check that marked corners can be those of a spine, before they are used.

Files state the level and corner of each point. If the points contradict that, one of the two is
wrong, and so would be every error measured against them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.annotations.marked_images import FormatError, MarkedImage, location_in_file
from inference.results import CORNERS, VERTEBRAE, Vertebra

# How the limits were selected is not recorded.
MAX_OUTSIDE: Final = 0.25
"""Maximum distance of a corner outside the image, as a share of the image's side."""
MAX_FRACTION: Final = 1.5
"""If no coordinate exceeds this, on an image of more pixels, they are fractions of its sides."""
MIN_SPAN: Final = 0.08
"""Minimum share of the image height that three or more marked bodies span."""
BODIES_FOR_SPAN: Final = 3
"""Fewer bodies may legitimately span little of a long image."""
MAX_KYPHOSIS_DEG: Final = 15.0
"""Kyphosis from L1 to L5 beyond which the spine was probably marked with the sides swapped."""

Points = NDArray[np.float64]


def check_plausibility(image: MarkedImage) -> MarkedImage:
    """Return the image after checking its landmarks.

    Raises
    ------
    FormatError
        If coordinates are fractions or of another scale, a corner lies far outside the image, the
        corners of a body are out of order, or bodies are not ordered from cranial to caudal.
    """
    points = image.landmarks.as_array()
    problem = next(_problems(image, points), None)
    if problem is not None:
        raise FormatError(f"{image.file}: {problem}")
    return image


def _problems(image: MarkedImage, points: Points) -> Iterator[str]:
    """Yield the problems of corners (6, 4, 2), the most fundamental first."""
    if not np.isfinite(points).any():
        return
    size = np.array([image.width, image.height])
    # Images of a few pixels may have such coordinates.
    if size.max() > 2 * MAX_FRACTION and np.nanmax(np.abs(points)) <= MAX_FRACTION:
        first = next(iter(image.landmarks.bodies))
        yield (
            f"all coordinates lie between 0 and 1 (from {location_in_file(image, first)} on), so "
            "they are fractions of the image. Multiply x by the width and y by the height."
        )
    yield from _outside(image, points, size)
    yield from _too_small(image, points)
    for index, vertebra in enumerate(VERTEBRAE):
        if problem := _corner_problem(points[index]):
            yield (
                f"{vertebra} ({location_in_file(image, vertebra)}): {problem}. Put its corners "
                f"in the order {', '.join(CORNERS)}."
            )
    yield from _sides(image, points)
    yield from _sequence(image, points)
    yield from _mirrored(image, points)


def _outside(image: MarkedImage, points: Points, size: NDArray[np.int64]) -> Iterator[str]:
    margin = MAX_OUTSIDE * size
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
    if marked >= BODIES_FOR_SPAN and span < MIN_SPAN * image.height:
        yield (
            f"{marked} bodies lie within {span:g} of {image.height} pixels, so the coordinates "
            "are on another scale, such as per cent. Use pixels of this image."
        )


def _corner_problem(corners: Points) -> str:
    """Return the problem of one body (4, 2), NaN for missing corners; "" if there is none."""
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
    directions = np.zeros(len(points))
    directions[known] = np.sign(np.nanmean(forward[known], axis=1))
    usual = 1 if directions.sum() >= 0 else -1
    for index in np.flatnonzero(directions == -usual):
        side = "left" if usual > 0 else "right"
        yield (
            f"the anterior corners of {VERTEBRAE[index]} "
            f"({location_in_file(image, VERTEBRAE[index])}) lie on the {side}, unlike those of the "
            "other bodies. Swap its anterior and posterior corners."
        )


def _sequence(image: MarkedImage, points: Points) -> Iterator[str]:
    """Yield the bodies that do not lie below the body that should be above them."""
    known = [index for index in range(len(points)) if np.isfinite(points[index]).any()]
    heights = {index: float(np.nanmean(points[index, :, 1])) for index in known}
    for upper, lower in pairwise(known):
        if heights[lower] <= heights[upper]:
            one, other = VERTEBRAE[upper], VERTEBRAE[lower]
            yield (
                f"{other} ({location_in_file(image, other)}) does not lie below {one} "
                f"({location_in_file(image, one)}). Correct the levels, which run from T12 down to "
                "L5."
            )


def _mirrored(image: MarkedImage, points: Points) -> Iterator[str]:
    """Yield a problem if anterior and posterior corners are swapped in all bodies.

    The lordosis is then reversed. There is no problem if the file itself states that side.
    """
    forward = float(np.nansum(points[:, (1, 3), 0] - points[:, (0, 2), 0]))
    side = "left" if forward < 0 else "right"
    upper, lower = (
        points[VERTEBRAE.index(Vertebra.L1), :2],
        points[VERTEBRAE.index(Vertebra.L5), 2:],
    )
    # A side that the file states explicitly overrides the suspicion.
    if image.anterior == side or not np.isfinite([upper, lower]).all():
        return
    # Angles are measured in mm, because pixels need not be square.
    row_mm, column_mm = image.spacing_mm or (1.0, 1.0)
    scale = np.array([column_mm if side == "right" else -column_mm, row_mm])
    tilts = [np.arctan2(*((plate[1] - plate[0]) * scale)[::-1]) for plate in (lower, upper)]
    lordosis_deg = float(np.degrees(tilts[0] - tilts[1]))
    if lordosis_deg < -MAX_KYPHOSIS_DEG:
        yield (
            f"the spine would have a kyphosis of {-lordosis_deg:.0f} degrees from L1 to L5 if its "
            f"anterior side were on the {side}, so the anterior and posterior corners are probably "
            f"swapped in every body. Swap them. If anterior is indeed on the {side}, provide the "
            f'landmarks as COCO with "anterior": "{side}" in the image.'
        )


def _cross(one: tuple[Points, Points], other: tuple[Points, Points]) -> bool:
    """Return whether two segments cross between their ends."""
    (a, b), (c, d) = one, other
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Points, b: Points, c: Points) -> float:
    """Return twice the signed area of the triangle a, b, c."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _area(corners: Points) -> float:
    """Return twice the signed area of a body (4, 2)."""
    outline = corners[[0, 1, 3, 2]]
    following = np.roll(outline, -1, axis=0)
    return float((outline[:, 0] * following[:, 1] - outline[:, 1] * following[:, 0]).sum())
