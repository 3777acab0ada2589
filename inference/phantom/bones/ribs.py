"""Ribs in lateral projection, uneven in course, width and brightness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import Spine
from inference.phantom.raster import Array, Grid, add_tube, cloud

_SHORT_RIBS: Final = {"T11": (0.35, 0.9), "T12": (0.08, 0.6), "L1": (0.06, 0.25)}
"""Length of the floating ribs as a share of a complete one, from shortest to longest."""
_POINTS: Final = 10
"""Points of the centre line of a complete rib."""
_MODULATION_MM: Final = 9.0
"""Distance over which the brightness of a rib changes."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Brightness of the ribs, that of their anterior half relative to it, and their slope."""

    bright: float
    ahead: float
    steep: float


def add_ribs(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    """Add two ribs per thoracic level, from the head around the flank anteriorly and caudally.

    The last pair varies most: a few subjects have none at T12, or an additional pair at L1. Some
    scans hardly show ribs.
    """
    look = _Look(
        bright=float(rng.uniform(0.3, 1.1) if rng.random() < 0.88 else rng.uniform(0, 0.15)),
        ahead=float(rng.uniform(0.15, 1.2)),
        steep=float(rng.normal(0.9, 0.2)),
    )
    sides = np.array([[0.0, 0.0], [rng.normal(0, 6), rng.normal(0, 6)]])
    # Eleven, twelve or thirteen pairs of ribs occur, so ribs alone do not identify a level.
    last = 10 + int(rng.choice([-1, 0, 1], p=[0.04, 0.94, 0.02]))
    ribs = np.zeros_like(bone)
    for k, body in enumerate(spine.bodies[:last]):
        least, most = _SHORT_RIBS.get(body.level, (1.0, 1.0))
        share = float(rng.uniform(least, most))
        head = np.array(body.point_at(-body.depth / 2 - 3, -0.42 * body.posterior))
        for side in sides:
            curve = _course(rng, head + side, look, abs(k - 5))
            _add_rib(rng, ribs, grid, curve[: max(3, round(share * _POINTS))], look)
    size = (grid.height * grid.row_mm, grid.width * grid.column_mm)
    cells = (int(size[0] / _MODULATION_MM), int(size[1] / _MODULATION_MM))
    uneven = 1 + np.float32(rng.uniform(0.15, 0.5)) * cloud(rng, ribs.shape, cells)
    bone += ribs * np.maximum(uneven, np.float32(0.1))


def _course(
    rng: np.random.Generator, head: NDArray[np.float64], look: _Look, from_middle: int
) -> NDArray[np.float64]:
    """Return the centre line (points, 2) of a complete rib in mm."""
    sweep = 110 + rng.normal(0, 12) - 3 * from_middle
    knots = [
        head,
        head + np.array([-60 + rng.normal(0, 7), -4.0 + rng.normal(0, 6)]),
        head + np.array([-48.0 + rng.normal(0, 7), 62 + rng.normal(0, 9)]),
        head + np.array([sweep, 55 + sweep * look.steep * rng.uniform(0.5, 1.0)]),
    ]
    t = np.linspace(0, 1, _POINTS)[:, None]
    curve = (
        (1 - t) ** 3 * knots[0]
        + 3 * t * (1 - t) ** 2 * knots[1]
        + 3 * t**2 * (1 - t) * knots[2]
        + t**3 * knots[3]
    )
    phase, waves = rng.uniform(0, 2 * np.pi, 2), rng.uniform(0.7, 2.0, 2)
    bend = rng.uniform(0, 2.5) * np.sin(phase + 2 * np.pi * waves * t)
    return np.asarray(curve + np.minimum(4 * t, 1) * bend)


def _add_rib(
    rng: np.random.Generator, ribs: Array, grid: Grid, curve: NDArray[np.float64], look: _Look
) -> None:
    count = len(curve)
    radius = np.linspace(3.6, 4.9, _POINTS)[:count] * rng.uniform(0.75, 1.15)
    radius = radius * (1 + rng.normal(0, 0.08, count))
    bright = look.bright * float(np.exp(rng.normal(0, 0.25)))
    half = min(count, 6)
    add_tube(
        ribs,
        grid,
        curve[:half],
        radius[:half],
        fill=0.10 * bright,
        rim=float(rng.uniform(0.02, 0.08)) * bright,
        edge_mm=float(rng.uniform(1.4, 2.4)),
    )
    if count > half:
        dim = bright * look.ahead
        add_tube(
            ribs,
            grid,
            curve[half - 1 :],
            radius[half - 1 :] * rng.uniform(1.0, 1.4),
            fill=0.09 * dim,
            rim=float(rng.uniform(0.0, 0.05)) * dim,
            edge_mm=float(rng.uniform(2.0, 5.0)),
        )
