"""Decode the network's maps into vertebral bodies with four corners.

Maps are numpy arrays. Coordinates are pixels of the network's input (x right, y down), with
anterior to the right.
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

POINTS: Final = 8
"""Number of peaks at which the heads of the paper's network are evaluated.

The decoding of the paper uses the six strongest peaks. Two more are evaluated, because a seventh
vertebral body makes the labels of the six uncertain."""
STRIDE: Final = 4
"""Input pixels per cell of the heat map (VerteNet)."""
# How the five values below were selected is not recorded.
LEAST_PEAK: Final = 0.2
"""Minimum height of a peak in the heat map, 0 to 1."""
LONGEST_STEP: Final = 3.2
"""Maximum distance between neighbouring centres, in body heights."""
FIRST_TURN: Final = 60.0
"""Maximum deviation of the first step of a column from the vertical, in degrees."""
SHARPEST_TURN: Final = 38.0
"""Maximum turn from one step of a column to the next, in degrees."""
SAME_BODY: Final = 0.55
"""Centres closer than this multiple of the smaller height belong to the same body."""


@dataclass(frozen=True, slots=True)
class DetectedBody:
    """One vertebral body in the network's maps.

    Attributes
    ----------
    corners
        (4, 2), (x, y): superior posterior, superior anterior, inferior posterior, inferior
        anterior.
    peak
        Height of the centre in the heat map, 0 to 1.
    sharpness
        Mean share of the corner maps' weight within two cells of the corner, 0 to 1.
    level
        Log-probability of each class of the level head; empty without one.
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
        """Mean length of the posterior and the anterior wall, in pixels of the corners."""
        return float(np.linalg.norm(self.corners[2:] - self.corners[:2], axis=1).mean())

    @property
    def confidence(self) -> float:
        """Peak height times corner sharpness, 0 to 1."""
        return float(np.clip(self.peak, 0, 1) * self.sharpness)


def strongest_peaks(heat: Array, *, count: int = 6) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of the strongest 3x3 maxima above 0, in descending order.

    Parameters
    ----------
    heat
        Heat map (rows, columns).
    count
        Maximum number of peaks. Ties are resolved from top to bottom, then from left to right.
    """
    # Outside the map counts as 0, so that peaks at the border are found as well.
    peaks = np.where(heat == maximum_filter(heat, 3, mode="constant"), heat, 0)
    # A stable sort gives the same bodies on every processor where two peaks are equally high.
    order = np.argsort(-peaks, axis=None, kind="stable")[:count]
    rows, columns = np.unravel_index(order, heat.shape)
    positive = peaks[rows, columns] > 0
    return rows[positive], columns[positive]


def decode_ranked(maps: Mapping[str, Array], *, count: int = 6) -> list[DetectedBody]:
    """Return the strongest peaks as bodies, from cranial to caudal, as the paper does.

    Parameters
    ----------
    maps
        ``hm`` (1, h, w), ``reg`` (2, h, w) and ``wh`` (8, h, w), at `STRIDE`.
    count
        Maximum number of bodies. No threshold is applied; fewer maxima give fewer bodies.

    Notes
    -----
    A corner is 4 * ((cell + reg) - wh).

    References
    ----------
    VerteNet, arXiv 2502.02097.
    """
    heat = maps["hm"][0]
    bodies = []
    for row, column in zip(*strongest_peaks(heat, count=count), strict=True):
        corners = _coarse_corners(maps, int(row), int(column))
        # The paper's network has no corner maps, so sharpness is 1.
        bodies.append(DetectedBody(corners, float(heat[row, column]), 1.0, np.empty(0)))
    return sorted(bodies, key=lambda body: float(body.center[1]))


def decode_all(maps: Mapping[str, Array], *, least_peak: float = LEAST_PEAK) -> list[DetectedBody]:
    """Return every body of the clearest column, with refined corners, from cranial to caudal.

    Parameters
    ----------
    maps
        As for `decode_ranked`, with ``corner`` (4, H, W) and ``level`` (classes, h, w).
    least_peak
        Minimum height of a peak. Overlapping peaks count as one body.
    """
    heat = maps["hm"][0]
    peaks = (heat == maximum_filter(heat, 3, mode="constant")) & (heat > least_peak)
    rows, columns = np.nonzero(peaks)
    order = np.argsort(-heat[rows, columns], kind="stable")
    level = maps["level"].astype(np.float64)
    bodies: list[DetectedBody] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        coarse = _coarse_corners(maps, int(row), int(column))
        corners, sharpness = locate_corners(maps["corner"], coarse)
        scores = _level_log_probabilities(
            level,
            row + float(maps["reg"][1, row, column]),
            column + float(maps["reg"][0, row, column]),
            heat.shape,
        )
        body = DetectedBody(corners, float(heat[row, column]), sharpness, scores)
        # Peaks come in descending order, so the strongest of overlapping peaks remains.
        if all(_are_separate(body, other) for other in bodies):
            bodies.append(body)
    return select_column(sorted(bodies, key=lambda body: float(body.center[1])))


def select_column(bodies: Sequence[DetectedBody]) -> list[DetectedBody]:
    """Return the column with the highest total confidence, from cranial to caudal.

    From body to body a column advances by at most `LONGEST_STEP` body heights and turns by at most
    `SHARPEST_TURN` degrees. Bodies beside it are left out.
    """
    # Every body is tried as the start, because the strongest peak may be a false one beside the
    # spine.
    columns = [_column_through(bodies, index) for index in range(len(bodies))]
    return max(columns, key=lambda column: sum(body.confidence for body in column), default=[])


def _column_through(bodies: Sequence[DetectedBody], index: int) -> list[DetectedBody]:
    """Return the column through one of the bodies, followed upwards and downwards."""
    up = _follow(list(bodies[:index])[::-1], bodies[index], np.array([0.0, -1.0]))
    down = _follow(list(bodies[index + 1 :]), bodies[index], np.array([0.0, 1.0]))
    return [*up[::-1], bodies[index], *down]


def _follow(
    candidates: list[DetectedBody], start: DetectedBody, direction: NDArray[np.float64]
) -> list[DetectedBody]:
    """Return the candidates that continue a column from ``start`` in a direction (unit vector)."""
    chain: list[DetectedBody] = []
    # The first step has no predecessor and is compared with the vertical, hence its wider limit.
    current, largest_turn = start, FIRST_TURN
    for body in candidates:
        step = body.center - current.center
        length = float(np.linalg.norm(step))
        turn = float(np.rad2deg(np.arccos(np.clip(step @ direction / max(length, 1e-9), -1, 1))))
        # The larger of both heights, so that a collapsed vertebra does not end the column.
        if length <= LONGEST_STEP * max(current.height, body.height) and turn <= largest_turn:
            chain.append(body)
            current, direction, largest_turn = body, step / length, SHARPEST_TURN
    return chain


def _coarse_corners(maps: Mapping[str, Array], row: int, column: int) -> NDArray[np.float64]:
    """Return corners (4, 2) in input pixels from the regression maps at one cell."""
    # The head wh predicts centre minus corner, not width and height (docs/vertenet.md).
    center = np.array([column, row], dtype=np.float64) + maps["reg"][:, row, column]
    reach = maps["wh"][:, row, column].astype(np.float64).reshape(4, 2)
    return np.asarray(STRIDE * (center - reach))


def _are_separate(body: DetectedBody, other: DetectedBody) -> bool:
    """Return whether two detections are two bodies rather than one detected twice."""
    distance = float(np.linalg.norm(body.center - other.center))
    return distance > SAME_BODY * min(body.height, other.height)


def _level_log_probabilities(
    maps: NDArray[np.float64], row: float, column: float, size: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return log-probabilities (classes,), interpolated bilinearly between logits.

    Parameters
    ----------
    maps
        Logits (classes, h, w).
    row, column
        Position in cells of a grid of shape ``size`` over the same image.
    """
    height, width = maps.shape[1:]
    # Half-pixel centres, as everywhere in the network: cell centres are at integers.
    y = np.clip((row + 0.5) * height / size[0] - 0.5, 0, height - 1)
    x = np.clip((column + 0.5) * width / size[1] - 0.5, 0, width - 1)
    y0, x0 = int(y), int(x)
    y1, x1 = min(y0 + 1, height - 1), min(x0 + 1, width - 1)
    fy, fx = y - y0, x - x0
    mixed = (maps[:, y0, x0] * (1 - fx) + maps[:, y0, x1] * fx) * (1 - fy)
    mixed = mixed + (maps[:, y1, x0] * (1 - fx) + maps[:, y1, x1] * fx) * fy
    # The maximum is subtracted so that the exponential cannot overflow.
    shifted = mixed - mixed.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
