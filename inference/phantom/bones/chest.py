"""The bony chest in lateral projection: ribs, costovertebral band, humerus and scapula."""

from __future__ import annotations

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.raster import Array, Grid, add_tube

_SHORT_RIBS = {"T11": (0.35, 0.9), "T12": (0.08, 0.6), "L1": (0.06, 0.25)}
"""Length of the floating ribs as a share of a complete one, from shortest to longest."""


def add_chest_wall(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, amount: float
) -> None:
    """Add the bright band behind the thoracic bodies: ribs seen end on, laminae and muscle."""
    points = np.array(
        [b.point_at(-b.depth / 2 - 15 - rng.normal(0, 1), 0) for b in spine.bodies[:11]]
    )
    radii = np.linspace(13, 9, 11) * rng.uniform(0.7, 1.15)
    add_tube(bone, grid, points, radii, fill=0.34 * amount * rng.uniform(0.3, 1.2), edge_mm=6.0)


def add_ribs(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    """Add two ribs per thoracic level, from the head around the flank anteriorly and caudally.

    The last pair varies most: a few subjects have none at T12, or an additional pair at L1. Some
    scans hardly show ribs.
    """
    bright = float(rng.uniform(0.3, 1.1)) if rng.random() < 0.88 else float(rng.uniform(0, 0.15))
    ahead = float(rng.uniform(0.15, 0.9))
    steep = float(rng.normal(0.9, 0.2))
    sides = np.array([[0.0, 0.0], [rng.normal(0, 6), rng.normal(0, 6)]])
    t = np.linspace(0, 1, 17)[:, None]
    # Eleven, twelve or thirteen pairs of ribs occur, so ribs alone do not identify a level.
    last = 10 + int(rng.choice([-1, 0, 1], p=[0.04, 0.94, 0.02]))
    for k, body in enumerate(spine.bodies[:last]):
        least, most = _SHORT_RIBS.get(body.level, (1.0, 1.0))
        share = float(rng.uniform(least, most))
        for side in sides:
            head = np.array(body.point_at(-body.depth / 2 - 3, -0.42 * body.posterior)) + side
            sweep = 110 + rng.normal(0, 10) - 3 * abs(k - 5)
            knots = [
                head,
                head + np.array([-60 + rng.normal(0, 5), -4.0 + rng.normal(0, 4)]),
                head + np.array([-48.0 + rng.normal(0, 5), 62 + rng.normal(0, 7)]),
                head + np.array([sweep, 55 + sweep * steep * rng.uniform(0.6, 0.9)]),
            ]
            curve = (
                (1 - t) ** 3 * knots[0]
                + 3 * t * (1 - t) ** 2 * knots[1]
                + 3 * t**2 * (1 - t) * knots[2]
                + t**3 * knots[3]
            )
            count = max(3, round(share * len(curve)))
            half = min(count, 10)
            radius = np.linspace(4.2, 5.4, len(curve)) * rng.uniform(0.85, 1.15)
            add_tube(
                bone,
                grid,
                curve[:half],
                radius[:half],
                fill=0.11 * bright,
                rim=0.06 * bright,
                edge_mm=1.8,
            )
            if count > half:
                dim = bright * ahead
                add_tube(
                    bone,
                    grid,
                    curve[half - 1 : count],
                    radius[half - 1 : count],
                    fill=0.10 * dim,
                    rim=0.03 * dim,
                    edge_mm=2.6,
                )


def add_shoulder(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    """Add an arm held anteriorly at the top of the field, and in some subjects the scapula."""
    chest = np.array(spine.body("T5").center)
    joint = chest + np.array([rng.uniform(60, 110), rng.uniform(-70, -10)])
    elbow = joint + np.array([rng.uniform(10, 70), rng.uniform(60, 120)])
    add_tube(
        bone,
        grid,
        np.stack([joint, elbow]),
        float(rng.uniform(8, 12)),
        fill=0.2,
        rim=0.25,
        edge_mm=2.0,
    )
    if rng.random() < 0.6:
        blade = joint + np.array([[-90.0, rng.uniform(-30, 40)], [30.0, rng.uniform(-40, 0)]])
        add_tube(bone, grid, blade, float(rng.uniform(3, 22)), fill=0.22, rim=0.1, flat=True)
