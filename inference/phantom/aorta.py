"""The abdominal aorta anterior to L1-L4, its calcified plaques and their AAC-24 grades.

References
----------
Kauppila et al. 1997, Atherosclerosis 132:245.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import Spine

# Levels, walls and cells as in studies.analytics.scale, which this package must not import.
Wall = Literal["anterior", "posterior"]
SCORED: Final = ("L1", "L2", "L3", "L4")
WALLS: Final[tuple[Wall, Wall]] = ("anterior", "posterior")
CELLS: Final = tuple(f"{level}_{wall}" for level in SCORED for wall in WALLS)
GROUP_SHARES: Final = (0.45, 0.36, 0.19)
"""Published shares of low (0-1), moderate (2-5) and high (6 or more) totals in women over 70."""

# Calcification starts caudally and posteriorly: relative probability that a point is in a cell.
_CELL_WEIGHTS: Final = np.array([0.5, 0.8, 0.9, 1.3, 1.5, 2.1, 2.1, 3.0])


@dataclass(frozen=True, slots=True)
class Plaque:
    """A calcified section of one wall in one level.

    Attributes
    ----------
    level, wall : str
        Where it lies.
    start, end : float
        Share of the wall's length in that level, 0 to 1.
    points : float array (points, 2)
        Centre line in mm.
    radius : float, mm
        Mean radius.
    density : float
        Relative density; 1 is typical.
    """

    level: str
    wall: Wall
    start: float
    end: float
    points: NDArray[np.float64]
    radius: float
    density: float


@dataclass(frozen=True, slots=True)
class Aorta:
    """The aorta of one subject.

    Attributes
    ----------
    anterior, posterior : float arrays (points, 2)
        Walls as polylines in mm, from above T12 to below L4.
    plaques : tuple of Plaque
        Calcifications.
    grades : dict
        Reference grade of each cell.
    front : dict
        Points (points, 2) of the anterior wall in each level. Whether they lie inside the field is
        the reference standard of the crop check.
    """

    anterior: NDArray[np.float64]
    posterior: NDArray[np.float64]
    plaques: tuple[Plaque, ...]
    grades: dict[str, int]
    front: dict[str, NDArray[np.float64]]


def grade(share: float) -> int:
    """Return the AAC-24 grade of one wall from the calcified share of its length (Kauppila 1997).

    Boundaries belong to the lower grade.

    Examples
    --------
    >>> [grade(share) for share in (0.0, 1 / 3, 0.5, 2 / 3, 0.7)]
    [0, 1, 2, 2, 3]
    """
    if share <= 0:
        return 0
    return 1 if share <= 1 / 3 else 2 if share <= 2 / 3 else 3


def sample_aorta(rng: np.random.Generator, spine: Spine) -> Aorta:
    """Draw an aorta along the guides of the spine, with plaques that match drawn grades."""
    first = spine.bodies.index(spine.body("T12"))
    anchors, directions = [], []
    for upper, lower in itertools.pairwise(spine.bodies[first : first + 6]):
        above, below = upper.corners(), lower.corners()
        back, front = (above[2] + below[0]) / 2, (above[3] + below[1]) / 2
        anchors.append(front)
        directions.append((front - back) / np.linalg.norm(front - back))
    anchor, direction = np.array(anchors), np.array(directions)

    gap = rng.uniform(1.5, 6) + np.cumsum(rng.normal(0, 0.7, 5))
    gap = np.clip(gap, 0.8, 11)
    caliber = rng.uniform(15, 22) * np.linspace(1.08, 0.88, 5) * (1 + rng.normal(0, 0.03, 5))
    if rng.random() < 0.04:  # a small aneurysm
        caliber += rng.uniform(3, 9) * np.exp(-((np.arange(5) - rng.uniform(2, 4)) ** 2))
    walls = {
        "posterior": anchor + direction * gap[:, None],
        "anterior": anchor + direction * (gap + caliber)[:, None],
    }
    grades = sample_grades(rng)
    plaques: list[Plaque] = []
    front = {}
    for k, level in enumerate(SCORED):
        for wall in WALLS:
            curve = _wall_in_level(walls[wall], k)
            plaques += _sample_plaques(rng, level, wall, grades[f"{level}_{wall}"], curve)
        front[level] = _wall_in_level(walls["anterior"], k)
    return Aorta(
        anterior=_extend_wall(walls["anterior"]),
        posterior=_extend_wall(walls["posterior"]),
        plaques=tuple(plaques),
        grades=grades,
        front=front,
    )


def sample_grades(rng: np.random.Generator) -> dict[str, int]:
    """Draw the grades of the eight cells, with totals distributed over groups as `GROUP_SHARES`."""
    group = int(rng.choice(3, p=GROUP_SHARES))
    if group == 0:
        total = int(rng.random() < 0.25)
    elif group == 1:
        total = int(rng.integers(2, 6))
    else:
        total = int(np.clip(6 + rng.geometric(0.16) - 1, 6, 24))
    cells = np.zeros(8, dtype=int)
    for _ in range(total):
        weight = np.where(cells < 3, _CELL_WEIGHTS * (1 + 0.6 * (cells > 0)), 0)
        cells[int(rng.choice(8, p=weight / weight.sum()))] += 1
    return {name: int(value) for name, value in zip(CELLS, cells, strict=True)}


def _sample_plaques(
    rng: np.random.Generator,
    level: str,
    wall: Wall,
    target: int,
    curve: NDArray[np.float64],
) -> list[Plaque]:
    """Draw one to three plaques whose summed length is clearly within the target grade."""
    if target == 0:
        return []
    # Away from 1/3 and 2/3, so that the grade does not depend on the boundary rule of a study.
    low, high = ((0.1, 0.28), (0.40, 0.60), (0.74, 0.97))[target - 1]
    share = float(rng.uniform(low, high))
    pieces = int(rng.integers(1, 4)) if share < 0.8 else int(rng.integers(1, 3))
    if share / pieces < 0.07:
        pieces = 1
    lengths = rng.dirichlet(np.full(pieces, 4.0)) * share
    gaps = rng.dirichlet(np.full(pieces + 1, 1.5)) * (1 - share)
    plaques, start = [], 0.0
    density = rng.uniform(0.55, 1.2)
    for k in range(pieces):
        start += float(gaps[k])
        end = start + float(lengths[k])
        plaques.append(
            Plaque(
                level=level,
                wall=wall,
                start=start,
                end=end,
                points=_section(curve, start, end),
                radius=float(rng.uniform(0.7, 1.5)),
                density=float(density * rng.uniform(0.8, 1.2)),
            )
        )
        start = end
    return plaques


def _wall_in_level(knots: NDArray[np.float64], k: int, count: int = 25) -> NDArray[np.float64]:
    """Return the wall between guides k and k + 1, on a Catmull-Rom curve (count, 2) in mm."""
    before = knots[k - 1] if k > 0 else 2 * knots[0] - knots[1]
    after = knots[k + 2] if k + 2 < len(knots) else 2 * knots[-1] - knots[-2]
    start, end = knots[k], knots[k + 1]
    t = np.linspace(0, 1, count)[:, None]
    slope_start, slope_end = (end - before) / 2, (after - start) / 2
    return np.asarray(
        (2 * t**3 - 3 * t**2 + 1) * start
        + (t**3 - 2 * t**2 + t) * slope_start
        + (3 * t**2 - 2 * t**3) * end
        + (t**3 - t**2) * slope_end
    )


def _section(curve: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Return the part of a curve between two shares of its arc length (points, 2)."""
    lengths = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum()
    at = np.linspace(start, end, max(2, int(np.ceil((end - start) * 14))))
    return np.stack([np.interp(at, along, curve[:, axis]) for axis in (0, 1)], axis=1)


def _extend_wall(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the whole wall, extended above the first guide and slightly below the last."""
    parts = [_wall_in_level(knots, k, 8)[:-1] for k in range(len(knots) - 1)]
    above = knots[0] + np.outer(np.linspace(6, 1, 6), (knots[0] - knots[1]) * 0.8)
    below = knots[-1] + (knots[-1] - knots[-2]) * 0.35
    return np.concatenate([above, *parts, knots[-1:], below[None]])
