"""Compare the landmarks of two modes of computation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody
from inference.geometry.input_transform import PAPER_HEIGHT, PAPER_WIDTH
from inference.image import Image
from inference.predictor import Predictor
from inference.results import CORNERS, Prediction

MATCH_PX: Final = 8
"""Largest distance between the centres of matching bodies, a fraction of a body height."""


@dataclass(frozen=True, slots=True)
class LandmarkShift:
    """Differences between two sets of landmarks.

    Attributes
    ----------
    distances
        Distances (n,) between matching corners, in pixels of the 512 x 1024 frame.
    unmatched
        Number of bodies or corners that only one of the two sets contains.
    """

    distances: NDArray[np.float64]
    unmatched: int

    def percentile(self, share: float) -> float:
        """Return a percentile of the distances, NaN if there are none."""
        return float(np.percentile(self.distances, share)) if self.distances.size else float("nan")


def compare_bodies(
    expected: Sequence[DetectedBody], actual: Sequence[DetectedBody]
) -> LandmarkShift:
    """Compare bodies in the frame, matching each one to the body with the nearest centre.

    Bodies whose centres are more than ``MATCH_PX`` apart are not matched.
    """
    distances, unmatched = [], abs(len(expected) - len(actual))
    for body in expected:
        nearest = min(actual, key=lambda other: _distance(body, other), default=None)
        if nearest is None or _distance(body, nearest) > MATCH_PX:
            unmatched += 1
        else:
            distances.append(np.linalg.norm(body.corners - nearest.corners, axis=1))
    return LandmarkShift(np.concatenate(distances) if distances else np.empty(0), unmatched)


def compare_predictors(
    expected: Predictor, actual: Predictor, images: Iterable[Image]
) -> LandmarkShift:
    """Compare the labelled corners that two predictors return, over all images."""
    distances: list[float] = []
    unmatched = 0
    for image in images:
        # Distances are compared in the frame, whose size does not depend on the scanner.
        scale = np.array([PAPER_WIDTH, PAPER_HEIGHT]) / (image.width, image.height)
        one, other = (_corners(predictor.predict(image)) for predictor in (expected, actual))
        # A corner that only one of the two predictors found has no distance.
        unmatched += len(one.keys() ^ other.keys())
        distances += [
            float(np.linalg.norm((one[name] - other[name]) * scale))
            for name in one.keys() & other.keys()
        ]
    return LandmarkShift(np.array(distances), unmatched)


def _corners(prediction: Prediction) -> dict[tuple[str, str], NDArray[np.float64]]:
    corners = {}
    for vertebra, body in prediction.landmarks.bodies.items():
        for name in CORNERS:
            point = getattr(body, name)
            if point is not None:
                corners[vertebra.value, name] = np.array(point)
    return corners


def _distance(body: DetectedBody, other: DetectedBody) -> float:
    return float(np.linalg.norm(body.center - other.center))
