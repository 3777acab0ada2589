"""Drawing in mm on a grid of pixels: tubes, bodies and clouds, each within its own window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import BodyShape, rounded

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grid:
    """Pixel centres of an image: column i lies at ``left + (i + 0.5) * column_mm`` and so on."""

    left: float
    top: float
    width: int
    height: int
    column_mm: float
    row_mm: float

    @property
    def xs(self) -> Array:
        centers = self.left + (np.arange(self.width) + 0.5) * self.column_mm
        return centers.astype(np.float32)

    @property
    def ys(self) -> Array:
        centers = self.top + (np.arange(self.height) + 0.5) * self.row_mm
        return centers.astype(np.float32)

    @property
    def finest_mm(self) -> float:
        return max(self.column_mm, self.row_mm)

    def to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """mm -> pixel coordinates in which the centre of the first pixel is (0, 0)."""
        scale = np.array([self.column_mm, self.row_mm])
        return np.asarray((points - np.array([self.left, self.top])) / scale - 0.5)

    def window(
        self, x0: float, x1: float, y0: float, y1: float
    ) -> tuple[tuple[slice, slice], Array, Array] | None:
        """The pixels of a box: index, columns' x (1, n) and rows' y (m, 1); None when outside."""
        c0 = max(0, int((x0 - self.left) / self.column_mm))
        c1 = min(self.width, int((x1 - self.left) / self.column_mm) + 2)
        r0 = max(0, int((y0 - self.top) / self.row_mm))
        r1 = min(self.height, int((y1 - self.top) / self.row_mm) + 2)
        if c0 >= c1 or r0 >= r1:
            return None
        x = self.left + (np.arange(c0, c1, dtype=np.float32) + 0.5) * self.column_mm
        y = self.top + (np.arange(r0, r1, dtype=np.float32) + 0.5) * self.row_mm
        index = (slice(r0, r1), slice(c0, c1))
        return index, x[None, :].astype(np.float32), y[:, None].astype(np.float32)


def ramp(distance: Array, width: float) -> Array:
    """0 outside, 1 inside, straight over ``width`` mm around a signed distance of 0."""
    share = np.asarray(distance / width + 0.5, dtype=np.float32)
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
    """Add a tube along a polyline: a rounded rod (or a flat band), brighter at its rim."""
    radii = np.broadcast_to(np.asarray(radius, dtype=float), (len(points),))
    edge = max(edge_mm, grid.finest_mm)
    reach = float(radii.max()) + edge
    box = grid.window(
        points[:, 0].min() - reach,
        points[:, 0].max() + reach,
        points[:, 1].min() - reach,
        points[:, 1].max() + reach,
    )
    if box is None:
        return
    (rows, columns), _, _ = box
    depth = np.full((rows.stop - rows.start, columns.stop - columns.start), -9.0, np.float32)
    for k in range(len(points) - 1):
        _lower_distance(depth, grid, rows.start, columns.start, points, radii, k, edge)
    mean = float(radii.mean())
    inside = ramp(depth, edge)
    value = np.float32(fill) * inside
    if not flat:
        value *= (
            np.sqrt(np.clip(depth, 0, mean) / mean * (2 - np.clip(depth, 0, mean) / mean)) + 0.1
        )
    if rim:
        value += np.float32(rim) * inside * np.exp(-((depth - edge / 2) ** 2) / (edge * edge))
    canvas[rows, columns] += value


def _lower_distance(
    depth: Array,
    grid: Grid,
    row: int,
    column: int,
    points: NDArray[np.float64],
    radii: NDArray[np.float64],
    k: int,
    edge: float,
) -> None:
    """Raise ``depth`` (mm inside the tube) where segment ``k`` covers it more deeply."""
    (ax, ay), (bx, by) = points[k], points[k + 1]
    reach = max(radii[k], radii[k + 1]) + edge
    box = grid.window(
        min(ax, bx) - reach, max(ax, bx) + reach, min(ay, by) - reach, max(ay, by) + reach
    )
    if box is None:
        return
    (rows, columns), x, y = box
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy + 1e-9
    t = (x - np.float32(ax)) * np.float32(dx / length)
    t = t + (y - np.float32(ay)) * np.float32(dy / length)
    np.minimum(np.maximum(t, np.float32(0), out=t), np.float32(1), out=t)
    ex = x - np.float32(ax) - t * np.float32(dx)
    ey = y - np.float32(ay) - t * np.float32(dy)
    inside = np.float32(radii[k]) + t * np.float32(radii[k + 1] - radii[k])
    inside = inside - np.sqrt(ex * ex + ey * ey)
    part = depth[rows.start - row : rows.stop - row, columns.start - column : columns.stop - column]
    np.maximum(part, inside, out=part)


def add_body(
    canvas: Array,
    grid: Grid,
    body: BodyShape,
    *,
    fill: float,
    endplate: float,
    wall: float,
    shell_mm: float,
) -> None:
    """Add a vertebral body: spongy inside, cortical walls, doubled end plates, lips in front."""
    reach = 0.72 * float(np.hypot(body.depth, max(body.posterior, body.anterior))) + 6
    cx, cy = body.center
    box = grid.window(cx - reach, cx + reach, cy - reach, cy + reach)
    if box is None:
        return
    index, x, y = box
    cos, sin = np.float32(np.cos(body.tilt)), np.float32(np.sin(body.tilt))
    dx, dy = x - np.float32(cx), y - np.float32(cy)
    along = dx * cos + dy * sin
    down = dy * cos - dx * sin

    half_depth = np.float32(body.depth / 2)
    u = along / half_depth
    half = (body.posterior + body.anterior) / 4 + u * ((body.anterior - body.posterior) / 4)
    v = down / np.maximum(half, 4)
    front, back = body.in_walls(along, v)
    front = front + np.float32(body.lip_superior) * np.clip((-v - 0.62) * 2.6, 0, 1) ** 2
    front = front + np.float32(body.lip_inferior) * np.clip((v - 0.62) * 2.6, 0, 1) ** 2
    above, below = body.in_plates(u, half, down)
    for plate, place, wide, deep in body.dents:
        dent = np.float32(deep) * np.exp(-(((along - np.float32(place)) / np.float32(wide)) ** 2))
        above, below = (above - dent, below) if plate < 0 else (above, below - dent)
    arc = np.sqrt(np.clip(1 - u * u, 0, 1))

    edge = max(0.5, 0.7 * grid.finest_mm)
    # Left and right the posterior wall stands further back than in the middle: grey without plates.
    side = np.minimum(front, back + np.float32(body.rims_back))
    dense = np.sqrt(np.clip(1 + back / np.float32(max(body.rims_back, 0.1)), 0, 1))
    shell = max(shell_mm, 0.62 * grid.finest_mm)
    strength = shell_mm / shell
    corner = body.radius(u, v)
    value = np.zeros_like(along)
    plates = np.zeros_like(along)
    for sign in (-1.0, 1.0):
        upper = above + np.float32(sign * body.roll_superior) * arc
        lower = below + np.float32(sign * body.roll_inferior) * arc
        inside = rounded(np.minimum(upper, lower), side, corner)
        solid = ramp(inside, edge) * dense
        value += np.float32(0.5) * solid
        near = np.exp(-(((upper - shell) / shell) ** 2)) + 1.15 * np.exp(
            -(((lower - shell) / shell) ** 2)
        )
        plates += np.float32(0.5) * near * solid
    chord = 0.72 + 0.28 * np.sqrt(np.clip(1 - np.abs(u) ** 3, 0, 1))
    free = np.clip((v + 0.3) * 2.5, 0.15, 1)  # the pedicles leave where the wall is thin
    free = free / np.float32(1 + 0.5 * body.rims_back)
    walls = np.exp(-(((front - shell) / shell) ** 2)) + 0.7 * free * np.exp(
        -(((back - shell) / shell) ** 2)
    )
    lean = np.clip(u, -1, 1)
    plates = plates * (1 + np.float32(body.fade) * lean) * ramp(np.asarray(back, np.float32), 1.5)
    total = np.float32(fill) * value * chord * (1 + np.float32(body.shade) * lean)
    total += np.float32(endplate * strength) * plates
    total += np.float32(wall * strength) * walls * value
    canvas[index] += (np.float32(body.density) * total).astype(np.float32)


def cloud(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Array:
    """A slow random field of standard normal knots, interpolated to ``shape``."""
    knots = rng.standard_normal((cells[0] + 1, cells[1] + 1)).astype(np.float32)
    return enlarge(knots, shape)


def enlarge(field: Array, shape: tuple[int, int]) -> Array:
    """Bilinear enlargement of a small field to exactly ``shape``."""
    rows = np.linspace(0, field.shape[0] - 1, shape[0], dtype=np.float32)
    columns = np.linspace(0, field.shape[1] - 1, shape[1], dtype=np.float32)
    r0 = np.minimum(rows.astype(int), max(field.shape[0] - 2, 0))
    c0 = np.minimum(columns.astype(int), max(field.shape[1] - 2, 0))
    r1, c1 = np.minimum(r0 + 1, field.shape[0] - 1), np.minimum(c0 + 1, field.shape[1] - 1)
    fr, fc = (rows - r0)[:, None], (columns - c0)[None, :]
    wide = field[:, c0] * (1 - fc) + field[:, c1] * fc
    return np.asarray(wide[r0] * (1 - fr) + wide[r1] * fr, dtype=np.float32)
