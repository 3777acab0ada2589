"""From the network's maps to bodies with four corners.

Arrays only: the maps are numpy, coordinates are pixels of the network's input (x right, y down),
the anterior side is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from inference.decoding.corners import locate_corners

Array = NDArray[np.float32]

STRIDE: Final = 4
LEAST_PEAK: Final = 0.2
LONGEST_STEP: Final = 3.2
FIRST_TURN: Final = 60.0
SHARPEST_TURN: Final = 38.0


@dataclass(frozen=True, slots=True)
class DetectedBody:
    """One body as the maps show it.

    Attributes
    ----------
    corners : (4, 2) superior posterior, superior anterior, inferior posterior, inferior anterior
    peak : height of its centre in the heat map, 0 to 1
    sharpness : mean share of the corner maps' weight within two cells of the corner, 0 to 1
    level : log-probabilities of its name, in the order of the level head; empty without one
    """

    corners: NDArray[np.float64]
    peak: float
    sharpness: float
    level: NDArray[np.float64]

    @property
    def center(self) -> NDArray[np.float64]:
        return np.asarray(self.corners.mean(axis=0))

    @property
    def height(self) -> float:
        """Mean length of the two walls."""
        return float(np.linalg.norm(self.corners[2:] - self.corners[:2], axis=1).mean())

    @property
    def confidence(self) -> float:
        return float(np.clip(self.peak, 0, 1) * self.sharpness)


def strongest_peaks(heat: Array, *, count: int = 6) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the ``count`` strongest 3x3 maxima above 0, the strongest first.

    Of equal ones the upper, then the left one goes first.
    """
    peaks = np.where(heat == maximum_filter(heat, 3, mode="constant"), heat, 0)
    order = np.argsort(-peaks, axis=None, kind="stable")[:count]
    rows, columns = np.unravel_index(order, heat.shape)
    high = peaks[rows, columns] > 0
    return rows[high], columns[high]


def decode_ranked(maps: Mapping[str, Array], *, count: int = 6) -> list[DetectedBody]:
    """The paper's decode: the ``count`` strongest 3x3 maxima, sorted from above.

    A corner is 4 * ((cell + reg) - wh). Nothing is thresholded; fewer maxima give fewer bodies.
    """
    heat = maps["hm"][0]
    found = []
    for row, column in zip(*strongest_peaks(heat, count=count), strict=True):
        corners = _coarse_corners(maps, int(row), int(column))
        found.append(DetectedBody(corners, float(heat[row, column]), 1.0, np.empty(0)))
    return sorted(found, key=lambda body: float(body.center[1]))


def decode_all(maps: Mapping[str, Array], *, least_peak: float = LEAST_PEAK) -> list[DetectedBody]:
    """Every body above ``least_peak``, one a place, with refined corners, sorted from above."""
    heat = maps["hm"][0]
    peaks = (heat == maximum_filter(heat, 3, mode="constant")) & (heat > least_peak)
    rows, columns = np.nonzero(peaks)
    order = np.argsort(-heat[rows, columns], kind="stable")
    level = maps["level"].astype(np.float64)
    kept: list[DetectedBody] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        coarse = _coarse_corners(maps, int(row), int(column))
        corners, sharpness = locate_corners(maps["corner"], coarse)
        scores = _sample(
            level,
            row + float(maps["reg"][1, row, column]),
            column + float(maps["reg"][0, row, column]),
            heat.shape,
        )
        body = DetectedBody(corners, float(heat[row, column]), sharpness, scores)
        if all(_apart(body, other) for other in kept):
            kept.append(body)
    return select_column(sorted(kept, key=lambda body: float(body.center[1])))


def select_column(bodies: Sequence[DetectedBody]) -> list[DetectedBody]:
    """The clearest column among the bodies, from above.

    From body to body the column goes on by at most ``LONGEST_STEP`` body heights and turns by at
    most ``SHARPEST_TURN`` degrees; whatever stands beside it is left out.
    """
    columns = [_column_of(bodies, index) for index in range(len(bodies))]
    return max(columns, key=lambda found: sum(body.confidence for body in found), default=[])


def _column_of(bodies: Sequence[DetectedBody], index: int) -> list[DetectedBody]:
    up = _follow(list(bodies[:index])[::-1], bodies[index], np.array([0.0, -1.0]))
    down = _follow(list(bodies[index + 1 :]), bodies[index], np.array([0.0, 1.0]))
    return [*up[::-1], bodies[index], *down]


def _follow(
    candidates: list[DetectedBody], start: DetectedBody, way: NDArray[np.float64]
) -> list[DetectedBody]:
    chain: list[DetectedBody] = []
    at, sharpest = start, FIRST_TURN
    for body in candidates:
        step = body.center - at.center
        length = float(np.linalg.norm(step))
        turn = float(np.rad2deg(np.arccos(np.clip(step @ way / max(length, 1e-9), -1, 1))))
        if length <= LONGEST_STEP * max(at.height, body.height) and turn <= sharpest:
            chain.append(body)
            at, way, sharpest = body, step / length, SHARPEST_TURN
    return chain


def _coarse_corners(maps: Mapping[str, Array], row: int, column: int) -> NDArray[np.float64]:
    center = np.array([column, row], dtype=np.float64) + maps["reg"][:, row, column]
    reach = maps["wh"][:, row, column].astype(np.float64).reshape(4, 2)
    return np.asarray(STRIDE * (center - reach))


def _apart(body: DetectedBody, other: DetectedBody) -> bool:
    """Two bodies are two when their centres lie further apart than half a body."""
    distance = float(np.linalg.norm(body.center - other.center))
    return distance > 0.55 * min(body.height, other.height)


def _sample(
    maps: NDArray[np.float64], row: float, column: float, size: tuple[int, ...]
) -> NDArray[np.float64]:
    """Log-probabilities from logits (classes, h, w) at a cell of a grid ``size`` over the image."""
    height, width = maps.shape[1:]
    y = np.clip((row + 0.5) * height / size[0] - 0.5, 0, height - 1)
    x = np.clip((column + 0.5) * width / size[1] - 0.5, 0, width - 1)
    y0, x0 = int(y), int(x)
    y1, x1 = min(y0 + 1, height - 1), min(x0 + 1, width - 1)
    fy, fx = y - y0, x - x0
    mixed = (maps[:, y0, x0] * (1 - fx) + maps[:, y0, x1] * fx) * (1 - fy)
    mixed = mixed + (maps[:, y1, x0] * (1 - fx) + maps[:, y1, x1] * fx) * fy
    shifted = mixed - mixed.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
