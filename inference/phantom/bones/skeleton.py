"""The skeleton in lateral projection: bodies, posterior elements, ribs, pelvis, arm."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import LEVELS, BodyShape, Spine
from inference.phantom.bones.chest import add_chest_wall, add_ribs, add_shoulder
from inference.phantom.bones.implants import add_implants
from inference.phantom.bones.pelvis import add_pelvis
from inference.phantom.bones.spinous_processes import add_spinous_process, sample_processes
from inference.phantom.raster import Array, Grid, add_body, add_tube, cloud, enlarge

_THORACIC = LEVELS[:10]
Points = NDArray[np.float64]


def draw_skeleton(rng: np.random.Generator, spine: Spine, grid: Grid) -> Array:
    """Return a bone map (H, W) in which a vertebral body is near 0.6."""
    bone = np.zeros((grid.height, grid.width), np.float32)
    _add_bodies(rng, bone, grid, spine)
    _add_canal(rng, bone, grid, spine)
    posterior = float(rng.uniform(0.6, 1.25))
    style = sample_processes(rng)
    for body in spine.bodies[:-1]:
        _add_posterior_elements(rng, bone, grid, body, posterior, spine.asymmetry)
        add_spinous_process(rng, bone, grid, body, posterior, style)
    add_chest_wall(rng, bone, grid, spine, posterior)
    add_ribs(rng, bone, grid, spine)
    add_pelvis(rng, bone, grid, spine)
    if rng.random() < 0.45:
        add_shoulder(rng, bone, grid, spine)
    bone *= np.clip(1 + rng.uniform(0.02, 0.14) * cloud(rng, bone.shape, (22, 10)), 0.4, 1.6)
    _add_trabeculae(rng, bone, grid)
    # Last: metal has no trabecular texture.
    add_implants(rng, bone, grid, spine)
    return bone


def _add_bodies(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    fill, endplate = float(rng.uniform(0.36, 0.6)), float(rng.uniform(0.15, 0.42))
    wall = float(rng.uniform(0.08, 0.25))
    shell = float(rng.uniform(0.5, 1.1))
    for body in spine.bodies:
        add_body(bone, grid, body, fill=fill, endplate=endplate, wall=wall, shell_mm=shell)
    _add_discs(rng, bone, grid, spine, fill)


def _add_discs(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, fill: float
) -> None:
    """Add the disc spaces: haze of fat and vessels, bulging discs, bone between fused bodies."""
    haze = fill * float(rng.beta(1.0, 3.0)) * 0.7
    for k, (above, below) in enumerate(itertools.pairwise(spine.bodies)):
        upper, lower = above.corners(), below.corners()
        ends = (upper[[2, 3]] + lower[[0, 1]]) / 2
        tall = float(np.linalg.norm(lower[[0, 1]] - upper[[2, 3]], axis=1).mean())
        along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
        bulge = np.array([[tall / 2 - rng.uniform(0, 4)], [rng.uniform(-2, 3) - tall / 2]])
        ends = ends + bulge * along
        dense = fill * 1.1 if k in spine.fused else haze * float(rng.uniform(0.5, 1.5))
        add_tube(bone, grid, ends, tall / 2 + 0.8, fill=dense, flat=True, edge_mm=2.5)


def _add_canal(rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine) -> None:
    """Add the grey between posterior walls and foramina, which obscures the posterior wall."""
    amount = float(rng.beta(1.0, 2.0)) * 0.4
    radius = float(rng.uniform(2.5, 8.0))
    back = float(rng.uniform(0.0, 7.0))
    points = []
    for body in spine.bodies[:-1]:
        points += [body.point_at(-body.depth / 2 - back + rng.normal(0, 0.7), 0.0)]
    add_tube(bone, grid, np.array(points), radius, fill=amount, edge_mm=float(rng.uniform(2, 5)))


def _add_posterior_elements(
    rng: np.random.Generator,
    bone: Array,
    grid: Grid,
    body: BodyShape,
    amount: float,
    asymmetry: float,
) -> None:
    """Add pedicles, articular processes, laminae and transverse processes of one vertebra.

    Left and right do not project onto exactly the same pixels, so most parts are drawn twice.
    """
    back, tall = -body.depth / 2, body.posterior
    thoracic = body.level in _THORACIC
    level = -rng.uniform(0.04, 0.30) * tall
    inside = rng.uniform(-1.0, 3.0) if rng.random() < 0.65 else rng.uniform(3.0, 11.0)
    stout = rng.uniform(0.85, 1.2)
    over_corner = rng.random() < 0.5  # articular processes at the level of the upper endplate
    # Left and right side, which parallax and rotation displace against each other.
    for _ in range(2):
        shift, lift = rng.normal(0, 1.6 * asymmetry), rng.normal(0, 1.2 * asymmetry)
        half = 0.5 * amount

        def at(*points: tuple[float, float], dx: float = shift, dy: float = lift) -> Points:
            return np.array([body.point_at(along + dx, down + dy) for along, down in points])

        pedicle = at((back + inside, level + 0.5), (back - 2, level), (back - 11, level - 1))
        add_tube(
            bone,
            grid,
            pedicle,
            np.array([0.14, 0.26, 0.24]) * tall * stout,
            fill=0.5 * half,
            rim=rng.uniform(0.0, 0.12) * half,
            edge_mm=rng.uniform(1.5, 5.0),
        )
        pillar = at(
            (back - 8, -0.7 * tall),
            (back - 11, -0.15 * tall),
            (back - 15, 0.42 * tall),
            (back - 17, 0.8 * tall),
        )
        add_tube(
            bone,
            grid,
            pillar,
            np.array([4.2, 7.5, 6.2, 4.0]) * rng.uniform(0.85, 1.15),
            fill=0.5 * half,
            rim=0.12 * half,
            edge_mm=1.8,
        )
        facet = at((back - 8, -0.85 * tall), (back - 12, -0.55 * tall), (back - 14, -0.35 * tall))
        add_tube(bone, grid, facet, 1.6, fill=0.5 * half)
        if over_corner:
            along = back - rng.uniform(-1, 12)
            process = at((along, -0.5 * tall - rng.uniform(-6, 3)), (along - 4, -0.2 * tall))
            taper = np.array([rng.uniform(0.8, 4.5), rng.uniform(3.0, 5.0)])
            add_tube(bone, grid, process, taper, fill=rng.uniform(0.3, 0.9) * half, rim=0.1 * half)
        root = back - (13 if thoracic else 6) + rng.normal(0, 3.5)
        transverse = at((root, level + 3), (root - 1.5, level + 4 + rng.normal(0, 2)))
        add_tube(
            bone,
            grid,
            transverse,
            rng.uniform(4.0, 6.5),
            fill=rng.uniform(0.05, 0.3) * half,
            rim=rng.uniform(0.05, 0.25) * half,
        )


def _add_trabeculae(rng: np.random.Generator, bone: Array, grid: Grid) -> None:
    """Modulate the bone with fine and coarse texture of about 1 and 2 mm."""
    fine = rng.standard_normal(bone.shape).astype(np.float32)
    if grid.finest_mm < 0.5:
        rows = round(grid.height * grid.row_mm / 0.8)
        columns = round(grid.width * grid.column_mm / 0.8)
        fine = enlarge(rng.standard_normal((rows, columns)).astype(np.float32), bone.shape) * 1.3
    bone *= 1 + np.float32(rng.uniform(0.01, 0.09)) * fine
    coarse = (int(grid.height * grid.row_mm / 2.2), int(grid.width * grid.column_mm / 1.7))
    bone *= 1 + np.float32(rng.uniform(0.0, 0.12)) * cloud(rng, bone.shape, coarse)
