"""The corners of a vertebral body and of its neighbours, in the frame of the body.

The frame has its origin in the mean of the four corners, its first axis along the depth of the
body, and the depth as its unit, so that position, size and tilt of the spine do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

REACH: Final = 2
"""Neighbours that are described on each side."""
FEATURES: Final = (2 * REACH + 1) * 8
"""Coordinates of all described corners."""
_LEAST_DEPTH: Final = 1e-3
"""Depth in pixels below which corners coincide and give no frame."""


@dataclass(frozen=True, slots=True, eq=False)
class LocalShape:
    """A body and its neighbours in the frame of the body.

    Attributes
    ----------
    features
        Coordinates (FEATURES,) of the corners, from the second body above to the second below; NaN
        where there is none.
    axes
        Unit vectors (2, 2) of the frame, as columns.
    depth
        Depth of the body in pixels.
    """

    features: Values
    axes: Values
    depth: float

    @classmethod
    def of(cls, corners: Values, body: int) -> LocalShape | None:
        """Return the shape around one body, ``None`` if it is missing or its corners coincide.

        Parameters
        ----------
        corners
            Corners (bodies, 4, 2) in isotropic pixels, from cranial to caudal, in the order of
            `inference.results.CORNERS`; NaN for a missing body.
        body
            Index of the body.
        """
        first, second, third, fourth = corners[body]
        across = (second - first + fourth - third) / 2
        depth = float(np.linalg.norm(across))
        if not depth >= _LEAST_DEPTH:  # also if it is NaN
            return None
        x, y = across / depth
        axes = np.array([[x, -y], [y, x]])
        features = np.full((2 * REACH + 1, 4, 2), np.nan)
        for slot, index in enumerate(range(body - REACH, body + REACH + 1)):
            if 0 <= index < len(corners):
                features[slot] = (corners[index] - corners[body].mean(axis=0)) @ axes / depth
        return cls(features.ravel(), axes, depth)

    def spreads(self, covariances: Values) -> Values:
        """Return standard deviations (8,) in the frame for covariances (4, 2, 2) in pixels."""
        turned = self.axes.T @ covariances @ self.axes
        variances = np.diagonal(turned, axis1=1, axis2=2)
        return np.asarray(np.sqrt(np.maximum(variances, 0)).ravel() / self.depth)

    def to_local(self, vectors: Values) -> Values:
        """Return vectors (4, 2) in pixels as coordinates (8,) of the frame."""
        return np.asarray((vectors @ self.axes).ravel() / self.depth)

    def to_pixels(self, coordinates: Values) -> Values:
        """Return coordinates (8,) of the frame as vectors (4, 2) in pixels."""
        return np.asarray(self.depth * coordinates.reshape(4, 2) @ self.axes.T)
