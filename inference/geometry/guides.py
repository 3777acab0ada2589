"""Inter-vertebral guides: the 13 lines that carry the spine's levels over to the aorta.

Guide k/k+1 runs from the mid-point between the lower posterior corner of k and the upper
posterior corner of k+1 through the mid-point of the anterior pair, and on across the aorta. Two
thirds divide each of the four bands between the five guides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from inference.geometry.pixel_size import PixelSize
from inference.results import VERTEBRAE, Guide, Landmarks, Point, Vertebra

LINE_COUNT = 13
EXTENSION = 1.0
EXCLUDED_FROM_WIDTH = "L4/L5"


def draw_guides(landmarks: Landmarks, size: PixelSize) -> tuple[Guide, ...]:
    """The lines that the landmarks allow, from above; 13 when all corners are there.

    Parameters
    ----------
    landmarks
        Corners in image pixels.
    size
        The pixels' width and height: the lines are extended by equal lengths in the body.

    Returns
    -------
    tuple of Guide
        Named ``T12/L1`` to ``L4/L5`` (guides) and ``L1 1/3`` to ``L4 2/3`` (thirds). ``end`` lies
        one mean width beyond ``anterior`` (`mean_width`).
    """
    bare = _ends_at_the_spine(landmarks)
    width = mean_width(bare, size)
    return tuple(_extended(line, size, width) for line in bare if width > 0)


def mean_width(lines: Sequence[Guide], size: PixelSize) -> float:
    """W: the mean length, posterior to anterior end, of all lines but L4/L5; 0 without lines."""
    lengths = [
        size.length(line.posterior, line.anterior)
        for line in lines
        if line.name != EXCLUDED_FROM_WIDTH
    ]
    return sum(lengths) / len(lengths) if lengths else 0.0


def beyond(line: Guide, size: PixelSize, distance: float) -> Point:
    """The place on a line's extension, `distance` in front of its anterior end."""
    length = size.length(line.posterior, line.anterior)
    share = distance / length if length > 0 else 0.0
    return (
        line.anterior[0] + (line.anterior[0] - line.posterior[0]) * share,
        line.anterior[1] + (line.anterior[1] - line.posterior[1]) * share,
    )


def clipped(start: Point, end: Point, width: int, height: int) -> tuple[Point, Point] | None:
    """The part of a segment inside an image, for drawing (Liang and Barsky 1984)."""
    first, last = 0.0, 1.0
    for axis, limit in ((0, width - 0.5), (1, height - 0.5)):
        way = end[axis] - start[axis]
        for step, room in ((-way, start[axis] + 0.5), (way, limit - start[axis])):
            if step == 0:
                if room < 0:
                    return None
                continue
            share = room / step
            if step < 0:
                first = max(first, share)
            else:
                last = min(last, share)
    if first > last:
        return None
    return between(start, end, first), between(start, end, last)


def between(start: Point, end: Point, share: float) -> Point:
    """The place that divides a segment: 0 is its start, 1 its end."""
    return (
        start[0] + (end[0] - start[0]) * share,
        start[1] + (end[1] - start[1]) * share,
    )


def _ends_at_the_spine(landmarks: Landmarks) -> list[Guide]:
    guides = [_guide(landmarks, upper, lower) for upper, lower in pairwise(VERTEBRAE)]
    lines = []
    for place, guide in enumerate(guides):
        if guide is not None:
            lines.append(guide)
        below = guides[place + 1] if place + 1 < len(guides) else None
        if guide is not None and below is not None:
            level = VERTEBRAE[place + 1]
            lines += [_third(level, part, guide, below) for part in (1, 2)]
    return lines


def _guide(landmarks: Landmarks, upper: Vertebra, lower: Vertebra) -> Guide | None:
    posterior = _middle(
        landmarks.corner(upper, "inferior_posterior"), landmarks.corner(lower, "superior_posterior")
    )
    anterior = _middle(
        landmarks.corner(upper, "inferior_anterior"), landmarks.corner(lower, "superior_anterior")
    )
    if posterior is None or anterior is None or posterior == anterior:
        return None
    return Guide(f"{upper}/{lower}", "guide", posterior, anterior, anterior)


def _third(level: Vertebra, part: int, above: Guide, below: Guide) -> Guide:
    posterior = between(above.posterior, below.posterior, part / 3)
    anterior = between(above.anterior, below.anterior, part / 3)
    return Guide(f"{level} {part}/3", "third", posterior, anterior, anterior)


def _middle(one: Point | None, other: Point | None) -> Point | None:
    return None if one is None or other is None else between(one, other, 0.5)


def _extended(line: Guide, size: PixelSize, width: float) -> Guide:
    end = beyond(line, size, EXTENSION * width)
    return Guide(line.name, line.kind, line.posterior, line.anterior, end)
