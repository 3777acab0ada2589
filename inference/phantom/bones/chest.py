"""The bony chest behind and above the spine: costovertebral band, humerus and scapula."""

from __future__ import annotations

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.raster import Array, Grid, add_tube


def add_chest_wall(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, amount: float
) -> None:
    """Add the bright band behind the thoracic bodies: ribs seen end on, laminae and muscle."""
    points = np.array(
        [b.point_at(-b.depth / 2 - 15 - rng.normal(0, 1), 0) for b in spine.bodies[:11]]
    )
    radii = np.linspace(13, 9, 11) * rng.uniform(0.7, 1.15)
    add_tube(bone, grid, points, radii, fill=0.34 * amount * rng.uniform(0.3, 2.0), edge_mm=6.0)


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
