"""Augmentation of marked images, applied to pixels and landmarks alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.phantom.raster import Array
from inference.training.data.samples import disturb

Marks = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Augmentation of marked images; phantoms need none, because each one is different.

    Attributes
    ----------
    chance
        Probability of each of brightness, contrast and expansion.
    brightness
        Largest change of brightness, for grey values in [0, 1].
    contrast
        Smallest and largest contrast factor.
    expansion
        Largest factor by which the image is padded with black.
    mirror
        Probability of a mirror image.
    trim
        Largest share of the image that is cropped at each side, outside the marked bodies.
    disturbed
        Whether blur, noise, tone and artefacts are added as for phantoms.
    """

    # The values of the released training code of VerteNet.
    chance: float = 0.5
    brightness: float = 32 / 255
    contrast: tuple[float, float] = (0.5, 1.5)
    expansion: float = 1.5
    mirror: float = 0.5
    trim: float = 0.0
    disturbed: bool = False


def crop_borders(
    rng: np.random.Generator, pixels: Array, marks: Marks, share: float
) -> tuple[Array, Marks]:
    """Crop each side of an image at random, but not into marked bodies.

    Parameters
    ----------
    rng
        Source of randomness.
    pixels
        Grey values (height, width).
    marks
        Landmarks (..., 2) as x, y in pixels, NaN where not marked.
    share
        Largest share of the image to remove at each side.

    Returns
    -------
    pixels
        The cropped image.
    marks
        Landmarks in its pixels.
    """
    height, width = pixels.shape
    cuts = rng.uniform(0, share, 4) * (height, height, width, width)
    if not np.isnan(marks).all():
        low = np.nanmin(marks.reshape(-1, 2), axis=0)
        high = np.nanmax(marks.reshape(-1, 2), axis=0)
        # Distances from the marked bodies to the image borders limit the crop.
        room = (low[1], height - 1 - high[1], low[0], width - 1 - high[0])
        cuts = np.minimum(cuts, np.maximum(room, 0))
    top, bottom, left, right = cuts.astype(int)
    return pixels[top : height - bottom, left : width - right], marks - np.array([left, top])


def expand(
    rng: np.random.Generator, pixels: Array, marks: Marks, max_factor: float
) -> tuple[Array, Marks]:
    """Place an image at a random position in a larger black image.

    Parameters and results are those of `crop_borders`, except that ``max_factor`` is the largest
    factor by which height and width grow.
    """
    height, width = pixels.shape
    factor = rng.uniform(1, max_factor)
    # Black corresponds to the background of exports with padding.
    canvas = np.zeros((round(height * factor), round(width * factor)), np.float32)
    top = int(rng.integers(canvas.shape[0] - height + 1))
    left = int(rng.integers(canvas.shape[1] - width + 1))
    canvas[top : top + height, left : left + width] = pixels
    return canvas, marks + np.array([left, top])


def change_tone(rng: np.random.Generator, grey: Array, plan: Augmentation) -> Array:
    """Return grey values with random brightness and contrast, clipped to [0, 1].

    With ``plan.disturbed``, blur, noise and artefacts are added as for phantoms.
    """
    if rng.random() < plan.chance:
        grey = grey + np.float32(rng.uniform(-plan.brightness, plan.brightness))
    if rng.random() < plan.chance:
        grey = grey * np.float32(rng.uniform(*plan.contrast))
    grey = np.clip(grey, 0, 1)
    return disturb(rng, grey) if plan.disturbed else np.asarray(grey, dtype=np.float32)
