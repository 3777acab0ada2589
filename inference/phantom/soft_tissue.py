"""Soft tissue: abdomen, lungs, heart, bowel, skin and the lumen of the aorta."""

from __future__ import annotations

from typing import Final

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.aorta import Aorta
from inference.phantom.raster import Array, Grid, add_tube, cloud, enlarge, ramp, streaks

_FINEST_MM: Final = 1.4
"""Soft tissue has no finer detail, so a coarse grid saves most of the time."""
_GAS_REGION: Final = ((22.0, 115.0), (-70.0, 140.0))
"""Where bowel lies, in mm anterior to the spine and caudal to L3."""


def draw_soft_tissue(rng: np.random.Generator, spine: Spine, aorta: Aorta, grid: Grid) -> Array:
    """Return a map (H, W) in which the abdomen is near 1 and air is 0."""
    coarse = grid.coarsened(_FINEST_MM)
    xs, ys = coarse.xs[None, :], coarse.ys[:, None]
    centers = np.array([body.center for body in spine.bodies])
    column = np.interp(ys[:, 0], centers[:, 1], centers[:, 0]).astype(np.float32)[:, None]
    ahead = xs - column

    soft = np.ones((coarse.height, coarse.width), np.float32)
    soft += np.float32(rng.uniform(-0.1, 0.25)) * np.clip((ys - ys.mean()) / 200, -1, 1)
    soft -= np.float32(rng.uniform(0, 0.35)) * np.clip(ahead / 120, 0, 1)
    _add_lungs(rng, soft, coarse, spine, ahead)
    heart = np.array(spine.body("T9").center) + np.array([rng.uniform(60, 110), rng.normal(0, 20)])
    oval = ((xs - heart[0]) / rng.uniform(35, 60)) ** 2 + ((ys - heart[1]) / 55) ** 2
    soft += np.float32(rng.uniform(0.0, 0.25)) * ramp((1 - oval).astype(np.float32), 0.6)
    _add_bowel(rng, soft, coarse, ahead)
    soft += np.float32(rng.uniform(0.01, 0.08)) * cloud(rng, soft.shape, (12, 7))
    soft += np.float32(rng.uniform(0.0, 0.05)) * cloud(rng, soft.shape, (40, 20))
    grain = (int(grid.height * grid.row_mm / 4), int(grid.width * grid.column_mm / 4))
    soft += np.float32(rng.uniform(0.0, 0.035)) * cloud(rng, soft.shape, grain)
    _add_aorta(soft, coarse, aorta, float(rng.uniform(0.0, 0.10)))
    skin = rng.uniform(62, 105) + 10 * np.sin(ys / 90 + rng.uniform(0, 6))
    behind = (ahead + skin).astype(np.float32)
    soft *= np.sqrt(np.clip(behind / rng.uniform(25, 70), 0, 1))
    belly = rng.uniform(110, 220) + 0.1 * ys
    soft *= np.sqrt(np.clip((belly - ahead) / 40, 0, 1))
    return soft if coarse is grid else enlarge(soft.astype(np.float32), (grid.height, grid.width))


def _add_lungs(
    rng: np.random.Generator, soft: Array, grid: Grid, spine: Spine, ahead: Array
) -> None:
    """Add two lungs above their domes, with mottled parenchyma and branching vessels."""
    ys = grid.ys[:, None]
    lungs = np.zeros_like(soft)
    for _ in range(2):
        dome = spine.body("T12").center[1] + rng.normal(-8, 14)
        away = ahead - np.float32(rng.uniform(20, 80))
        slope = np.where(away > 0, np.float32(rng.uniform(0.001, 0.006)), np.float32(0.012))
        edge = dome - 30 + slope * away * away
        depth = np.float32(rng.uniform(0.15, 0.34))
        sharp = float(rng.uniform(4, 10))
        lungs += depth * (
            ramp((edge - ys).astype(np.float32), sharp) * ramp((ahead + 26).astype(np.float32), 14)
        )
    high, wide = grid.height * grid.row_mm, grid.width * grid.column_mm
    cells = (max(int(high / 9.0), 1), max(int(wide / 9.0), 1))
    lungs *= 1 + np.float32(rng.uniform(0.0, 0.15)) * cloud(rng, soft.shape, cells)
    # Vessels too fine to be drawn one by one run obliquely through the lung.
    lines = streaks(rng, soft.shape, (22.0 / grid.row_mm, 2.4 / grid.row_mm), rng.normal(0.5, 0.3))
    lungs *= 1 + np.float32(rng.uniform(0.0, 0.22)) * lines
    soft -= lungs
    _add_vessels(rng, soft, grid, spine)


def _add_vessels(rng: np.random.Generator, soft: Array, grid: Grid, spine: Spine) -> None:
    """Add vessels and bronchi that extend from the hilum, anteriorly and caudally, and branch."""
    hilum = np.array(spine.body("T7").center) + np.array([45.0, 0.0])
    amount = float(rng.uniform(0.0, 0.08))
    for _ in range(int(rng.integers(6, 17))):
        start = hilum + rng.normal(0, 28, 2)
        angle = rng.normal(0.6, 0.8)
        reach = rng.uniform(20, 90)
        bend = rng.normal(0, 0.3)
        path = [start]
        for step in range(4):
            turn = angle + bend * step + rng.normal(0, 0.15)
            path.append(path[-1] + reach / 4 * np.array([np.cos(turn), np.sin(turn)]))
        fill = amount * float(rng.choice([1.0, 1.0, -0.7]))
        radii = np.linspace(3.0, 0.8, 5) * rng.uniform(0.5, 1.2)
        add_tube(soft, grid, np.array(path), radii, fill=fill, edge_mm=2.0)
        turn = angle + bend * 2 + rng.choice([-0.7, 0.7])
        branch = path[2] + np.outer([0, reach / 3], [np.cos(turn), np.sin(turn)])
        add_tube(soft, grid, branch, radii[[2, 4]], fill=fill, edge_mm=2.0)


def _add_bowel(rng: np.random.Generator, soft: Array, grid: Grid, ahead: Array) -> None:
    """Add gas in loops of bowel, and colon whose content is mottled with small bubbles."""
    (nearest, farthest), (top, bottom) = _GAS_REGION
    ys = grid.ys
    for _ in range(int(rng.integers(0, 6))):
        x, y = rng.uniform(nearest, farthest), rng.uniform(top, bottom)
        path = np.array([[x, y]]) + np.cumsum(rng.normal(0, 9, (int(rng.integers(2, 6)), 2)), 0)
        # Positions are relative to the spine.
        path[:, 0] += np.interp(path[:, 1], ys, grid.xs[0] - ahead[:, 0])
        # Haustra: gas widens and narrows along a loop.
        radii = rng.uniform(4, 13) * rng.uniform(0.55, 1.15, len(path))
        fill = -float(rng.uniform(0.03, 0.22))
        add_tube(soft, grid, path, radii, fill=fill, edge_mm=float(rng.uniform(2, 7)))
    if rng.random() < 0.5:
        high, wide = grid.height * grid.row_mm, grid.width * grid.column_mm
        cell_mm = float(rng.uniform(4, 9))
        mottle = cloud(rng, soft.shape, (int(high / cell_mm), max(int(wide / cell_mm), 1)))
        where = cloud(rng, soft.shape, (max(int(high / 60), 1), max(int(wide / 60), 1)))
        within = ramp(ahead - np.float32(nearest), 20) * ramp(where - np.float32(0.2), 0.6)
        within *= ramp((ys - np.float32(top))[:, None], 40)
        soft -= np.float32(rng.uniform(0.02, 0.1)) * np.clip(mottle, -0.3, 1.5) * within


def _add_aorta(soft: Array, grid: Grid, aorta: Aorta, fill: float) -> None:
    """Add the blood in the lumen."""
    middle = (aorta.anterior + aorta.posterior) / 2
    radius = np.linalg.norm(aorta.anterior - aorta.posterior, axis=1) / 2
    add_tube(soft, grid, middle[::2], radius[::2], fill=0.9 * fill, edge_mm=2.0)
