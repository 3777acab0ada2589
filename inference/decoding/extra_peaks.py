"""What the paper's decoding passes over: a seventh body as strong as the six that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from inference.decoding.vertebrae import Array, DetectedBody, decode_ranked
from inference.results import VERTEBRAE
from inference.runtime.peak_heads import POINTS

EQUAL_STRENGTH: Final = 0.6
"""A further peak counts from this share of the weakest named one's height on."""
NEXT_BODY: Final = (0.6, 1.6)
"""How far it must lie from the nearest of the six, in steps from body to body."""
SIDEWAYS: Final = 40.0
"""How far off the column's way it may lie, in degrees."""


def decode_with_extra_peaks(maps: Mapping[str, Array]) -> list[DetectedBody]:
    """The paper's six bodies and those that seem to continue them, from above.

    What lies beside the column, or is much weaker than the six, is left out.
    """
    found = decode_ranked(maps, count=POINTS)
    strongest = sorted(found, key=lambda body: -body.peak)
    six, others = strongest[: len(VERTEBRAE)], strongest[len(VERTEBRAE) :]
    column = sorted(six, key=lambda body: float(body.center[1]))
    further = [body for body in others if _continues(body, column)]
    return sorted([*six, *further], key=lambda body: float(body.center[1]))


def _continues(body: DetectedBody, column: Sequence[DetectedBody]) -> bool:
    if body.peak < EQUAL_STRENGTH * min(other.peak for other in column):
        return False
    centers = np.array([other.center for other in column])
    steps = np.diff(centers, axis=0)
    step = float(np.median(np.linalg.norm(steps, axis=1)))
    ways = body.center - centers
    distances = np.linalg.norm(ways, axis=1)
    nearest = int(distances.argmin())
    if not NEXT_BODY[0] * step <= distances[nearest] <= NEXT_BODY[1] * step:
        return False
    along = steps[min(nearest, len(steps) - 1)] if nearest else steps[0]
    cosine = abs(float(ways[nearest] @ along)) / max(
        float(distances[nearest] * np.linalg.norm(along)), 1e-9
    )
    return cosine >= float(np.cos(np.deg2rad(SIDEWAYS)))
