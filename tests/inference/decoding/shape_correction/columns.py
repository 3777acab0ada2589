"""Columns of bodies for tests of the correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def column() -> NDArray[np.float64]:
    """Return corners (6, 4, 2) of six bodies, 40 deep and 30 high, one below the other."""
    body = np.array([(0.0, 0.0), (40.0, 0.0), (0.0, 30.0), (40.0, 30.0)])
    return body + np.array([(2.0 * k, 40.0 * k) for k in range(6)])[:, None]


def round_maps(variance: float = 4.0) -> NDArray[np.float64]:
    """Return covariances (6, 4, 2, 2) of maps that are equally wide in all directions."""
    return np.broadcast_to(variance * np.eye(2), (6, 4, 2, 2)).copy()
