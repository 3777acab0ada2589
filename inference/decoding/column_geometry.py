"""Tilt, shape and spacing of the bodies of a column, which differ from level to level.

Only ratios and angles are used, so neither the size of the subject nor that of a pixel matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody

Values = NDArray[np.float64]
BODY_TERMS: Final = ("tilt_deg", "wedge", "aspect")
"""Terms of one body: tilt of its antero-posterior axis (positive if anterior is lower), log of
anterior over posterior height, log of height over depth."""
STEP_TERMS: Final = ("turn_deg", "depth_ratio", "height_ratio", "spacing")
"""Terms of two neighbours: change of tilt, logs of the ratios of depth and height, log of the
distance of their centres over their mean height."""
# Keeps ratios and their logarithms finite where two corners coincide.
_SMALLEST: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ColumnGeometry:
    """Terms of a column.

    Attributes
    ----------
    bodies
        (n, 3), in the order of `BODY_TERMS`.
    steps
        (n - 1, 4), in the order of `STEP_TERMS`.
    """

    bodies: Values
    steps: Values


def measure_column(bodies: Sequence[DetectedBody]) -> ColumnGeometry:
    """Return the geometry of a column.

    Parameters
    ----------
    bodies
        From cranial to caudal, at least one; corners in isotropic pixels. Anterior may be on either
        side.
    """
    corners = np.array([body.corners for body in bodies])
    # Corners 0 and 2 are posterior, 1 and 3 anterior.
    axes = corners[:, [1, 3]].mean(axis=1) - corners[:, [0, 2]].mean(axis=1)
    # Mirrored if anterior is on the left, so that tilts have the same sign on either side.
    forward = (
        np.abs(axes[:, 0]) if axes[:, 0].mean() == 0 else axes[:, 0] * np.sign(axes[:, 0].mean())
    )
    tilt = np.rad2deg(np.arctan2(axes[:, 1], forward))
    posterior = _length(corners[:, 2] - corners[:, 0])
    anterior = _length(corners[:, 3] - corners[:, 1])
    depth, height = _length(axes), (posterior + anterior) / 2
    centers = corners.mean(axis=1)
    distance = _length(np.diff(centers, axis=0))
    return ColumnGeometry(
        bodies=np.stack([tilt, np.log(anterior / posterior), np.log(height / depth)], axis=1),
        steps=np.stack(
            [
                np.diff(tilt),
                np.diff(np.log(depth)),
                np.diff(np.log(height)),
                np.log(distance / ((height[1:] + height[:-1]) / 2)),
            ],
            axis=1,
        ),
    )


def _length(vectors: Values) -> Values:
    # The lower bound keeps bodies whose corners coincide from giving infinite ratios.
    return np.asarray(np.maximum(np.linalg.norm(vectors, axis=-1), _SMALLEST))
