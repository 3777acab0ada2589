"""How far a mode moves landmarks: against the literal forward, in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody
from inference.geometry.input_transform import PAPER_HEIGHT, PAPER_WIDTH
from inference.image import Image
from inference.predictor import Predictor
from inference.results import CORNERS, Prediction


@dataclass(frozen=True, slots=True)
class Shift:
    """Distances between corners that both found, in pixels of the paper's frame.

    ``apart`` counts what only one of the two found.
    """

    distances: NDArray[np.float64]
    apart: int

    def percentile(self, share: float) -> float:
        return float(np.percentile(self.distances, share)) if self.distances.size else float("nan")


def compare_bodies(expected: Sequence[DetectedBody], found: Sequence[DetectedBody]) -> Shift:
    """Of bodies in the frame, each matched with that whose centre lies nearest."""
    distances, apart = [], abs(len(expected) - len(found))
    for body in expected:
        nearest = min(found, key=lambda other: _apart(body, other), default=None)
        if nearest is None or _apart(body, nearest) > 8:
            apart += 1
        else:
            distances.append(np.linalg.norm(body.corners - nearest.corners, axis=1))
    return Shift(np.concatenate(distances) if distances else np.empty(0), apart)


def compare_predictors(expected: Predictor, found: Predictor, images: Iterable[Image]) -> Shift:
    """Of named corners over images."""
    distances: list[float] = []
    apart = 0
    for image in images:
        scale = np.array([PAPER_WIDTH, PAPER_HEIGHT]) / (image.width, image.height)
        one, other = (_corners(predictor.predict(image)) for predictor in (expected, found))
        apart += len(one.keys() ^ other.keys())
        distances += [
            float(np.linalg.norm((one[name] - other[name]) * scale))
            for name in one.keys() & other.keys()
        ]
    return Shift(np.array(distances), apart)


def _corners(prediction: Prediction) -> dict[tuple[str, str], NDArray[np.float64]]:
    corners = {}
    for vertebra, body in prediction.landmarks.bodies.items():
        for name in CORNERS:
            point = getattr(body, name)
            if point is not None:
                corners[vertebra.value, name] = np.array(point)
    return corners


def _apart(body: DetectedBody, other: DetectedBody) -> float:
    return float(np.linalg.norm(body.center - other.center))
