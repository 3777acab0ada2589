"""Observations of simple columns with known levels, for tests of the calibration."""

from __future__ import annotations

import numpy as np

from inference.decoding.vertebrae import DetectedBody
from inference.evaluation.calibration.observations import Observation
from inference.network.configuration import LEVEL_CLASSES

LEVELS = ("T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1")
TILT_DEG = {"T12": -10.0, "L1": -9.0, "L2": -6.0, "L3": 0.0, "L4": 9.0, "L5": 23.0, "S1": 45.0}


def observation(
    rng: np.random.Generator,
    levels: tuple[str, ...] = LEVELS,
    *,
    vote_noise: float = 1.0,
    shift: int = 0,
    visible: tuple[str, ...] | None = None,
    lumbar: int = 5,
    sacrum_hidden: bool = False,
    family: str = "ge_idxa",
    condition: str = "all cues",
    variations: int = 0,
) -> Observation:
    """Return a column whose level votes are noisy and moved by ``shift`` levels."""
    bodies = column(rng, levels, vote_noise, shift)
    return Observation(
        key=f"column {rng.integers(10**9)}",
        family=family,
        condition=condition,
        bodies=bodies,
        width=200.0,
        # The image ends at the last body, except below the sacrum.
        end=20.0 + 30 * (len(levels) - 1) + (60 if levels[-1] == "S1" else 15),
        levels=levels,
        visible=levels if visible is None else visible,
        lumbar=lumbar,
        sacrum_hidden=sacrum_hidden,
        variations={
            f"variation {k}": column(rng, levels, vote_noise, shift) for k in range(variations)
        },
    )


def column(
    rng: np.random.Generator, levels: tuple[str, ...], vote_noise: float, shift: int
) -> list[DetectedBody]:
    """Return bodies of 20 pixels, 30 pixels apart, with the tilts of their levels."""
    bodies = []
    for k, level in enumerate(levels):
        angle = np.deg2rad(TILT_DEG.get(level, -8.0) + rng.normal(0, 1.5))
        axis = np.array([np.cos(angle), np.sin(angle)])
        down = np.array([-axis[1], axis[0]])
        center = np.array([60.0, 20.0 + 30 * k])
        size = 10 * (1 + rng.normal(0, 0.02, 2))
        corners = np.array(
            [
                center + side * size[0] * axis + end * size[1] * down
                for end in (-1, 1)
                for side in (-1, 1)
            ]
        )
        votes = rng.normal(0, vote_noise, len(LEVEL_CLASSES))
        index = min(max(LEVEL_CLASSES.index(level) + shift, 0), len(LEVEL_CLASSES) - 1)
        votes[index] += 6
        bodies.append(DetectedBody(corners, 0.9, 0.9, votes - np.log(np.exp(votes).sum())))
    return bodies
