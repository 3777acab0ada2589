"""Spinal implants: pedicle screws, rods, interbody cages and bone cement."""

from __future__ import annotations

import itertools

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.raster import Array, Grid, add_tube

METAL = 2.5
"""Value of metal in a map in which a vertebral body is near 0.6."""


def add_implants(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    """Add implants to the bone map (H, W) of a few subjects: 2.5 % fixation, 2 % cement."""
    kind = rng.random()
    if kind < 0.025:
        _add_fixation(rng, bone, grid, spine)
    elif kind < 0.045:
        _add_cement(rng, bone, grid, spine)


def _add_fixation(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    """Add pedicle screws in two to four adjacent bodies, a rod, and in half of cases cages."""
    count = int(rng.integers(2, 5))
    first = int(rng.integers(8, len(spine.bodies) - count))
    fixed_bodies = spine.bodies[first : first + count]
    heads = []
    for body in fixed_bodies:
        tip = body.point_at(body.depth * float(rng.uniform(0.0, 0.35)), -0.15 * body.posterior)
        head = body.point_at(-body.depth / 2 - 20, -0.2 * body.posterior)
        heads.append(head)
        add_tube(bone, grid, np.array([head, tip]), 2.3, fill=METAL)
    add_tube(bone, grid, np.array(heads), 2.7, fill=METAL)
    if rng.random() < 0.5:
        for above, below in itertools.pairwise(fixed_bodies):
            middle = (above.corners()[2:].mean(0) + below.corners()[:2].mean(0)) / 2
            ahead = (above.corners()[3] - above.corners()[2]) * 0.25
            add_tube(bone, grid, np.stack([middle - ahead, middle + ahead]), 3.0, fill=0.8)


def _add_cement(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    """Add bone cement to one to three bodies."""
    for _ in range(int(rng.integers(1, 4))):
        body = spine.bodies[int(rng.integers(6, len(spine.bodies) - 1))]
        reach = body.depth * float(rng.uniform(0.1, 0.3))
        drop = body.posterior * float(rng.uniform(-0.15, 0.15))
        ends = np.array([body.point_at(-reach, drop), body.point_at(reach, -drop)])
        add_tube(bone, grid, ends, float(rng.uniform(4, 9)), fill=float(rng.uniform(0.6, 1.8)))
