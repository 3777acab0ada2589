"""The skeleton in lateral projection: bodies, posterior elements, ribs, pelvis, arm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import LEVELS, BodyShape, Spine
from inference.phantom.bones.chest import add_chest_wall, add_shoulder
from inference.phantom.bones.discs import add_discs
from inference.phantom.bones.implants import add_implants
from inference.phantom.bones.pelvis import add_pelvis
from inference.phantom.bones.ribs import add_ribs
from inference.phantom.bones.spinous_processes import add_spinous_process, sample_processes
from inference.phantom.bones.vertebral_body import add_body
from inference.phantom.families import USUAL_BONE, BoneStyle
from inference.phantom.raster import Array, Grid, add_tube, cloud, enlarge

_THORACIC = LEVELS[:10]
_COARSE_MM = 1.0
"""Pixels of this size are fine enough for everything but the bodies."""
_FINE_MM = 0.8
"""Size of the finest texture."""
_REACH_MM = 60.0
"""How far posterior elements and spinous processes reach beyond the centre of their body."""
Points = NDArray[np.float64]


def draw_skeleton(
    rng: np.random.Generator,
    spine: Spine,
    grid: Grid,
    style: BoneStyle = USUAL_BONE,
    *,
    obscured: bool = False,
) -> Array:
    """Return a bone map (H, W) in which a vertebral body is near the ``fill`` of the style.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    spine : Spine
        The subject's spine.
    grid : Grid
        Pixels of the map.
    style : BoneStyle
        Appearance of the bones.
    obscured : bool
        Whether a bright pelvis hides L5 and S1.
    """
    bone = np.zeros((grid.height, grid.width), np.float32)
    _add_bodies(rng, bone, grid, spine, style)
    # Everything but the bodies has wide edges, so fine grids would only cost time.
    coarse = grid.coarsened(_COARSE_MM)
    rest = np.zeros((coarse.height, coarse.width), np.float32)
    _add_canal(rng, rest, coarse, spine, style.canal)
    posterior = float(rng.uniform(*style.posterior))
    processes = sample_processes(rng)
    for body in spine.bodies[:-1]:
        if not _near(coarse, body):
            continue
        _add_posterior_elements(rng, rest, coarse, body, posterior, spine.asymmetry)
        add_spinous_process(rng, rest, coarse, body, posterior, processes)
    if style.band[1]:
        _add_band(rng, rest, coarse, spine, float(rng.uniform(*style.band)))
    add_chest_wall(rng, rest, coarse, spine, posterior)
    add_ribs(rng, rest, coarse, spine)
    add_pelvis(rng, rest, coarse, spine, obscured=obscured, bright=style.pelvis)
    if rng.random() < 0.45:
        add_shoulder(rng, rest, coarse, spine)
    bone += rest if coarse is grid else enlarge(rest, bone.shape)
    _add_texture(rng, bone, grid)
    # Last: metal has no trabecular texture.
    add_implants(rng, bone, grid, spine)
    return bone


def _near(grid: Grid, body: BodyShape) -> bool:
    """Return whether posterior elements of a body can lie within the rows of a grid."""
    bottom = grid.top + grid.height * grid.row_mm
    return grid.top - _REACH_MM < body.center[1] < bottom + _REACH_MM


def _add_bodies(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, style: BoneStyle
) -> None:
    fill, endplate = float(rng.uniform(*style.fill)), float(rng.uniform(*style.endplate))
    wall = float(rng.uniform(*style.wall))
    shell = float(rng.uniform(*style.shell_mm))
    for body in spine.bodies:
        plate = endplate * float(np.exp(rng.normal(0, style.uneven))) if style.uneven else endplate
        add_body(bone, grid, body, fill=fill, endplate=plate, wall=wall, shell_mm=shell)
    add_discs(rng, bone, grid, spine, fill, style.haze)


def _add_band(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, amount: float
) -> None:
    """Add a vertical band in which the posterior elements of all levels merge."""
    back = float(rng.uniform(5, 15))
    points = [body.point_at(-body.depth / 2 - back, 0.0) for body in spine.bodies]
    knots = np.array(points) + rng.normal(0, 1.0, (len(points), 2))
    radii = float(rng.uniform(7, 12)) * (1 + rng.normal(0, 0.12, len(points)))
    add_tube(bone, grid, knots, radii, fill=amount, edge_mm=float(rng.uniform(3, 7)))


def _add_canal(
    rng: np.random.Generator, bone: Array, grid: Grid, spine: Spine, most: float
) -> None:
    """Add the grey between posterior walls and foramina, which obscures the posterior wall."""
    amount = float(rng.beta(1.0, 2.0)) * most
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


def _add_texture(rng: np.random.Generator, bone: Array, grid: Grid) -> None:
    """Modulate the bone with uneven density and with texture of about 1 and 2 mm."""
    wide, high = grid.width * grid.column_mm, grid.height * grid.row_mm
    coarse = rng.standard_normal((int(high / 2.2), int(wide / 1.7)), dtype=np.float32)
    coarse *= np.float32(rng.uniform(0.0, 0.12))
    coarse += np.float32(rng.uniform(0.02, 0.14)) * cloud(rng, coarse.shape, (22, 10))
    texture = enlarge(coarse, bone.shape)
    fine = np.float32(rng.uniform(0.01, 0.09))
    if grid.finest_mm < 0.5:
        small = (round(high / _FINE_MM), round(wide / _FINE_MM))
        fine *= np.float32(1.3)
        texture += enlarge(fine * rng.standard_normal(small, dtype=np.float32), bone.shape)
    else:
        texture += fine * rng.standard_normal(bone.shape, dtype=np.float32)
    texture += np.float32(1)
    bone *= np.maximum(texture, np.float32(0.3), out=texture)
