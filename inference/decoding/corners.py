"""Locate the four corners of a vertebral body in its corner maps.

A corner is the weighted mean position of its map in a window around a first guess. Where a map is
ambiguous, because a process or a rib resembles the corner, the other three corners decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

# No published source or selection experiment is recorded for WINDOW, AMBIGUOUS_VARIANCE and
# SHAPE_SPREAD.
CORNER_STRIDE: Final = 2
"""Input pixels per cell of the corner maps."""
WINDOW: Final = 6
"""Half-width of the window, in cells: 13 x 13 cells around the position given by the centre."""
AMBIGUOUS_VARIANCE: Final = 4.5
"""Variance, in square cells, above which a map is ambiguous; for a sharp corner it is 1 to 3."""
SHAPE_SPREAD: Final = 2.5
"""Standard deviation, in cells, of a corner around the position given by the other three."""
SHARP_RADIUS: Final = 2.0
"""Radius, in cells, around the mean within which weight counts as sharp."""


@dataclass(frozen=True, slots=True)
class _CornerWindow:
    """The normalised weights of one corner's window, with the coordinates of its cells.

    Attributes
    ----------
    share
        Weights (rows, columns), summing to 1.
    xs, ys
        Column and row of each cell (rows, columns), in cells of the map.
    """

    share: NDArray[np.float64]
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        return np.array([(self.share * self.xs).sum(), (self.share * self.ys).sum()])

    @property
    def variance(self) -> float:
        x, y = self.mean
        return float((self.share * ((self.xs - x) ** 2 + (self.ys - y) ** 2)).sum())

    @property
    def sharpness(self) -> float:
        """Share of the weight within `SHARP_RADIUS` cells of the mean."""
        x, y = self.mean
        near_mean = (self.xs - x) ** 2 + (self.ys - y) ** 2 <= SHARP_RADIUS**2
        return float(self.share[near_mean].sum())

    def weighted_towards(self, position: NDArray[np.float64]) -> _CornerWindow:
        """Return the window weighted by a Gaussian around ``position`` (x, y), in cells."""
        distance_squared = (self.xs - position[0]) ** 2 + (self.ys - position[1]) ** 2
        share = self.share * np.exp(-distance_squared / (2 * SHAPE_SPREAD**2))
        # A position far outside the window leaves weights that underflow to 0.
        return _CornerWindow(share / max(float(share.sum()), 1e-300), self.xs, self.ys)


def locate_corners(maps: Array, guess: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the corners of one body and their mean sharpness.

    Parameters
    ----------
    maps
        Logits (4, H, W) at ``CORNER_STRIDE``: superior posterior, superior anterior, inferior
        posterior, inferior anterior.
    guess
        (4, 2), (x, y) in input pixels.

    Returns
    -------
    corners
        (4, 2), (x, y) in input pixels. A corner outside the maps keeps its guess.
    sharpness
        Mean share of the weight close to the corner, 0 to 1.
    """
    # The guess only places the window; the corner itself comes from the map at the finer stride.
    windows = [_window(maps[kind], guess[kind] / CORNER_STRIDE) for kind in range(4)]
    positions = [
        guess[kind] / CORNER_STRIDE if window is None else window.mean
        for kind, window in enumerate(windows)
    ]
    sharpness = [window.sharpness for window in windows if window is not None]
    variance = [0.0 if window is None else window.variance for window in windows]
    # Only the most ambiguous corner is corrected: the correction needs three reliable ones.
    worst = int(np.argmax(variance))
    window = windows[worst]
    if window is not None and variance[worst] > AMBIGUOUS_VARIANCE:
        positions[worst] = window.weighted_towards(_fourth_corner(positions, worst)).mean
    refined = CORNER_STRIDE * np.array(positions)
    return refined, float(np.mean(sharpness)) if sharpness else 0.0


def _fourth_corner(positions: Sequence[NDArray[np.float64]], kind: int) -> NDArray[np.float64]:
    """Return corner ``kind`` of the parallelogram through the other three."""
    # Corners are numbered so that bit 0 is anterior and bit 1 is inferior.
    # A vertebral body is nearly a parallelogram in a lateral view, also when it is wedged or
    # tilted.
    across, down, diagonal = positions[kind ^ 1], positions[kind ^ 2], positions[kind ^ 3]
    return np.asarray(across + down - diagonal)


def _window(logits: Array, guess: NDArray[np.float64]) -> _CornerWindow | None:
    """Return the softmax weights around a guess (x, y) in cells, ``None`` outside the map."""
    height, width = logits.shape
    x, y = np.rint(guess).astype(int)
    y0, y1 = max(0, y - WINDOW), min(height, y + WINDOW + 1)
    x0, x1 = max(0, x - WINDOW), min(width, x + WINDOW + 1)
    # A guess up to two cells outside still has its corner inside the map; further out there is
    # none.
    if not (-2 <= x < width + 2 and -2 <= y < height + 2) or y0 >= y1 or x0 >= x1:
        return None
    window = logits[y0:y1, x0:x1].astype(np.float64)
    # The maximum is subtracted so that the exponential cannot overflow.
    share = np.exp(window - window.max())
    ys, xs = np.mgrid[y0:y1, x0:x1].astype(np.float64)
    return _CornerWindow(share / share.sum(), xs, ys)
