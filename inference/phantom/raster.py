"""Drawing in mm on a grid of pixels: tubes and random fields."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float32]

_ZERO, _ONE, _HALF = np.float32(0), np.float32(1), np.float32(0.5)
_DENSE_LIMIT = 16_384
"""Up to this many pixels times segments, it is faster to evaluate all segments at all pixels."""

_LEAST_REDUCTION = 1.25
"""Smaller steps between grids would cost more time than they save."""


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
        if step < _LEAST_REDUCTION:
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
        left, top = self.left, self.top
        c0 = max(0, int((x0 - left) / self.column_mm))
        c1 = min(self.width, int((x1 - left) / self.column_mm) + 2)
        r0 = max(0, int((y0 - top) / self.row_mm))
        r1 = min(self.height, int((y1 - top) / self.row_mm) + 2)
        if c0 >= c1 or r0 >= r1:
            return None
        index = (slice(r0, r1), slice(c0, c1))
        return index, self.xs[None, c0:c1], self.ys[r0:r1, None]


def ramp(distance: Array, width: float) -> Array:
    """Return a linear edge, 0 outside and 1 inside, of ``width`` mm around a distance of 0."""
    share = distance * np.float32(1 / width)
    share += _HALF
    np.maximum(share, _ZERO, out=share)
    return np.asarray(np.minimum(share, _ONE, out=share))


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
    # Plain numbers: for a few points they are faster than arrays.
    path = points.tolist()
    radii = radius.tolist() if isinstance(radius, np.ndarray) else [float(radius)] * len(path)
    # An edge sharper than a pixel would show steps.
    edge = max(edge_mm, grid.finest_mm)
    box = grid.window(*_bounds(path, max(radii) + edge))
    if box is None:
        return
    index, x, y = box
    depth = _depth_in_tube(grid, index, x, y, points, np.array(radii, np.float32), edge)
    part = canvas[index]
    near: slice | NDArray[np.bool_] = slice(None)
    if depth.size > _DENSE_LIMIT // 4:  # a tube fills only a small part of a large window
        near = depth > -edge / 2
        depth = depth[near]
    mean = np.float32(sum(radii) / len(radii))
    inside = ramp(depth, edge)
    value = np.float32(fill) * inside
    if not flat:
        share = np.maximum(depth, _ZERO)
        share *= 1 / mean
        np.minimum(share, _ONE, out=share)
        profile = np.sqrt(share * (np.float32(2) - share))
        profile += np.float32(0.1)
        value *= profile
    if rim:
        ridge = (depth - np.float32(edge / 2)) * np.float32(1 / edge)
        ridge *= ridge
        value += np.float32(rim) * inside * np.exp(-ridge)
    part[near] += value


def _bounds(path: list[list[float]], reach: float) -> tuple[float, float, float, float]:
    """Return x0, x1, y0, y1 of the box around points (x, y) and everything within ``reach``."""
    xs, ys = [x for x, _ in path], [y for _, y in path]
    return min(xs) - reach, max(xs) + reach, min(ys) - reach, max(ys) + reach


def _depth_in_tube(
    grid: Grid,
    index: tuple[slice, slice],
    x: Array,
    y: Array,
    points: NDArray[np.float64],
    radii: Array,
    edge: float,
) -> Array:
    """Return the depth inside a tube of the pixels of a window, in mm, negative outside."""
    rows, columns = index
    if (len(points) - 1) * x.size * y.size <= _DENSE_LIMIT:
        ends = points.T.astype(np.float32)[:, :, None, None]
        wide = radii[:, None, None]
        return np.asarray(
            _depth_in_rods(x, y, ends[:, :-1], ends[:, 1:], wide[:-1], wide[1:]).max(axis=0)
        )
    depth = np.full((y.size, x.size), -9.0, np.float32)
    path, wide_mm, ends = points.tolist(), radii.tolist(), points.astype(np.float32)
    for k in range(len(path) - 1):
        reach = max(wide_mm[k], wide_mm[k + 1]) + edge
        box = grid.window(*_bounds(path[k : k + 2], reach))
        if box is None:
            continue
        (r, c), near_x, near_y = box
        rod = _depth_in_rods(near_x, near_y, ends[k], ends[k + 1], radii[k], radii[k + 1])
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
    np.minimum(np.maximum(t, _ZERO, out=t), _ONE, out=t)
    away = px - t * dx
    away *= away
    ey = py - t * dy
    ey *= ey
    away += ey
    np.sqrt(away, out=away)
    t *= last - first
    t += first
    return np.asarray(np.subtract(t, away, out=t))


def cloud(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Array:
    """Return a smooth random field: standard normal knots (cells + 1) interpolated to ``shape``."""
    knots = rng.standard_normal((cells[0] + 1, cells[1] + 1)).astype(np.float32)
    return enlarge(knots, shape)


def streaks(
    rng: np.random.Generator, shape: tuple[int, int], size: tuple[float, float], angle: float
) -> Array:
    """Return a random field (H, W) of parallel streaks.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    shape : (int, int)
        Height and width in pixels.
    size : (float, float)
        Length and width of a streak in pixels.
    angle : float, radians
        Angle of the streaks to the rows, positive clockwise.
    """
    long, thin = size
    diagonal = float(np.hypot(*shape))
    cells = (int(diagonal / thin) + 2, int(diagonal / long) + 2)
    knots = Image.fromarray(rng.standard_normal(cells, dtype=np.float32))
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    # From pixels of the field to knots, around the centres of both.
    x, y = shape[1] / 2, shape[0] / 2
    along = (cos / long, sin / long, cells[1] / 2 - (cos * x + sin * y) / long)
    across = (-sin / thin, cos / thin, cells[0] / 2 - (cos * y - sin * x) / thin)
    way = Image.Transform.AFFINE
    data = (*along, *across)
    return np.array(knots.transform((shape[1], shape[0]), way, data, Image.Resampling.BILINEAR))


def enlarge(field: Array, shape: tuple[int, int]) -> Array:
    """Return a small field enlarged to exactly ``shape`` by bilinear interpolation.

    The centres of the outer pixels of both arrays coincide.
    """
    # Pillow interpolates several times faster than indexing, but counts from the edges of pixels.
    (rows, columns), (high, wide) = field.shape, shape
    y_step, x_step = (rows - 1) / max(high - 1, 1), (columns - 1) / max(wide - 1, 1)
    # A field that is finer than the shape is reduced; its outer pixels then lie slightly inside.
    x, y = max(0.5 - x_step / 2, 0.0), max(0.5 - y_step / 2, 0.0)
    box = (x, y, columns - x, rows - y)
    image = Image.fromarray(np.ascontiguousarray(field, np.float32))
    return np.array(image.resize((wide, high), Image.Resampling.BILINEAR, box=box))
