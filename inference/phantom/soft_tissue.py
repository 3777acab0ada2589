"""Soft tissue: abdomen, lungs, heart, bowel gas, skin and the lumen of the aorta."""

from __future__ import annotations

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.aorta import Aorta
from inference.phantom.raster import Array, Grid, add_tube, cloud, enlarge, ramp


def draw_soft_tissue(rng: np.random.Generator, spine: Spine, aorta: Aorta, grid: Grid) -> Array:
    """Return a map (H, W) in which the abdomen is near 1 and air is 0."""
    soft = _soft_tissue(rng, grid, spine)
    _add_lung_markings(rng, soft, grid, spine)
    vessel = np.zeros_like(soft)
    _add_vessel(vessel, grid, aorta)
    return np.asarray(soft + np.float32(rng.uniform(0.0, 0.10)) * vessel)


def _soft_tissue(rng: np.random.Generator, grid: Grid, spine: Spine) -> Array:
    """Return abdomen, lungs, diaphragm, heart, bowel gas and skin, drawn on a coarse grid."""
    # Soft tissue has no detail below about 3 mm, so a coarse grid saves most of the time.
    step = max(1, round(3.0 / grid.finest_mm))
    shape = (grid.height // step + 2, grid.width // step + 2)
    xs = np.linspace(grid.xs[0], grid.xs[-1], shape[1], dtype=np.float32)[None, :]
    ys = np.linspace(grid.ys[0], grid.ys[-1], shape[0], dtype=np.float32)[:, None]
    centers = np.array([body.center for body in spine.bodies])
    column = np.interp(ys[:, 0], centers[:, 1], centers[:, 0]).astype(np.float32)[:, None]
    ahead = xs - column

    soft = np.ones(shape, np.float32)
    soft += np.float32(rng.uniform(-0.1, 0.25)) * np.clip((ys - ys.mean()) / 200, -1, 1)
    soft -= np.float32(rng.uniform(0, 0.35)) * np.clip(ahead / 120, 0, 1)
    for _ in range(2):  # lungs above two domes
        dome = spine.body("T12").center[1] + rng.normal(-8, 14)
        drop = rng.uniform(0.001, 0.006)
        peak = rng.uniform(20, 80)
        edge = np.where(
            ahead > peak,
            dome - 30 + drop * (ahead - peak) ** 2,
            dome - 30 + 0.012 * (ahead - peak) ** 2,
        )
        depth = float(rng.uniform(0.15, 0.34))
        lung = ramp((edge - ys).astype(np.float32), 9) * ramp((ahead + 26).astype(np.float32), 14)
        soft -= np.float32(depth) * lung
    heart = np.array(spine.body("T9").center) + np.array([rng.uniform(60, 110), rng.normal(0, 20)])
    oval = ((xs - heart[0]) / rng.uniform(35, 60)) ** 2 + ((ys - heart[1]) / 55) ** 2
    soft += np.float32(rng.uniform(0.0, 0.25)) * ramp((1 - oval).astype(np.float32), 0.6)
    for _ in range(int(rng.integers(0, 7))):  # bowel gas
        gas = (rng.uniform(25, 110), rng.uniform(-60, 130))
        oval = ((ahead - gas[0]) / rng.uniform(5, 22)) ** 2 + (
            (ys - gas[1]) / rng.uniform(5, 16)
        ) ** 2
        soft -= np.float32(rng.uniform(0.03, 0.25)) * ramp((1 - oval).astype(np.float32), 0.5)
    soft += np.float32(rng.uniform(0.01, 0.08)) * cloud(rng, shape, (12, 7))
    soft += np.float32(rng.uniform(0.0, 0.05)) * cloud(rng, shape, (40, 20))
    skin = rng.uniform(62, 105) + 10 * np.sin(ys / 90 + rng.uniform(0, 6))
    behind = (ahead + skin).astype(np.float32)
    soft *= np.sqrt(np.clip(behind / rng.uniform(25, 70), 0, 1))
    belly = rng.uniform(110, 220) + 0.1 * ys
    soft *= np.sqrt(np.clip((belly - ahead) / 40, 0, 1))
    return enlarge(soft.astype(np.float32), (grid.height, grid.width))


def _add_lung_markings(rng: np.random.Generator, soft: Array, grid: Grid, spine: Spine) -> None:
    """Add vessels and bronchi that extend from the hilum, anteriorly and caudally."""
    hilum = np.array(spine.body("T7").center) + np.array([45.0, 0.0])
    amount = float(rng.uniform(0.0, 0.07))
    for _ in range(int(rng.integers(8, 26))):
        start = hilum + rng.normal(0, 28, 2)
        angle = rng.normal(0.6, 0.8)
        reach = rng.uniform(20, 90)
        bend = rng.normal(0, 0.3)
        path = [start]
        for step in range(4):
            turn = angle + bend * step
            path.append(path[-1] + reach / 4 * np.array([np.cos(turn), np.sin(turn)]))
        add_tube(
            soft,
            grid,
            np.array(path),
            np.linspace(3.0, 0.8, 5) * rng.uniform(0.5, 1.2),
            fill=amount * float(rng.choice([1.0, 1.0, -0.7])),
            edge_mm=2.0,
        )


def _add_vessel(canvas: Array, grid: Grid, aorta: Aorta) -> None:
    middle = (aorta.anterior + aorta.posterior) / 2
    radius = np.linalg.norm(aorta.anterior - aorta.posterior, axis=1) / 2
    add_tube(canvas, grid, middle, radius, fill=0.9, edge_mm=2.0)
