"""Drawing in mm on a grid of pixels: tubes and random fields."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_DENSE_LIMIT = 16_384
"""Up to this many pixels times segments, it is faster to evaluate all segments at all pixels."""


@dataclass(frozen=True)
class Grid:
    """The pixels of an image in mm.

    The centre of column i is at ``left + (i + 0.5) * column_mm``, rows accordingly.

    Attributes
    ----------
    left, top : float, mm
        Corner of the image.
    width, height : int
        Number of columns and rows.
    column_mm, row_mm : float
        Spacing of columns and rows.
    """

    left: float
    top: float
    width: int
    height: int
    column_mm: float
    row_mm: float

    @cached_property
    def xs(self) -> Array:
        """Return the x of every column (width,) in mm."""
        centers = self.left + (np.arange(self.width) + 0.5) * self.column_mm
        return centers.astype(np.float32)

    @cached_property
    def ys(self) -> Array:
        """Return the y of every row (height,) in mm."""
        centers = self.top + (np.arange(self.height) + 0.5) * self.row_mm
        return centers.astype(np.float32)

    @property
    def finest_mm(self) -> float:
        """Return the size in mm of the finest detail that the grid shows in both directions."""
        return max(self.column_mm, self.row_mm)

    def coarsened(self, finest_mm: float) -> Grid:
        """Return a grid of the same outer pixel centres whose pixels are at least this large."""
        step = finest_mm / self.finest_mm
        if step < 1.5:
            return self
        width, height = max(int(self.width / step), 2), max(int(self.height / step), 2)
        column_mm = (self.width - 1) * self.column_mm / (width - 1)
        row_mm = (self.height - 1) * self.row_mm / (height - 1)
        left = self.left + (self.column_mm - column_mm) / 2
        top = self.top + (self.row_mm - row_mm) / 2
        return Grid(left, top, width, height, column_mm, row_mm)

    def to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points (..., 2) in mm as pixel coordinates, with the first pixel's centre at 0."""
        scale = np.array([self.column_mm, self.row_mm])
        return np.asarray((points - np.array([self.left, self.top])) / scale - 0.5)

    def window(
        self, x0: float, x1: float, y0: float, y1: float
    ) -> tuple[tuple[slice, slice], Array, Array] | None:
        """Return the pixels of a box in mm.

        Returns
        -------
        (index, x, y) or None
            Slices of rows and columns, x of the columns (1, n) and y of the rows (m, 1), in mm;
            None if the box lies outside.
        """
        c0 = max(0, int((x0 - self.left) / self.column_mm))
        c1 = min(self.width, int((x1 - self.left) / self.column_mm) + 2)
        r0 = max(0, int((y0 - self.top) / self.row_mm))
        r1 = min(self.height, int((y1 - self.top) / self.row_mm) + 2)
        if c0 >= c1 or r0 >= r1:
            return None
        index = (slice(r0, r1), slice(c0, c1))
        return index, self.xs[None, c0:c1], self.ys[r0:r1, None]


def ramp(distance: Array, width: float) -> Array:
    """Return a linear edge, 0 outside and 1 inside, of ``width`` mm around a distance of 0."""
    share = np.asarray(distance / np.float32(width) + np.float32(0.5))
    return np.minimum(np.maximum(share, np.float32(0)), np.float32(1))


def add_tube(
    canvas: Array,
    grid: Grid,
    points: NDArray[np.float64],
    radius: float | NDArray[np.float64],
    *,
    fill: float,
    rim: float = 0.0,
    edge_mm: float = 1.0,
    flat: bool = False,
) -> None:
    """Add a tube along a polyline to a map.

    Parameters
    ----------
    canvas : float32 array (H, W)
        The map, changed in place.
    grid : Grid
        Its pixels.
    points : float array (points, 2)
        Centre line in mm.
    radius : float or float array (points,), mm
        Radius.
    fill, rim : float
        Value added inside, and additionally along the rim.
    edge_mm : float
        Width of the edge.
    flat : bool
        Whether the profile is flat, instead of that of a rounded rod.
    """
    radii = np.full(len(points), radius)
    # An edge sharper than a pixel would show steps.
    edge = max(edge_mm, grid.finest_mm)
    reach = float(radii.max()) + edge
    x0, y0 = points.min(axis=0).tolist()
    x1, y1 = points.max(axis=0).tolist()
    box = grid.window(x0 - reach, x1 + reach, y0 - reach, y1 + reach)
    if box is None:
        return
    index, x, y = box
    depth = _depth_in_tube(grid, index, x, y, points, radii, edge)
    part = canvas[index]
    near: slice | NDArray[np.bool_] = slice(None)
    if depth.size > _DENSE_LIMIT // 4:  # a tube fills only a small part of a large window
        near = depth > -edge / 2
        depth = depth[near]
    mean = np.float32(radii.mean())
    inside = ramp(depth, edge)
    value = np.float32(fill) * inside
    if not flat:
        share = np.minimum(np.maximum(depth, np.float32(0)), mean) / mean
        value *= np.sqrt(share * (2 - share)) + np.float32(0.1)
    if rim:
        value += np.float32(rim) * inside * np.exp(-((depth - edge / 2) ** 2) / (edge * edge))
    part[near] += value


def _depth_in_tube(
    grid: Grid,
    index: tuple[slice, slice],
    x: Array,
    y: Array,
    points: NDArray[np.float64],
    radii: NDArray[np.float64],
    edge: float,
) -> Array:
    """Return the depth inside a tube of the pixels of a window, in mm, negative outside."""
    rows, columns = index
    if (len(points) - 1) * x.size * y.size <= _DENSE_LIMIT:
        ends = points.T.astype(np.float32)[:, :, None, None]
        wide = radii.astype(np.float32)[:, None, None]
        return np.asarray(
            _depth_in_rods(x, y, ends[:, :-1], ends[:, 1:], wide[:-1], wide[1:]).max(axis=0)
        )
    depth = np.full((y.size, x.size), -9.0, np.float32)
    for k in range(len(points) - 1):
        reach = max(radii[k], radii[k + 1]) + edge
        (x0, x1), (y0, y1) = np.sort(points[k : k + 2].T).tolist()
        box = grid.window(x0 - reach, x1 + reach, y0 - reach, y1 + reach)
        if box is None:
            continue
        (r, c), near_x, near_y = box
        start, end = points[k : k + 2].astype(np.float32)
        rod = _depth_in_rods(near_x, near_y, start, end, *radii[k : k + 2].astype(np.float32))
        part = depth[
            r.start - rows.start : r.stop - rows.start,
            c.start - columns.start : c.stop - columns.start,
        ]
        np.maximum(part, rod, out=part)
    return depth


def _depth_in_rods(
    x: Array, y: Array, start: Array, end: Array, first: Array, last: Array
) -> Array:
    """Return the depth in mm inside straight rods from ``start`` to ``end`` (2, ...).

    Their radius changes linearly from ``first`` to ``last``.
    """
    dx, dy = end - start
    per_square = 1 / (dx * dx + dy * dy + np.float32(1e-9))
    px, py = x - start[0], y - start[1]
    t = px * (dx * per_square) + py * (dy * per_square)
    np.minimum(np.maximum(t, np.float32(0), out=t), np.float32(1), out=t)
    ex = px - t * dx
    ey = py - t * dy
    return np.asarray(first + t * (last - first) - np.sqrt(ex * ex + ey * ey))


def cloud(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Array:
    """Return a smooth random field: standard normal knots (cells + 1) interpolated to ``shape``."""
    knots = rng.standard_normal((cells[0] + 1, cells[1] + 1)).astype(np.float32)
    return enlarge(knots, shape)


def enlarge(field: Array, shape: tuple[int, int]) -> Array:
    """Return a small field enlarged to exactly ``shape`` by bilinear interpolation."""
    rows = np.linspace(0, field.shape[0] - 1, shape[0], dtype=np.float32)
    columns = np.linspace(0, field.shape[1] - 1, shape[1], dtype=np.float32)
    r0 = np.minimum(rows.astype(int), max(field.shape[0] - 2, 0))
    c0 = np.minimum(columns.astype(int), max(field.shape[1] - 2, 0))
    r1, c1 = np.minimum(r0 + 1, field.shape[0] - 1), np.minimum(c0 + 1, field.shape[1] - 1)
    fr, fc = (rows - r0)[:, None], (columns - c0)[None, :]
    wide = field[:, c0] * (1 - fc) + field[:, c1] * fc
    return np.asarray(wide[r0] * (1 - fr) + wide[r1] * fr, dtype=np.float32)
