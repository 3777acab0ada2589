r"""Lengths of calcified wall, measured from traces and from the boundaries of the levels.

Points are first converted to isotropic units: mm where the pixel spacing is known, otherwise pixel
widths. For each wall one line is fitted to its traces by total least squares, weighted by length:
with centroid :math:`c` and second moments :math:`s_{xx}, s_{xy}, s_{yy}` of the traced curves, its
direction is :math:`\theta = \tfrac{1}{2} \operatorname{atan2}(2 s_{xy}, s_{xx} - s_{yy})`. The
curves enter by integrals along their segments, so that splitting a trace changes nothing.

Each trace is projected onto the line as an interval, and overlapping intervals are merged. A
boundary is projected as the point in which it meets the line. The frontend measures in the same way
(``frontend/src/reading/measuring/geometry.ts``); both are tested with the same vectors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

BOUNDARIES: Final = 5
"""Boundaries of the levels from cranial to caudal: T12/L1, L1/L2, L2/L3, L3/L4, L4/L5."""

MIN_SPAN_HEIGHTS: Final = 0.5
"""Traces that extend over less than this many level heights do not determine the direction."""

MIN_COSINE: Final = math.cos(math.radians(45))
"""Nor do traces that run more across the spine than along it."""

MIN_SINE: Final = 0.2
"""A boundary that meets the wall at a smaller angle has no defined position on it."""

MIN_LENGTH: Final = 1e-6
"""Traces shorter than this in all, in isotropic units, are points: rounding decides their sums."""

FloatArray = NDArray[np.float64]
Boundary = FloatArray | None
"""Two points (2, 2) of a boundary in isotropic units, or None where it is unknown."""


@dataclass(frozen=True, slots=True)
class WallLine:
    """The line fitted to a wall: a point, and a unit vector that points caudally."""

    point: FloatArray
    direction: FloatArray

    def positions(self, points: FloatArray) -> FloatArray:
        """Return the positions along the line (n,) of points (n, 2)."""
        return np.asarray((points - self.point) @ self.direction)

    def crossing(self, boundary: FloatArray) -> float | None:
        """Return the position in which a boundary meets the line; None if it is near parallel."""
        start, along = boundary[0], boundary[1] - boundary[0]
        length = math.hypot(*along)
        sine = _cross(self.direction, along)
        if length == 0 or abs(sine) < MIN_SINE * length:
            return None
        return _cross(start - self.point, along) / sine


@dataclass(frozen=True, slots=True)
class LevelLengths:
    """Lengths of one wall in one level, in isotropic units; None where they are not defined."""

    calcified: float | None
    wall: float | None


def to_isotropic(points: ArrayLike, across: float, down: float) -> FloatArray:
    """Return image points (n, 2) in isotropic units, given the width and height of a pixel."""
    return np.asarray(points, float).reshape(-1, 2) * [across, down]


def measure_wall(
    traces: Sequence[FloatArray], boundaries: Sequence[Boundary]
) -> list[LevelLengths]:
    """Return the lengths of one wall in L1 to L4.

    Parameters
    ----------
    traces : sequence of float array (points, 2)
        The calcified stretches of the wall, in isotropic units. Stretches without length are
        ignored.
    boundaries : sequence of 5
        The boundaries from cranial to caudal.

    Returns
    -------
    list of LevelLengths
        Without a trace, the calcified length is 0 and the length of the wall is not defined. A
        level is not defined either if one of its boundaries is unknown, near parallel to the wall,
        or not caudal of the boundary above.
    """
    line = fit_line(traces, boundaries)
    if line is None:
        return [LevelLengths(0.0, None)] * (BOUNDARIES - 1)
    crossings = [None if b is None else line.crossing(b) for b in boundaries]
    stretches = merge_intervals(
        [(float(t.min()), float(t.max())) for t in map(line.positions, traces)]
    )
    levels = []
    for upper, lower in pairwise(crossings):
        # Boundaries that cross on the wall leave no stretch that could be measured.
        if upper is None or lower is None or lower <= upper:
            levels.append(LevelLengths(None, None))
            continue
        # A trace across a boundary counts in both levels, each with its own part.
        inside = [min(end, lower) - max(start, upper) for start, end in stretches]
        calcified = sum(length for length in inside if length > 0)
        levels.append(LevelLengths(float(calcified), lower - upper))
    return levels


def fit_line(traces: Sequence[FloatArray], boundaries: Sequence[Boundary]) -> WallLine | None:
    """Return the line of a wall; None if no trace has a length.

    A short or transverse set of traces does not show the direction of the wall. The line then runs
    along the spine, from the middle of the first known boundary to that of the last one.
    """
    starts = np.concatenate([trace[:-1] for trace in traces]) if traces else np.empty((0, 2))
    ends = np.concatenate([trace[1:] for trace in traces]) if traces else np.empty((0, 2))
    lengths = np.hypot(*(ends - starts).T)
    total = float(lengths.sum())
    if total < MIN_LENGTH:
        return None
    centre: FloatArray = lengths @ ((starts + ends) / 2) / total
    start, end = starts - centre, ends - centre
    # Second moments of a segment from a to b: (aa + bb)/3 + (ab + ba)/6 per unit of length.
    xx, yy = (
        float(lengths @ (start[:, i] ** 2 + end[:, i] ** 2 + start[:, i] * end[:, i])) / 3
        for i in (0, 1)
    )
    mixed = start[:, 0] * end[:, 1] + start[:, 1] * end[:, 0]
    xy = float(lengths @ (2 * (start[:, 0] * start[:, 1] + end[:, 0] * end[:, 1]) + mixed)) / 6
    # The principal axis of the second moments; longer segments weigh more than denser points.
    angle = math.atan2(2 * xy, xx - yy) / 2
    direction = np.array([math.cos(angle), math.sin(angle)])
    axis, height = spine_axis(boundaries)
    cosine = float(direction @ axis)
    along_axis = np.concatenate([starts, ends]) @ axis
    span = float(along_axis.max() - along_axis.min())
    if abs(cosine) < MIN_COSINE or span < MIN_SPAN_HEIGHTS * height:
        return WallLine(centre, axis)
    return WallLine(centre, direction if cosine > 0 else -direction)


def spine_axis(boundaries: Sequence[Boundary]) -> tuple[FloatArray, float]:
    """Return the direction of the spine and the mean height of a level along it.

    With fewer than two known boundaries, the direction is downwards and the height 0.
    """
    # Midpoints of boundaries, since the ends of two guides are not equally far from the spine.
    known = [
        (k, boundary.mean(axis=0)) for k, boundary in enumerate(boundaries) if boundary is not None
    ]
    downwards = np.array([0.0, 1.0])
    if len(known) < 2:
        return downwards, 0.0
    (first, upper), (last, lower) = known[0], known[-1]
    length = math.hypot(*(lower - upper))
    if length == 0:
        return downwards, 0.0
    return (lower - upper) / length, length / (last - first)


def merge_intervals(intervals: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the union of intervals, so that stretches that overlap count once.

    Examples
    --------
    >>> merge_intervals([(5, 6), (0, 2), (1, 3)])
    [(0, 3), (5, 6)]
    """
    merged: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _cross(first: FloatArray, second: FloatArray) -> float:
    return float(first[0] * second[1] - first[1] * second[0])
