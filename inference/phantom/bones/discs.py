"""The disc spaces: haze, bulging discs, fused bodies, bridging osteophytes, gas."""

from __future__ import annotations

import itertools

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.raster import Array, Grid, add_tube


def add_discs(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, fill: float, haze: float
) -> None:
    """Add the disc spaces to the bone map (H, W).

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    bone : float32 array (H, W)
        The map, changed in place.
    grid : Grid
        Its pixels.
    spine : Spine
        The subject's spine.
    fill : float
        Value of trabecular bone.
    haze : float
        Largest value of fat and vessels in the disc spaces, as a share of ``fill``.
    """
    amount = fill * float(rng.beta(1.0, 3.0)) * haze
    for k, (above, below) in enumerate(itertools.pairwise(spine.bodies)):
        upper, lower = above.corners(), below.corners()
        ends = (upper[[2, 3]] + lower[[0, 1]]) / 2
        tall = float(np.linalg.norm(lower[[0, 1]] - upper[[2, 3]], axis=1).mean())
        along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
        bulge = np.array([[tall / 2 - rng.uniform(0, 4)], [rng.uniform(-2, 3) - tall / 2]])
        ends = ends + bulge * along
        dense = fill * 1.1 if k in spine.fused else amount * float(rng.uniform(0.5, 1.5))
        add_tube(bone, grid, ends, tall / 2 + 0.8, fill=dense, flat=True, edge_mm=2.5)
        if k in spine.vacuum:
            _add_gas(rng, bone, grid, ends, tall, fill)
    for k, side in spine.bridges:
        _add_bridge(rng, bone, grid, spine, k, side, fill)


def _add_gas(
    rng: np.random.Generator, bone: Array, grid: Grid, ends: Array, tall: float, fill: float
) -> None:
    """Add a dark line of gas along part of the middle of a disc with ends (2, 2) in mm."""
    from_share, to_share = np.sort(rng.uniform(0.05, 0.95, 2))
    if to_share - from_share < 0.25:
        from_share, to_share = 0.25, 0.75
    shares = np.linspace(from_share, to_share, 4)[:, None]
    points = ends[0] + shares * (ends[1] - ends[0]) + rng.normal(0, 0.3, (4, 2))
    radius = min(max(0.35 * tall, 0.6), 1.6)
    add_tube(bone, grid, points, radius, fill=-float(rng.uniform(0.35, 0.8)) * fill, edge_mm=0.8)


def _add_bridge(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, k: int, side: str, fill: float
) -> None:
    """Add an osteophyte between two bodies, which bulges beyond their walls."""
    corner = 1 if side == "anterior" else 0
    start = spine.bodies[k].corners()[corner + 2]
    end = spine.bodies[k + 1].corners()[corner]
    way = 1.0 if side == "anterior" else -1.0
    bulge = way * float(rng.uniform(2, 7)) * (1.0 if side == "anterior" else 0.5)
    tilt = (spine.bodies[k].tilt + spine.bodies[k + 1].tilt) / 2
    out = bulge * np.array([np.cos(tilt), np.sin(tilt)])
    down = np.array([-np.sin(tilt), np.cos(tilt)]) * 3.0
    points = np.array([start - down, start + 0.7 * out, (start + end) / 2 + out, end + 0.7 * out])
    points = np.concatenate([points, [end + down]])
    radii = np.array([1.0, 1.8, 1.5, 1.8, 1.0]) * float(rng.uniform(0.8, 1.5))
    bright = fill * float(rng.uniform(0.5, 1.0))
    add_tube(bone, grid, points, radii, fill=bright, rim=0.3 * bright, edge_mm=0.8)
