"""Spinous processes: long and steep in the thoracic, short and blunt in the lumbar spine.

The level of the transition varies by three vertebrae between subjects, so that the shape of a
process does not identify its level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import LEVELS, BodyShape
from inference.phantom.raster import Array, Grid, add_tube

# Where short processes begin differs by up to three vertebrae between people; earlier weights named
# a real scan by this cue alone.
_FIRST_BLUNT = ("T11", "T12", "L1", "L2")
_SHARES = (0.1, 0.4, 0.3, 0.2)


@dataclass(frozen=True, slots=True)
class Processes:
    """Common properties of the spinous processes of one subject.

    Attributes
    ----------
    first_blunt : int
        Index in `LEVELS` of the first blunt process.
    gradual : float
        Number of vertebrae over which the shape changes.
    tall : float
        Half the height of a blunt process, as a share of the body's height.
    reach : float, mm
        Distance from the facets to the tip of a blunt process.
    bright, rim : float
        Brightness of blunt processes and of their rims; some scans hardly show them.
    """

    first_blunt: int
    gradual: float
    tall: float
    reach: float
    bright: float
    rim: float


def sample_processes(rng: np.random.Generator) -> Processes:
    """Draw the properties of one subject's spinous processes."""
    faint = rng.random() < 0.15
    return Processes(
        first_blunt=LEVELS.index(str(rng.choice(_FIRST_BLUNT, p=_SHARES))),
        gradual=float(rng.choice([0.0, 1.0, 2.0], p=[0.45, 0.35, 0.2])),
        tall=float(rng.uniform(0.22, 0.42)),
        reach=float(rng.uniform(12, 25)),
        bright=float(rng.uniform(0.1, 0.5) if faint else rng.uniform(0.6, 2.0)),
        rim=float(rng.uniform(0.0, 1.2)),
    )


def add_spinous_process(
    rng: np.random.Generator,
    bone: Array,
    grid: Grid,
    body: BodyShape,
    amount: float,
    style: Processes,
) -> None:
    """Add the spinous process of one vertebra: steep, blunt or intermediate."""
    above = style.first_blunt - LEVELS.index(body.level)
    steep = float(np.clip(above / (style.gradual + 1), 0, 1))
    back, tall = -body.depth / 2, body.posterior
    if steep > 0.6:
        knots = [(back - 16, 0.2 * tall), (back - 29, 0.75 * tall), (back - 38, 1.25 * tall)]
        shape = np.array([5.5, 4.2, 4.6]) * rng.uniform(0.75, 1.15)
        points, radii = _roughen(rng, body, knots, shape)
        fill = 0.2 * amount * rng.uniform(0.6, 1.3)
        add_tube(bone, grid, points, radii, fill=fill, rim=0.06, edge_mm=rng.uniform(1.4, 3.0))
        return
    reach = style.reach * rng.uniform(0.85, 1.15)
    high = style.tall * tall * rng.uniform(0.85, 1.1) * (1 - 0.35 * steep)
    drop = (0.1 + 0.5 * steep) * tall + rng.normal(0, 1.5)
    start = 0.45 * tall + rng.normal(0, 1.0)
    knots = [
        (back - 22, start),
        (back - 27, start + 0.4 * drop),
        (back - 22 - reach, start + drop),
    ]
    points, radii = _roughen(rng, body, knots, np.array([0.6, 0.95, 1.0]) * high)
    bright = style.bright * amount * rng.uniform(0.7, 1.25)
    add_tube(
        bone,
        grid,
        points,
        radii,
        fill=0.15 * bright,
        rim=0.06 * bright * style.rim,
        flat=bool(rng.random() < 0.5),
        edge_mm=rng.uniform(1.4, 3.5),
    )
    root = np.array([body.point_at(back - 15, 0.0), body.point_at(back - 22, 0.35 * tall)])
    add_tube(bone, grid, root, 4.5, fill=0.28 * amount, edge_mm=2.0)


def _roughen(
    rng: np.random.Generator,
    body: BodyShape,
    knots: list[tuple[float, float]],
    radii: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a finer centre line (points, 2) in mm and radii with an irregular outline.

    ``knots`` are positions along and down the axes of the body, ``radii`` their radii in mm.
    """
    given = np.linspace(0, 1, len(knots))
    fine = np.linspace(0, 1, 6)
    path = np.stack([np.interp(fine, given, axis) for axis in np.array(knots).T], axis=1)
    path[1:] += rng.normal(0, 0.6, (len(fine) - 1, 2))
    points = np.array([body.point_at(float(along), float(down)) for along, down in path])
    return points, np.interp(fine, given, radii) * (1 + rng.normal(0, 0.12, len(fine)))
