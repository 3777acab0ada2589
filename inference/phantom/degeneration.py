"""Degenerative changes of a spine: narrowed discs, slips, fractures, osteophytes, sclerosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.phantom.anatomy import BodyShape, Spine

Values = NDArray[np.float64]

MAX_RIM_DISTANCE_MM: Final = 8.0
"""Largest distance between the two projected rims of an endplate."""
MIN_DISC_MM: Final = 1.0
"""Height of the narrowest discs."""
_MIN_GAP_MM: Final = 0.6
"""Smallest distance between neighbouring endplates at either wall."""
_DEEPEST: Final = 0.15
"""Deepest concavity of an endplate, as a share of its depth. Corners of deeper ones become spikes
whose contour runs along the bisector, so that their landmark is not defined."""
_SLIPPING: Final = {"L2": 0.1, "L3": 0.25, "L4": 0.45, "L5": 0.2}
"""Bodies that slip over the next one, with their relative frequency."""


def narrow_discs(
    rng: np.random.Generator, levels: Sequence[str], disc: Values, tilt: Values, lean: Values
) -> None:
    """Narrow one to four discs below T11, some to a millimetre.

    Endplates become nearly parallel, which reduces the lordosis; otherwise they would cross.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    levels : sequence of str
        Levels of the bodies.
    disc : float array (bodies,)
        Heights in mm of the discs below the bodies, changed in place.
    tilt : float array (bodies,)
        Tilts in radians, changed in place.
    lean : float array (bodies,)
        Angle in radians between the two endplates of each body, positive if the anterior wall is
        higher.
    """
    first, last = levels.index("T11"), len(levels) - 1
    for k in rng.permutation(np.arange(first, last))[: int(rng.integers(1, 5))]:
        disc[k] = min(disc[k], float(rng.uniform(MIN_DISC_MM, 3.5)))
    np.maximum(disc, MIN_DISC_MM, out=disc)
    # Half a body is less than 20 mm deep.
    limits = (disc - _MIN_GAP_MM) / 20
    for k in range(last):
        opening = (tilt[k + 1] - lean[k + 1] / 2) - (tilt[k] + lean[k] / 2)
        tilt[k + 1 :] -= opening - np.clip(opening, -limits[k], limits[k])


def fracture_neighbours(
    rng: np.random.Generator,
    levels: Sequence[str],
    heights: tuple[Values, Values],
    biconcave: Values,
) -> None:
    """Give two neighbouring bodies between T11 and L4 a wedge and a biconcave fracture.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    levels : sequence of str
        Levels of the bodies.
    heights : two float arrays (bodies,)
        Anterior and posterior heights in mm; the first is changed in place.
    biconcave : float array (2, bodies)
        Additional concavity in mm of superior and inferior endplates, changed in place.
    """
    anterior, posterior = heights
    k = int(rng.integers(levels.index("T11"), levels.index("L4")))
    wedge, fish = (k, k + 1) if rng.random() < 0.5 else (k + 1, k)
    anterior[wedge] = posterior[wedge] * (1 - rng.uniform(0.25, 0.5))
    biconcave[:, wedge] = 0
    biconcave[:, fish] = posterior[fish] * rng.uniform(0.08, 0.2, 2)


def sample_slips(rng: np.random.Generator, levels: Sequence[str], tilt: Values) -> Values:
    """Return the displacement (bodies, 2) in mm by one or two slips, mostly anterior ones.

    All bodies above a slipped one move with it.
    """
    moved = np.zeros((len(levels), 2))
    names = [name for name in _SLIPPING if name in levels]
    weights = np.array([_SLIPPING[name] for name in names])
    count = int(rng.integers(1, 3))
    for name in rng.choice(names, count, replace=False, p=weights / weights.sum()):
        k = levels.index(str(name))
        step = rng.uniform(3, 11) if rng.random() < 0.65 else -rng.uniform(2, 6)
        moved[: k + 1] += step * np.array([np.cos(tilt[k + 1]), np.sin(tilt[k + 1])])
    return moved


def add_wear(rng: np.random.Generator, spine: Spine) -> Spine:
    """Return a spine with osteophytes, bridges, vacuum discs and sclerotic, doubled endplates.

    Landmarks move only as far as the corner convention says: osteophytes do not move them, and of
    a doubled endplate they are halfway between the rims.
    """
    severity = float(rng.uniform(0.3, 1.0))
    count = len(spine.bodies)
    # Distance of the rims at each disc: rotation varies smoothly along the spine.
    turned = rng.random() < 0.6
    phase, turns = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.0)
    rotation = np.abs(np.sin(phase + np.linspace(0, 2 * np.pi * turns, count + 1)))
    rims = rotation * float(rng.uniform(1.5, MAX_RIM_DISTANCE_MM / 2)) * turned
    gaps = _disc_heights(spine)
    narrow = np.concatenate([[False], gaps < 4.5, [False]])
    bodies = []
    for k, body in enumerate(spine.bodies):
        beaks = (rng.random(4) < 0.7 * severity) * (1.5 + rng.gamma(2.0, 1.2, 4))
        hard = rng.uniform(0.0, 0.5, 2) + rng.uniform(0.4, 1.6, 2) * narrow[k : k + 2]
        bodies.append(
            replace(
                body,
                concavity_superior=min(body.concavity_superior, _DEEPEST * body.depth),
                concavity_inferior=min(body.concavity_inferior, _DEEPEST * body.depth),
                lip_superior=max(body.lip_superior, float(min(beaks[0], 9.0))),
                lip_inferior=max(body.lip_inferior, float(min(beaks[1], 9.0))),
                lip_superior_posterior=float(min(0.6 * beaks[2], 5.0)),
                lip_inferior_posterior=float(min(0.6 * beaks[3], 5.0)),
                roll_superior=_rim(body.roll_superior, rims[k]),
                roll_inferior=_rim(body.roll_inferior, rims[k + 1]),
                sclerosis_superior=severity * float(hard[0]),
                sclerosis_inferior=severity * float(hard[1]),
            )
        )
    bridges = [
        (k, "anterior" if rng.random() < 0.75 else "posterior")
        for k in range(6, count - 1)
        if rng.random() < 0.25 * severity
    ]
    vacuum = [k for k in range(6, count - 1) if narrow[k + 1] and rng.random() < 0.4]
    return replace(
        spine,
        bodies=tuple(bodies),
        bridges=tuple(bridges),
        vacuum=tuple(vacuum),
        asymmetry=spine.asymmetry + float(rims.max()) / 2.5,
    )


def add_parallax(rng: np.random.Generator, spine: Spine) -> Spine:
    """Return a spine whose endplates are seen slightly from above or below, as flat ellipses.

    A divergent beam meets most endplates obliquely. Landmarks stay halfway between the rims.
    """
    count = len(spine.bodies) + 1
    slope, offset = rng.normal(0, 1.2), rng.normal(0, 0.8)
    rims = np.abs(offset + slope * np.linspace(-1, 1, count) + rng.normal(0, 0.25, count))
    return replace(
        spine,
        bodies=tuple(
            replace(
                body,
                roll_superior=_rim(body.roll_superior, float(rims[k])),
                roll_inferior=_rim(body.roll_inferior, float(rims[k + 1])),
            )
            for k, body in enumerate(spine.bodies)
        ),
    )


def _rim(before: float, added: float) -> float:
    return float(min(max(before, added), MAX_RIM_DISTANCE_MM / 2))


def _disc_heights(spine: Spine) -> Values:
    """Return the mean heights (bodies - 1,) of the discs in mm."""

    def height(above: BodyShape, below: BodyShape) -> float:
        gap = below.corners()[:2] - above.corners()[2:]
        return float(np.linalg.norm(gap, axis=1).mean())

    pairs = zip(spine.bodies[:-1], spine.bodies[1:], strict=True)
    return np.array([height(above, below) for above, below in pairs])
