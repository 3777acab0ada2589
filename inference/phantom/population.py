"""Subjects drawn from population data: size, curvature, wear, number of lumbar bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import BodyShape, Spine
from inference.phantom.degeneration import (
    add_wear,
    fracture_neighbours,
    narrow_discs,
    sample_slips,
)

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Typical:
    """A vertebra of a typical adult.

    Attributes
    ----------
    depth, height : float, mm
        Antero-posterior depth and posterior height of the body.
    wedge : float
        Anterior over posterior height.
    disc : float, mm
        Height of the disc below.
    tilt : float, degrees
        Angle of the antero-posterior axis.
    """

    depth: float
    height: float
    wedge: float
    disc: float
    tilt: float


_TYPICAL: Final = {
    "T3": _Typical(20.0, 17.0, 0.97, 3.0, 15.0),
    "T4": _Typical(21.0, 17.8, 0.97, 3.0, 12.0),
    "T5": _Typical(22.0, 18.5, 0.97, 3.2, 9.0),
    "T6": _Typical(23.5, 19.2, 0.96, 3.4, 5.0),
    "T7": _Typical(25.0, 20.0, 0.96, 3.6, 1.0),
    "T8": _Typical(26.5, 20.8, 0.96, 3.9, -3.0),
    "T9": _Typical(28.0, 21.5, 0.97, 4.2, -6.0),
    "T10": _Typical(29.0, 22.5, 0.97, 4.6, -8.0),
    "T11": _Typical(30.0, 23.7, 0.97, 5.2, -9.5),
    "T12": _Typical(31.0, 25.4, 0.97, 6.0, -10.5),
    "L1": _Typical(32.0, 27.0, 0.97, 7.2, -9.5),
    "L2": _Typical(33.0, 28.0, 1.00, 8.4, -6.0),
    "L3": _Typical(34.0, 28.0, 1.02, 9.6, 0.0),
    "L4": _Typical(34.5, 27.3, 1.05, 10.6, 9.0),
    "L5": _Typical(34.5, 25.0, 1.17, 9.5, 23.0),
    "S1": _Typical(33.0, 27.0, 1.08, 1.5, 47.0),
}
# With four or six lumbar bodies, the last one has much the shape and tilt of a normal L5.
_OF_SIX: Final = {
    **_TYPICAL,
    "L5": _Typical(34.5, 26.5, 1.08, 10.0, 15.0),
    "L6": _Typical(34.5, 24.5, 1.15, 8.0, 27.0),
}
_OF_FOUR: Final = {
    **{name: row for name, row in _TYPICAL.items() if name != "L5"},
    "L4": _Typical(34.5, 25.5, 1.14, 9.5, 19.0),
}
_LEVELS_OF: Final = {
    4: ("T12", "L1", "L2", "L3", "L4", "S1"),
    5: ("T12", "L1", "L2", "L3", "L4", "L5", "S1"),
    6: ("T12", "L1", "L2", "L3", "L4", "L5", "L6", "S1"),
}


ODD_COUNT: Final = 0.04
"""Share of subjects with four or six lumbar bodies."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Position and size of the bodies of one subject.

    Arrays have one element per body, in mm and radians. ``scoliosis`` is the distance in mm that
    lateral bending adds between the two projected rims of an end plate.
    """

    levels: tuple[str, ...]
    size: float
    depth: Values
    anterior: Values
    posterior: Values
    biconcave: Values
    tilt: Values
    centers: Values
    scoliosis: float


def sample_spine(
    rng: np.random.Generator,
    *,
    odd_count: float = ODD_COUNT,
    transitional: float = 0.02,
    degenerative: bool = False,
) -> Spine:
    """Draw one subject's spine: size, curvature, wear, fractures, number of lumbar bodies.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    odd_count : float
        Probability of four or six lumbar bodies.
    transitional : float
        Probability that the last lumbar body is partly sacralised; it keeps its name.
    degenerative : bool
        Whether the spine is degenerative: narrowed discs, osteophytes and sclerosis, often slips,
        rotation and neighbouring fractures.
    """
    lumbar = 5 if rng.random() >= odd_count else int(rng.choice([4, 6], p=[0.4, 0.6]))
    table = {4: _OF_FOUR, 5: _TYPICAL, 6: _OF_SIX}[lumbar]
    levels = tuple(name for name in table if name.startswith("T")) + _LEVELS_OF[lumbar][1:]
    rows = [table[name] for name in levels]
    count = len(rows)
    size = rng.normal(1.0, 0.075)
    depth = np.array([row.depth for row in rows]) * size * rng.uniform(0.82, 1.08)
    depth = depth * (1 + rng.normal(0, 0.02, count))
    height = np.array([row.height for row in rows]) * size * rng.normal(1.0, 0.03)
    height = height * (1 + rng.normal(0, 0.02, count))
    wedge = np.array([row.wedge for row in rows]) + rng.normal(0, 0.025, count)
    disc = np.array([row.disc for row in rows]) * size * rng.normal(0.95, 0.16)
    disc = disc * np.exp(rng.normal(0, 0.14, count))
    if rng.random() < 0.3:  # narrowed discs
        for _ in range(int(rng.integers(1, 4))):
            disc[int(rng.integers(6, count - 1))] *= rng.uniform(0.25, 0.7)
    fused: tuple[int, ...] = ()
    if rng.random() < 0.03:
        fused = (int(rng.integers(5, count - 1)),)
        disc[list(fused)] *= rng.uniform(0.1, 0.4)
    tilt = _sample_tilt(rng, np.array([row.tilt for row in rows]), levels.index("L2"))
    if rng.random() < transitional:
        _join_to_sacrum(rng, disc, tilt)
    anterior, posterior, biconcave = _fracture(rng, height, wedge)
    if degenerative:
        if rng.random() < 0.35:
            fracture_neighbours(rng, levels, (anterior, posterior), biconcave)
        narrow_discs(rng, levels, disc, tilt, (anterior - posterior) / depth)
    centers = _stack(height, anterior, posterior, disc, tilt)
    if degenerative and rng.random() < 0.5:
        centers += sample_slips(rng, levels, tilt)
    frame = _Frame(
        levels=levels,
        size=float(size),
        depth=depth,
        anterior=anterior,
        posterior=posterior,
        biconcave=biconcave,
        tilt=tilt,
        centers=centers - centers[levels.index("L3")],
        scoliosis=float(rng.uniform(1.5, 5.0)) if rng.random() < 0.12 else 0.0,
    )
    spine = Spine(_shape(rng, frame), fused, 1.0 + frame.scoliosis / 2.5)
    return add_wear(rng, spine) if degenerative else spine


def _shape(rng: np.random.Generator, frame: _Frame) -> tuple[BodyShape, ...]:
    """Return the bodies of a frame, with contours and density."""
    count = len(frame.levels)
    concavity = rng.uniform(0.5, 2.2) * frame.size * (1 + rng.normal(0, 0.25, (2, count)))
    concavity = np.clip(concavity, 0.2, 4) + frame.biconcave
    concavity[1] *= rng.uniform(0.9, 1.4)
    # Both rims of rolled bodies are visible: slightly by parallax, clearly with lateral bending.
    roll_scale = abs(rng.normal(0, 1.1)) + frame.scoliosis
    roll = np.abs(roll_scale * _smooth(rng, count) + rng.normal(0, 0.25, count))
    # Shorter lips are not osteophytes: waist and flare of the body represent them.
    beaks = 1.5 + rng.gamma(2, 1.0, (2, count))
    lips = np.where(rng.random((2, count)) < rng.uniform(0, 0.2), beaks, 0)
    waist = rng.uniform(0.6, 3.2) * frame.size
    flare = rng.uniform(0.3, 1.1)
    corner = rng.uniform(1.0, 2.8)
    blunt = corner * np.exp(rng.normal(0.1, 0.25, 2)) + rng.gamma(1.0, 0.7, 2) * [0.5, 1.0]
    density = np.exp(rng.normal(0, 0.06, count))
    rims_back = float(rng.uniform(0, 6)) if rng.random() < 0.75 else 0.0
    return tuple(
        BodyShape(
            level=level,
            center=(float(frame.centers[k, 0]), float(frame.centers[k, 1])),
            tilt=float(frame.tilt[k]),
            depth=float(frame.depth[k]),
            posterior=float(frame.posterior[k]),
            anterior=float(frame.anterior[k]),
            concavity_superior=float(concavity[0, k]) * (0.4 if level == "S1" else 1.0),
            concavity_inferior=float(concavity[1, k]) * (0.2 if level == "S1" else 1.0),
            waist_anterior=float(waist * rng.uniform(0.7, 1.3)),
            waist_posterior=float(0.6 * waist * rng.uniform(0.6, 1.3)),
            flare=float(flare * rng.uniform(0.8, 1.25)),
            corner=float(corner * rng.uniform(0.8, 1.2)),
            corner_superior=float(min(blunt[0] * rng.uniform(0.7, 1.3), 6.0)),
            corner_inferior=float(min(blunt[1] * rng.uniform(0.7, 1.3), 7.0)),
            roll_superior=float(roll[k]),
            roll_inferior=float(roll[min(k + 1, count - 1)] * rng.uniform(0.7, 1.3)),
            lip_superior=float(min(lips[0, k], 7.0)),
            lip_inferior=float(min(lips[1, k], 7.0)),
            density=float(density[k]),
            rims_back=rims_back * float(rng.uniform(0.5, 1.5)),
            dents=_sample_dents(rng, float(frame.depth[k])),
            shade=float(rng.normal(0, 0.12)),
            fade=float(np.clip(rng.normal(0, 0.4), -0.9, 0.9)),
        )
        for k, level in enumerate(frame.levels)
    )


def _sample_dents(
    rng: np.random.Generator, depth: float
) -> tuple[tuple[int, float, float, float], ...]:
    if rng.random() >= 0.02:
        return ()
    along = float(rng.uniform(-0.25, 0.25)) * depth
    return ((int(rng.choice([-1, 1])), along, float(rng.uniform(2, 5)), float(rng.uniform(2, 5))),)


def _sample_tilt(rng: np.random.Generator, typical: Values, middle: int) -> Values:
    count = typical.size
    lordosis = float(np.clip(rng.normal(1.0, 0.3), 0.35, 1.8))
    kyphosis = float(np.clip(rng.normal(1.0, 0.4), 0.1, 2.2))
    apex = typical[middle]
    factor = np.where(np.arange(count) > middle, lordosis, kyphosis)
    tilt = apex + (typical - apex) * factor
    # Keeps the sacrum from turning into the last lumbar body in strongly lordotic spines.
    tilt[-1] = min(tilt[-1], tilt[-2] + 30)
    tilt = tilt + rng.normal(0, 4.5) + rng.normal(0, 1.2, count) + 3 * _smooth(rng, count)
    return np.asarray(np.deg2rad(tilt))


def _join_to_sacrum(rng: np.random.Generator, disc: Values, tilt: Values) -> None:
    """Make the last lumbar body transitional: a thin disc below, a tilt closer to the sacrum."""
    disc[-2] *= rng.uniform(0.1, 0.5)
    tilt[-2] += rng.uniform(0.1, 0.5) * (tilt[-1] - tilt[-2])


def _fracture(
    rng: np.random.Generator, height: Values, wedge: Values
) -> tuple[Values, Values, Values]:
    """Return anterior heights, posterior heights and additional concavity (2, bodies) in mm.

    Some subjects have one to three fractures: wedge, biconcave or crush.
    """
    posterior = height.copy()
    anterior = height * wedge
    biconcave = np.zeros((2, height.size))
    if rng.random() < 0.22:
        for _ in range(int(rng.integers(1, 4))):
            k = int(rng.integers(3, 14))
            loss = rng.uniform(0.12, 0.45)
            kind = rng.random()
            if kind < 0.5:
                anterior[k] *= 1 - loss
            elif kind < 0.8:
                biconcave[:, k] += loss * height[k] * rng.uniform(0.15, 0.4, 2)
            else:
                anterior[k] *= 1 - loss
                posterior[k] *= 1 - loss * rng.uniform(0.6, 1.0)
    return anterior, posterior, biconcave


def _stack(
    height: Values,
    anterior: Values,
    posterior: Values,
    disc: Values,
    tilt: Values,
) -> Values:
    """Return the centres (bodies, 2) in mm of bodies stacked with discs between them."""
    down = np.stack([-np.sin(tilt), np.cos(tilt)], axis=1)
    half = (anterior + posterior)[:, None] / 4
    step = half[:-1] * down[:-1] + half[1:] * down[1:]
    step += disc[:-1, None] * (down[:-1] + down[1:]) / 2
    centers = np.concatenate([np.zeros((1, 2)), np.cumsum(step, axis=0)])
    return np.asarray(centers)


def _smooth(rng: np.random.Generator, count: int) -> Values:
    """Return a smooth random curve of ``count`` values between about -1 and 1."""
    phase, turns = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 1.4)
    return np.asarray(np.sin(phase + np.linspace(0, 2 * np.pi * turns, count)))
