"""Combine and compare the bodies of an image with those that were detected in its variations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from inference.decoding.vertebrae import DetectedBody

CLEAR: Final = 0.99
"""Probability of the labels from which on an image is analysed once only."""
SAME_BODY: Final = 0.5
"""Largest distance between detections of one body in two views, in its heights."""


def average_votes(
    bodies: Sequence[DetectedBody], variations: Sequence[Sequence[DetectedBody]]
) -> list[DetectedBody]:
    """Return the bodies with their level votes averaged over the image and its variations.

    Parameters
    ----------
    bodies
        Bodies of the image itself; their corners are kept.
    variations
        Bodies of each variation, in the same coordinates.

    Returns
    -------
    list of DetectedBody
        ``level`` is the mean of the log-probabilities of all views that show the body, normalised.
    """
    averaged = []
    for body in bodies:
        views = [body.level]
        for others in variations:
            near = _nearest(body, others)
            if near is not None:
                views.append(near.level)
        level = np.mean(views, axis=0)
        level = level - level.max()
        averaged.append(replace(body, level=level - np.log(np.exp(level).sum())))
    return averaged


def measure_disagreement(
    bodies: Sequence[DetectedBody], variations: Sequence[Sequence[DetectedBody]]
) -> float:
    """Return how far variations disagree with an image on its bodies.

    Parameters
    ----------
    bodies
        Bodies of the image itself.
    variations
        Bodies of each variation, in the same coordinates.

    Returns
    -------
    float
        Mean over bodies and variations, from 0 (the same corners) to 1 (bodies that no variation
        shows, or corners that are `SAME_BODY` heights apart). It is 1 without bodies and 0 without
        variations.
    """
    if not bodies:
        return 1.0
    distances = [
        1.0 if near is None else min(_corner_distance(body, near) / SAME_BODY, 1.0)
        for others in variations
        for body in bodies
        for near in (_nearest(body, others),)
    ]
    return float(np.mean(distances)) if distances else 0.0


def _corner_distance(body: DetectedBody, other: DetectedBody) -> float:
    """Return the mean distance between the corners of two bodies, in heights of the first."""
    # A mirrored variation may take the anterior corners for the posterior ones.
    swapped = other.corners[[1, 0, 3, 2]]
    nearest = min(
        float(np.linalg.norm(corners - body.corners, axis=1).mean())
        for corners in (other.corners, swapped)
    )
    return nearest / max(body.height, 1e-6)


def _nearest(body: DetectedBody, others: Sequence[DetectedBody]) -> DetectedBody | None:
    distances = [float(np.linalg.norm(other.center - body.center)) for other in others]
    if not distances or min(distances) > SAME_BODY * body.height:
        return None
    return others[int(np.argmin(distances))]
