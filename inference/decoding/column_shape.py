"""Measure the shape of a column of vertebral bodies."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from inference.decoding.vertebrae import DetectedBody


def size_jump(bodies: Sequence[DetectedBody]) -> float:
    """Return the largest ratio between the depths of neighbours.

    Heights are not compared, because a fracture changes them.
    """
    # Corners 0 and 2 are posterior, 1 and 3 anterior: these are the lengths of both endplates.
    depth = [
        float(np.linalg.norm(body.corners[[1, 3]] - body.corners[[0, 2]], axis=1).mean())
        for body in bodies
    ]
    # The lower bound keeps a body whose corners coincide from dividing by zero.
    ratios = [max(a, b) / max(min(a, b), 1e-6) for a, b in itertools.pairwise(depth)]
    return max(ratios, default=1.0)


def turns_deg(bodies: Sequence[DetectedBody]) -> list[float]:
    """Return the angles between consecutive steps from body to body, in degrees."""
    if len(bodies) < 3:
        return []
    steps = np.diff(np.array([body.center for body in bodies]), axis=0)
    # Unwrapped, because a turn across ±180 degrees is not a turn of 360.
    angles = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    return [float(turn) for turn in np.rad2deg(np.abs(np.diff(angles)))]
