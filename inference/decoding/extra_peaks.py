"""Detect a seventh vertebral body that the paper's decoding of six peaks ignores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from inference.decoding.vertebrae import POINTS, Array, DetectedBody, decode_ranked
from inference.results import VERTEBRAE

# The rule is described in docs/vertenet.md with its results on phantoms; how the three values were
# selected is not recorded.
EQUAL_STRENGTH: Final = 0.6
"""Minimum height of an extra peak, as a share of the lowest of the six labelled peaks."""
NEXT_BODY: Final = (0.6, 1.6)
"""Allowed distance from the nearest of the six, in median steps between bodies."""
SIDEWAYS: Final = 40.0
"""Maximum deviation from the direction of the column, in degrees."""


def decode_with_extra_peaks(maps: Mapping[str, Array]) -> list[DetectedBody]:
    """Return the paper's six bodies and any further ones that continue the column.

    Parameters
    ----------
    maps
        Heat map and regression maps, as `decode_ranked` takes them.

    Returns
    -------
    list of DetectedBody
        From cranial to caudal. Peaks beside the column, or much weaker than the six, are left out.
    """
    # More candidates are not available: the sparse heads are evaluated at POINTS peaks only.
    candidates = decode_ranked(maps, count=POINTS)
    strongest = sorted(candidates, key=lambda body: -body.peak)
    six, others = strongest[: len(VERTEBRAE)], strongest[len(VERTEBRAE) :]
    column = sorted(six, key=lambda body: float(body.center[1]))
    further = [body for body in others if _continues(body, column)]
    return sorted([*six, *further], key=lambda body: float(body.center[1]))


def _continues(body: DetectedBody, column: Sequence[DetectedBody]) -> bool:
    """Return whether a further peak is strong enough and lies in line with the column."""
    if body.peak < EQUAL_STRENGTH * min(other.peak for other in column):
        return False
    centers = np.array([other.center for other in column])
    steps = np.diff(centers, axis=0)
    # The median tolerates one step that is doubled by a missed body.
    median_step = float(np.median(np.linalg.norm(steps, axis=1)))
    offsets = body.center - centers
    distances = np.linalg.norm(offsets, axis=1)
    nearest = int(distances.argmin())
    if not NEXT_BODY[0] * median_step <= distances[nearest] <= NEXT_BODY[1] * median_step:
        return False
    # The first body has no step above it, and the last none below it: both use the nearest step.
    along = steps[min(nearest, len(steps) - 1)] if nearest else steps[0]
    # The absolute value accepts a body above the column as well as one below it.
    cosine = abs(float(offsets[nearest] @ along)) / max(
        float(distances[nearest] * np.linalg.norm(along)), 1e-9
    )
    return cosine >= float(np.cos(np.deg2rad(SIDEWAYS)))
