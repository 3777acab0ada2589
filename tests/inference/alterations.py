"""Alterations of an image, each with the map back to the original pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

Point = tuple[float, float]
Altered = tuple[np.ndarray, Callable[[float, float], Point]]


def alterations(pixels: np.ndarray) -> dict[str, Altered]:
    """Return twelve alterations of grey values (H, W) in [0, 1] that show more than T12 to L5."""
    height, width = pixels.shape
    noise = np.random.default_rng(0).standard_normal(pixels.shape)
    top, side = height // 8, width // 10
    return {
        "cropped above": (pixels[top:], lambda x, y: (x, y + top)),
        "cropped in front": (pixels[:, : width - side], _same),
        "cropped behind": (pixels[:, side // 2 :], lambda x, y: (x + side // 2, y)),
        "padded": (np.pad(pixels, side // 2), lambda x, y: (x - side // 2, y - side // 2)),
        "half the resolution": (
            zoom(pixels, 0.5, order=1),
            lambda x, y: (2 * x + 0.5, 2 * y + 0.5),
        ),
        "blurred": (gaussian_filter(pixels, height / 700), _same),
        "brightened": (pixels**0.6, _same),
        "darkened": (pixels**1.6, _same),
        "low in contrast": (pixels * 0.4 + 0.3, _same),
        "inverted": (1 - pixels, _same),
        "noisy": (np.clip(pixels + 0.06 * noise, 0, 1), _same),
        "in the mirror": (pixels[:, ::-1], lambda x, y: (width - 1 - x, y)),
    }


def _same(x: float, y: float) -> Point:
    return x, y
