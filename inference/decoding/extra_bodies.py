"""Find detections between two vertebrae, such as a disc with sclerotic or doubled endplates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.decoding.vertebrae import DetectedBody

NEAR: Final = 0.75
"""Steps to both neighbours are shorter than this multiple of the column's median step."""
REGULAR: Final = (0.75, 1.4)
"""Without the extra body, the step between its neighbours is this multiple of the median step."""


def find_extra_bodies(bodies: Sequence[DetectedBody]) -> tuple[int, ...]:
    """Return the indices of bodies that lie between two others where there is no space for one.

    An extra body is weaker than both its neighbours, and the column is regular without it.

    Parameters
    ----------
    bodies
        From cranial to caudal.
    """
    # With fewer bodies, the median step would itself depend on the extra one.
    if len(bodies) < 5:
        return ()
    centers = np.array([body.center for body in bodies])
    steps = np.linalg.norm(np.diff(centers, axis=0), axis=1)
    extras: list[int] = []
    for k in range(1, len(bodies) - 1):
        above, below = float(steps[k - 1]), float(steps[k])
        typical = float(np.median(np.delete(steps, [k - 1, k])))
        across = float(np.linalg.norm(centers[k + 1] - centers[k - 1]))
        weakest = min((k - 1, k, k + 1), key=lambda index: bodies[index].confidence)
        if (
            max(above, below) < NEAR * typical
            and REGULAR[0] * typical <= across <= REGULAR[1] * typical
            and weakest == k
        ):
            extras.append(k)
    return tuple(extras)
