"""Changes to a marked image that leave its marks true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.phantom.raster import Array
from inference.training.data.samples import disturb
from inference.training.recipes import Augmentation

Marks = NDArray[np.float64]


def crop_borders(
    rng: np.random.Generator, pixels: Array, marks: Marks, share: float
) -> tuple[Array, Marks]:
    """Cut off up to ``share`` of the image at each side, but nothing of a marked body.

    ``marks`` (..., 2) hold x and y in pixels, NaN for what is not marked.
    """
    height, width = pixels.shape
    cuts = rng.uniform(0, share, 4) * (height, height, width, width)
    if not np.isnan(marks).all():
        low = np.nanmin(marks.reshape(-1, 2), axis=0)
        high = np.nanmax(marks.reshape(-1, 2), axis=0)
        room = (low[1], height - 1 - high[1], low[0], width - 1 - high[0])
        cuts = np.minimum(cuts, np.maximum(room, 0))
    top, bottom, left, right = cuts.astype(int)
    return pixels[top : height - bottom, left : width - right], marks - np.array([left, top])


def expand(
    rng: np.random.Generator, pixels: Array, marks: Marks, most: float
) -> tuple[Array, Marks]:
    """Put the image somewhere into a black one, larger by up to ``most`` in both directions."""
    height, width = pixels.shape
    factor = rng.uniform(1, most)
    canvas = np.zeros((round(height * factor), round(width * factor)), np.float32)
    top = int(rng.integers(canvas.shape[0] - height + 1))
    left = int(rng.integers(canvas.shape[1] - width + 1))
    canvas[top : top + height, left : left + width] = pixels
    return canvas, marks + np.array([left, top])


def change_tone(rng: np.random.Generator, grey: Array, plan: Augmentation) -> Array:
    """Brightness, then contrast, each by chance; the result is kept within black and white."""
    if rng.random() < plan.chance:
        grey = grey + np.float32(rng.uniform(-plan.brightness, plan.brightness))
    if rng.random() < plan.chance:
        grey = grey * np.float32(rng.uniform(*plan.contrast))
    grey = np.clip(grey, 0, 1)
    return disturb(rng, grey) if plan.disturbed else np.asarray(grey, dtype=np.float32)
