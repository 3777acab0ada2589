"""From a body's corner maps to its four corners.

A corner is the mean place of its map's weight in a window around a first guess. Where a map is
undecided, because a process or a rib looks like the corner too, the other three corners decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

CORNER_STRIDE: Final = 2
WINDOW: Final = 6
"""A corner is read from 13 x 13 cells around where the body's centre says that it lies."""
UNDECIDED: Final = 4.5
"""Variance, in square cells, above which a map is undecided; a sharp corner's is 1 to 3."""
SHAPE_SPREAD: Final = 2.5
"""Standard deviation, in cells, of a corner around the place where the other three put it."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One corner's window: shares of the weight, the cells' places, mean and variance."""

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
        """Share of the weight within two cells of the mean."""
        x, y = self.mean
        return float(self.share[(self.xs - x) ** 2 + (self.ys - y) ** 2 <= 4.0].sum())

    def near(self, place: NDArray[np.float64]) -> _Reading:
        """The same reading, with what lies far from ``place`` made improbable."""
        away = (self.xs - place[0]) ** 2 + (self.ys - place[1]) ** 2
        share = self.share * np.exp(-away / (2 * SHAPE_SPREAD**2))
        return _Reading(share / max(float(share.sum()), 1e-300), self.xs, self.ys)


def locate_corners(maps: Array, guess: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Corners (4, 2) in input pixels, and how sharp they are on average, 0 to 1.

    Parameters
    ----------
    maps
        Logits (4, H, W) at ``CORNER_STRIDE``: superior posterior, superior anterior, inferior
        posterior, inferior anterior.
    guess
        (4, 2) in input pixels. A corner outside the maps keeps its guess.
    """
    readings = [_read(maps[kind], guess[kind] / CORNER_STRIDE) for kind in range(4)]
    places = [
        guess[kind] / CORNER_STRIDE if reading is None else reading.mean
        for kind, reading in enumerate(readings)
    ]
    sharpness = [reading.sharpness for reading in readings if reading is not None]
    variance = [0.0 if reading is None else reading.variance for reading in readings]
    worst = int(np.argmax(variance))
    reading = readings[worst]
    if reading is not None and variance[worst] > UNDECIDED:
        places[worst] = reading.near(_opposite(places, worst)).mean
    refined = CORNER_STRIDE * np.array(places)
    return refined, float(np.mean(sharpness)) if sharpness else 0.0


def _opposite(places: Sequence[NDArray[np.float64]], kind: int) -> NDArray[np.float64]:
    """Where a parallelogram has its corner ``kind``, from the other three."""
    across, down, diagonal = places[kind ^ 1], places[kind ^ 2], places[kind ^ 3]
    return np.asarray(across + down - diagonal)


def _read(logits: Array, guess: NDArray[np.float64]) -> _Reading | None:
    height, width = logits.shape
    x, y = np.rint(guess).astype(int)
    y0, y1 = max(0, y - WINDOW), min(height, y + WINDOW + 1)
    x0, x1 = max(0, x - WINDOW), min(width, x + WINDOW + 1)
    if not (-2 <= x < width + 2 and -2 <= y < height + 2) or y0 >= y1 or x0 >= x1:
        return None
    window = logits[y0:y1, x0:x1].astype(np.float64)
    share = np.exp(window - window.max())
    ys, xs = np.mgrid[y0:y1, x0:x1].astype(np.float64)
    return _Reading(share / share.sum(), xs, ys)
