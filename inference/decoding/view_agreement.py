"""Combine the bodies of an image with those that were detected in its variations."""

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


def _nearest(body: DetectedBody, others: Sequence[DetectedBody]) -> DetectedBody | None:
    distances = [float(np.linalg.norm(other.center - body.center)) for other in others]
    if not distances or min(distances) > SAME_BODY * body.height:
        return None
    return others[int(np.argmin(distances))]
