"""Fields of view: where they end, and the stepped edges of scans in several sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import Spine
from inference.phantom.families import Scanner
from inference.phantom.raster import Grid

Field = tuple[float, float, float, float]
"""Left, top, width and height in mm."""

_LIMITS: Final = {"L3": 0.25, "L4": 0.3, "L5": 0.25, "T12": 0.2}
"""Shares of limited fields that end below a lumbar body, or start above T12."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The part of a field between two heights, with its own lateral edges, in mm."""

    top: float
    bottom: float
    left: float
    right: float


def sample_field(
    rng: np.random.Generator, scanner: Scanner, spine: Spine, *, partial: float
) -> Field:
    """Return left, top, width and height (mm) of a field of view.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    scanner : Scanner
        The scanner.
    spine : Spine
        The subject's spine.
    partial : float
        Probability that the field ends anywhere, also within L1-L5. Otherwise it contains the
        bodies from T12 to the last lumbar one.
    """
    width, height = float(rng.uniform(*scanner.width_mm)), float(rng.uniform(*scanner.height_mm))
    before_last, last = spine.lumbar[-2:]
    t12 = spine.body("T12")
    lowest = float(last.corners()[:, 1].max())
    if rng.random() < partial:
        bottom = float(rng.uniform(before_last.center[1] - 15, lowest + 5))
    else:
        bottom = lowest + float(rng.gamma(1.3, 16.0)) + 3
    top = bottom - height
    ceiling = spine.bodies[0].center[1] + 2
    if rng.random() < partial:
        top = float(rng.uniform(spine.body("T8").center[1], t12.center[1] + 25))
    top = min(max(top, ceiling), float(t12.corners()[:, 1].min()) - 6 if partial < 1 else top)
    return _around(rng, spine, width, top, max(bottom - top, 120.0), bottom)


def sample_limited_field(rng: np.random.Generator, scanner: Scanner, spine: Spine) -> Field:
    """Return a field that ends below L3, L4 or L5, or starts at T12; in mm as `sample_field`."""
    width, height = float(rng.uniform(*scanner.width_mm)), float(rng.uniform(*scanner.height_mm))
    levels = list(_LIMITS)
    limit = str(rng.choice(levels, p=list(_LIMITS.values())))
    levels_present = [body.level for body in spine.bodies]
    # With four lumbar bodies there is no L5.
    index = levels_present.index(limit) if limit in levels_present else len(levels_present) - 2
    body = spine.bodies[index]
    if limit == "T12":
        above = spine.bodies[index - 1]
        edge = float(body.corners()[:, 1].min()) - 0.5
        # T12 is complete, and less than half of T11 is visible.
        top = float(rng.uniform(min(above.center[1] + 2, edge - 1), edge))
        lowest = float(spine.lumbar[-1].corners()[:, 1].max())
        bottom = lowest + float(rng.gamma(1.3, 16.0)) + 3
    else:
        below = spine.bodies[index + 1]
        edge = float(body.corners()[:, 1].max()) + 0.5
        bottom = float(rng.uniform(edge, max(below.center[1] - 2, edge + 1)))
        top = max(bottom - height, spine.bodies[0].center[1] + 2)
    return _around(rng, spine, width, top, bottom - top, bottom)


def _around(
    rng: np.random.Generator, spine: Spine, width: float, top: float, height: float, bottom: float
) -> Field:
    """Return a field of given heights that contains the spine and usually the aorta."""
    within = [b for b in spine.bodies if top < b.center[1] < bottom]
    front = max(b.center[0] + b.depth / 2 for b in within)
    back = min(b.center[0] for b in within) - 17.0
    # Most fields end beyond the aorta; a few end on it, so that the crop check has both cases.
    aorta_room = front + float(rng.uniform(22, 60))
    if rng.random() < 0.06:
        aorta_room = front + float(rng.uniform(0, 25))
    left = min(aorta_room - width, back - float(rng.uniform(2, 40)))
    if rng.random() < 0.5:
        left = max(left, back - 75)
    return left, top, width, height


def sample_sweeps(
    rng: np.random.Generator, spine: Spine, field: Field
) -> tuple[Field, tuple[Sweep, ...]]:
    """Return the sweeps of an arm that follows the spine, and the field that encloses them.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    spine : Spine
        The subject's spine.
    field : Field
        Its top and height are used.
    """
    _, top, _, height = field
    bottom = top + height
    centers = np.array([body.center for body in spine.bodies])
    front = float(rng.uniform(22, 85)) if rng.random() >= 0.06 else float(rng.uniform(0, 25))
    ahead, behind = 18.0 + front, 17.0 + float(rng.uniform(20, 75))
    # An arm moves only if the spine has left the middle of its sweep by this distance.
    slack = float(rng.uniform(2, 8))
    middle, y, sweeps = np.nan, top, []
    while y < bottom:
        end = min(y + float(rng.uniform(18, 55)), bottom)
        if bottom - end < 8:
            end = bottom
        spine_x = float(np.interp((y + end) / 2, centers[:, 1], centers[:, 0]))
        if not abs(spine_x - middle) <= slack:
            middle = spine_x
        extra = rng.uniform(0, 14, 2) * (rng.random(2) < 0.25)
        sweeps.append(Sweep(y, end, middle - behind - extra[0], middle + ahead + extra[1]))
        y = end
    left, right = min(s.left for s in sweeps), max(s.right for s in sweeps)
    return (left, top, right - left, height), tuple(sweeps)


def outside_sweeps(sweeps: Sequence[Sweep], grid: Grid) -> NDArray[np.bool_]:
    """Return which pixels (H, W) of a grid lie outside all sweeps."""
    outside = np.ones((grid.height, grid.width), bool)
    for sweep in sweeps:
        rows = (grid.ys >= sweep.top) & (grid.ys <= sweep.bottom)
        columns = (grid.xs >= sweep.left) & (grid.xs <= sweep.right)
        outside[np.ix_(rows, columns)] = False
    return outside


def anterior_margin(points: NDArray[np.float64], sweeps: Sequence[Sweep], right: float) -> float:
    """Return the smallest distance (mm) from points (n, 2) to the anterior edge of the field.

    Parameters
    ----------
    points : float array (n, 2)
        Points in mm.
    sweeps : sequence of Sweep
        Sweeps, if the edges have steps.
    right : float, mm
        Anterior edge of the field without sweeps.
    """
    if not sweeps:
        return float(right - points[:, 0].max())
    tops = np.array([sweep.top for sweep in sweeps])
    edges = np.array([sweep.right for sweep in sweeps])
    # Points above or below the field are compared with the nearest sweep.
    index = np.clip(np.searchsorted(tops, points[:, 1], side="right") - 1, 0, len(sweeps) - 1)
    return float((edges[index] - points[:, 0]).min())
