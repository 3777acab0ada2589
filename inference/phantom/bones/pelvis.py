"""The pelvis in lateral projection: iliac wings over the last lumbar body, sacrum, sacral wings."""

from __future__ import annotations

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.raster import Array, Grid, add_tube, ramp


def add_pelvis(
    rng: np.random.Generator,
    bone: Array,
    grid: Grid,
    spine: Spine,
    *,
    obscured: bool = False,
    bright: float = 1.0,
) -> None:
    """Add the pelvis; height and brightness of the iliac crests vary widely between subjects.

    If ``obscured``, high and bright crests and a glare hide L5 and S1. All brightness is multiplied
    by ``bright``.
    """
    amount = float(rng.uniform(0.5, 1.25)) if rng.random() < 0.7 else float(rng.uniform(1.2, 3.0))
    if obscured:
        amount = float(rng.uniform(1.8, 3.2))
        _add_glare(rng, bone, grid, spine, bright)
    amount *= bright
    _add_wings(rng, bone, grid, spine, amount, high=obscured)
    _add_sacrum(rng, bone, grid, spine, amount)
    if obscured or rng.random() < 0.35:
        _add_sacral_wings(rng, bone, grid, spine, amount)


def _add_glare(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, bright: float
) -> None:
    """Add the wide, bright haze of a pelvis that few photons pass."""
    start = np.array(spine.lumbar[-1].point_at(rng.uniform(-15, 10), rng.uniform(-8, 14)))
    end = start + np.array([rng.uniform(-15, 10), 120.0])
    radii = np.array([rng.uniform(22, 40), rng.uniform(50, 80)])
    fill = float(rng.uniform(0.2, 1.1)) * bright
    add_tube(
        bone, grid, np.stack([start, end]), radii, fill=fill, edge_mm=float(rng.uniform(15, 35))
    )


def _add_wings(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, amount: float, *, high: bool
) -> None:
    last = spine.lumbar[-1]
    top = last.center[1] - 0.5 * last.posterior + float(rng.normal(3, 11))
    if high:
        top = last.center[1] - last.posterior * float(rng.uniform(0.3, 1.3))
    crest_x = last.center[0] + float(rng.normal(-6, 8))
    box = grid.window(crest_x - 95, crest_x + 90, top - 25, top + 260)
    if box is None:
        return
    index, x, y = box
    blur = float(rng.uniform(1.5, 6.0))
    for _ in range(2):
        dx = x - np.float32(crest_x + rng.normal(0, 4))
        peak = np.float32(top + rng.normal(0, 3))
        behind, ahead = rng.uniform(0.004, 0.016), rng.uniform(0.006, 0.024)
        curve = peak + np.where(dx < 0, np.float32(behind), np.float32(ahead)) * dx * dx
        inside = y - curve
        body = ramp(inside, blur) * np.exp(-np.clip(inside, 0, None) / 70)
        taper = np.clip(1.25 - np.abs(dx) / 62, 0, 1)
        edge = rng.uniform(0.0, 0.18) * np.exp(-(((inside - blur) / blur) ** 2))
        bone[index] += np.float32(amount) * (0.27 * body + edge).astype(np.float32) * taper


def _add_sacrum(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, amount: float
) -> None:
    """Add the sacral segments below S1 and the crest behind them."""
    sacral = spine.body("S1")
    tilt, height = sacral.tilt, sacral.posterior
    bend = float(rng.uniform(0.08, 0.26))
    points = [np.array(sacral.point_at(-6, height * 0.5))]
    for step in range(4):
        # Steeper sacra would leave the field backwards like a tail.
        tilt = min(tilt + bend, max(tilt, 1.1))
        down = np.array([-np.sin(tilt), np.cos(tilt)])
        points.append(points[-1] + down * height * (0.85 - 0.1 * step))
    path, stout = np.array(points), float(rng.uniform(0.8, 1.2))
    radii = stout * np.array([15.5, 13.5, 11.5, 9.5, 7.0])
    fill = float(rng.uniform(0.2, 0.5)) * amount
    add_tube(bone, grid, path, radii, fill=fill, rim=float(rng.uniform(0.02, 0.12)))
    behind = path + np.array([-17.0, 2.0])
    add_tube(bone, grid, behind, 7.0, fill=float(rng.uniform(0.1, 0.35)) * amount)


def _add_sacral_wings(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, amount: float
) -> None:
    """Add the superimposed sacral wings and last facets, which can obscure the last body."""
    last, sacral = spine.lumbar[-1], spine.body("S1")
    start = np.array(last.point_at(rng.uniform(-28, -8), rng.uniform(-6, 14)))
    end = np.array(sacral.point_at(rng.uniform(-22, -4), rng.uniform(0, 16)))
    radii = np.array([rng.uniform(9, 18), rng.uniform(14, 24)])
    add_tube(
        bone,
        grid,
        np.stack([start, end]),
        radii,
        fill=float(rng.uniform(0.2, 0.7)) * amount,
        edge_mm=float(rng.uniform(3, 10)),
    )
