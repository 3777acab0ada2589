"""Why an answer may be wrong: the names of the levels, or the view itself.

Everything here is judged from the bodies that were found, in pixels of the network's input or of
the image: only ratios count.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.decode import FoundBody
from inference.naming import Naming, step_lengths
from inference.shapes import VERTEBRAE, LevelDoubt

SURE_OF_NAMES: Final = 0.90
SURE_OF_BODY: Final = 0.25
SIZE_JUMP: Final = 1.75
LEAST_BODIES: Final = 4
LATERAL: Final = 0.5
WANTED: Final = tuple(vertebra.value for vertebra in VERTEBRAE)


def doubt_levels(bodies: Sequence[FoundBody], naming: Naming) -> LevelDoubt | None:
    """The first reason, the gravest first, why the names T12-L5 may not be right.

    Reasons: ``fewer_than_six``, ``gap``, ``names_uncertain``, ``weak_body``, ``irregular_size``,
    ``end_uncertain``.
    """
    missing = [name for name in WANTED if name not in naming.names]
    if missing:
        found = len(WANTED) - len(missing)
        return LevelDoubt(
            "fewer_than_six",
            f"{found} of the six bodies were found and named; missing: {', '.join(missing)}.",
        )
    for k in naming.gaps:
        if naming.names[k] in WANTED or naming.names[k + 1] in WANTED:
            steps = step_lengths(bodies)
            ratio = steps[k] / max(bodies[k].height, 1e-6)
            return LevelDoubt(
                "gap",
                f"Gap of {ratio:.1f} body heights between {naming.names[k]} and "
                f"{naming.names[k + 1]}: a body may have been missed.",
            )
    if naming.probability < SURE_OF_NAMES:
        way = "lower" if naming.runner_up > 0 else "higher"
        return LevelDoubt(
            "names_uncertain",
            f"The names fit with a probability of {naming.probability:.2f}; "
            f"next best: every name {abs(naming.runner_up)} {way}.",
        )
    named = [body for body, name in zip(bodies, naming.names, strict=True) if name in WANTED]
    weak = [
        name
        for body, name in zip(bodies, naming.names, strict=True)
        if name in WANTED and body.confidence < SURE_OF_BODY
    ]
    if weak:
        return LevelDoubt("weak_body", f"Found with little confidence: {', '.join(weak)}.")
    jump = _size_jump(named)
    if jump > SIZE_JUMP:
        return LevelDoubt(
            "irregular_size", f"Neighbouring bodies differ in size by a factor of {jump:.1f}."
        )
    return None


def doubt_view(bodies: Sequence[FoundBody], *, lateral: float | None = None) -> LevelDoubt | None:
    """Why the image may not be a lateral spine at all; ``lateral`` is the network's own opinion.

    Reasons: ``not_lateral``, ``few_bodies``, ``no_column``.
    """
    if lateral is not None and lateral < LATERAL:
        return LevelDoubt(
            "not_lateral",
            f"The network takes this for another view (lateral spine: {lateral:.2f}).",
        )
    if len(bodies) < LEAST_BODIES:
        return LevelDoubt("few_bodies", f"{len(bodies)} vertebral bodies were found.")
    sure = [body for body in bodies if body.confidence >= SURE_OF_BODY]
    bend = _bend(sure)
    if bend > 50:
        return LevelDoubt(
            "no_column", f"The bodies do not stand in a column: it turns by {bend:.0f} degrees."
        )
    if _size_jump(sure) > 2 * SIZE_JUMP:
        return LevelDoubt("no_column", "The bodies differ in size as no column's do.")
    return None


def _size_jump(bodies: Sequence[FoundBody]) -> float:
    """The largest ratio between the depths of neighbours; heights may differ by a fracture."""
    depth = [
        float(np.linalg.norm(body.corners[[1, 3]] - body.corners[[0, 2]], axis=1).mean())
        for body in bodies
    ]
    ratios = [max(a, b) / max(min(a, b), 1e-6) for a, b in itertools.pairwise(depth)]
    return max(ratios, default=1.0)


def _bend(bodies: Sequence[FoundBody]) -> float:
    """The largest turn between consecutive steps from body to body, in degrees."""
    if len(bodies) < 3:
        return 0.0
    steps = np.diff(np.array([body.center for body in bodies]), axis=0)
    angles = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    return float(np.rad2deg(np.abs(np.diff(angles)).max(initial=0.0)))
