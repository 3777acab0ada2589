"""The abdominal aorta in front of L1-L4, its calcified plaques, and the AAC-24 they amount to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import Spine

Wall = Literal["anterior", "posterior"]
SCORED: Final = ("L1", "L2", "L3", "L4")
WALLS: Final[tuple[Wall, Wall]] = ("anterior", "posterior")
CELLS: Final = tuple(f"{level}_{wall}" for level in SCORED for wall in WALLS)
GROUP_SHARES: Final = (0.45, 0.36, 0.19)
"""Shares of low (0-1), moderate (2-5) and high (6 and more) totals: women over 70, published."""

# Calcification starts low and at the back: chance that a further point falls on a cell.
_CELL_WEIGHTS: Final = np.array([0.5, 0.8, 0.9, 1.3, 1.5, 2.1, 2.1, 3.0])


@dataclass(frozen=True, slots=True)
class Plaque:
    """A calcified stretch of one wall in one level, from ``start`` to ``end`` of its length."""

    level: str
    wall: Wall
    start: float
    end: float
    points: NDArray[np.float64]
    radius: float
    density: float


@dataclass(frozen=True, slots=True)
class Aorta:
    """Walls as polylines in mm from above T12 to below L4, the plaques, and the true grades.

    ``front`` holds, per level, the points of the anterior wall in that level: whether they lie
    inside the field is the truth of the crop check.
    """

    anterior: NDArray[np.float64]
    posterior: NDArray[np.float64]
    plaques: tuple[Plaque, ...]
    grades: dict[str, int]
    front: dict[str, NDArray[np.float64]]


def grade(share: float) -> int:
    """AAC-24 grade of one wall from the calcified share of its length (Kauppila 1997).

    A boundary belongs to the lower grade.

    Examples
    --------
    >>> [grade(share) for share in (0.0, 1 / 3, 0.5, 2 / 3, 0.7)]
    [0, 1, 2, 2, 3]
    """
    if share <= 0:
        return 0
    return 1 if share <= 1 / 3 else 2 if share <= 2 / 3 else 3


def sample_aorta(rng: np.random.Generator, spine: Spine) -> Aorta:
    """Draw the vessel along the guides of the spine, and plaques to a total drawn first."""
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
            curve = _between(walls[wall], k)
            plaques += _sample_plaques(rng, level, wall, grades[f"{level}_{wall}"], curve)
        front[level] = _between(walls["anterior"], k)
    return Aorta(
        anterior=_extended(walls["anterior"]),
        posterior=_extended(walls["posterior"]),
        plaques=tuple(plaques),
        grades=grades,
        front=front,
    )


def sample_grades(rng: np.random.Generator) -> dict[str, int]:
    """Eight AAC-24 cells whose totals fall into the groups with ``GROUP_SHARES``."""
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
    """One to three stretches whose summed share of the wall has the target's grade, clearly."""
    if target == 0:
        return []
    low, high = ((0.1, 0.28), (0.40, 0.60), (0.74, 0.97))[target - 1]
    share = float(rng.uniform(low, high))
    pieces = int(rng.integers(1, 4)) if share < 0.8 else int(rng.integers(1, 3))
    if share / pieces < 0.07:
        pieces = 1
    lengths = rng.dirichlet(np.full(pieces, 4.0)) * share
    gaps = rng.dirichlet(np.full(pieces + 1, 1.5)) * (1 - share)
    found, start = [], 0.0
    density = rng.uniform(0.55, 1.2)
    for k in range(pieces):
        start += float(gaps[k])
        end = start + float(lengths[k])
        found.append(
            Plaque(
                level=level,
                wall=wall,
                start=start,
                end=end,
                points=_stretch(curve, start, end),
                radius=float(rng.uniform(0.7, 1.5)),
                density=float(density * rng.uniform(0.8, 1.2)),
            )
        )
        start = end
    return found


def _between(knots: NDArray[np.float64], k: int, count: int = 25) -> NDArray[np.float64]:
    """The wall between guide k and guide k + 1 on a Catmull-Rom curve through the guides."""
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


def _stretch(curve: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """The part of a curve between two shares of its arc length."""
    lengths = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum()
    at = np.linspace(start, end, max(2, int(np.ceil((end - start) * 14))))
    return np.stack([np.interp(at, along, curve[:, axis]) for axis in (0, 1)], axis=1)


def _extended(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """The whole wall, carried on above the first guide and a little below the last."""
    parts = [_between(knots, k, 8)[:-1] for k in range(len(knots) - 1)]
    above = knots[0] + np.outer(np.linspace(6, 1, 6), (knots[0] - knots[1]) * 0.8)
    below = knots[-1] + (knots[-1] - knots[-2]) * 0.35
    return np.concatenate([above, *parts, knots[-1:], below[None]])
