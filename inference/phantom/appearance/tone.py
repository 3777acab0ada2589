"""Tone of a scanner's images: sharpening, local contrast, display window, motion."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from inference.phantom.raster import Array, Grid

_SIGMA_PER_STEP = 2.0
"""Blurs are filtered on an image reduced until their standard deviation is this many pixels."""


def blur_widely(raw: Array, grid: Grid, sigma_mm: float) -> Array:
    """Return an image blurred by several pixels, filtered at reduced resolution."""
    sigma = np.array([sigma_mm / grid.row_mm, sigma_mm / grid.column_mm])
    step = max(1, int(sigma.min() / _SIGMA_PER_STEP))
    if step == 1:
        return np.asarray(gaussian_filter(raw, sigma, truncate=2), np.float32)
    small = gaussian_filter(reduce_by(raw, step), sigma / step, truncate=2)
    return _restore(small, step, raw.shape)


def reduce_by(raw: Array, step: int) -> Array:
    """Return the means of blocks of ``step`` by ``step`` pixels, also of incomplete ones."""
    return np.array(Image.fromarray(raw).reduce(step))


def _restore(small: Array, step: int, shape: tuple[int, int]) -> Array:
    """Return an image that was reduced by ``step`` at its size (H, W) again."""
    size = (shape[1], shape[0])
    box = (0.0, 0.0, shape[1] / step, shape[0] / step)
    return np.array(Image.fromarray(small).resize(size, Image.Resampling.BILINEAR, box=box))


def sharpen(raw: Array, grid: Grid, amount: float, wide_mm: float) -> Array:
    """Return an image after unsharp masking."""
    return raw + np.float32(amount) * (raw - blur_widely(raw, grid, wide_mm))


def keep_edges_only(rng: np.random.Generator, raw: Array, grid: Grid) -> Array:
    """Return edges only, in [0, 1]: bodies are nearly as grey as their surroundings."""
    smooth = blur_widely(raw, grid, float(rng.uniform(4.0, 14.0)))
    detail = raw - np.float32(rng.uniform(0.7, 1.0)) * smooth
    low, high = np.quantile(detail[::4, ::4], [rng.uniform(0.001, 0.05), rng.uniform(0.98, 0.999)])
    return np.asarray(np.clip((detail - low) / max(float(high - low), 0.02), 0, 1), np.float32)


def equalize_contrast(rng: np.random.Generator, raw: Array, grid: Grid) -> Array:
    """Return an image with equalised local contrast, as some export software produces."""
    wide = float(rng.uniform(12.0, 40.0))
    sigma = (wide / grid.row_mm, wide / grid.column_mm)
    step = 4
    # Means and spreads vary slowly, so a reduced image suffices and takes a fraction of the time.
    small = reduce_by(raw, step)
    coarse = (sigma[0] / step, sigma[1] / step)
    mean = gaussian_filter(small, coarse, truncate=2)
    spread = np.sqrt(gaussian_filter((small - mean) ** 2, coarse, truncate=2) + 1e-4)
    share = np.float32(rng.uniform(0.3, 0.9))
    mean, spread = (_restore(part, step, raw.shape) for part in (mean, spread))
    evened = (raw - share * mean) / spread**share
    return np.asarray(evened * np.float32(0.3), np.float32)


def apply_window(rng: np.random.Generator, raw: Array, bone: Array, *, clip_soft: float) -> Array:
    """Return grey values in [0, 1] after the display window and gamma of the scanner's software.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    raw : float32 array (H, W)
        Detected attenuation.
    bone : float32 array (H, W)
        The part of bone; a vertebral body is near 0.6.
    clip_soft : float
        Probability that soft tissue is clipped to black.
    """
    # The window is set by the mean of vertebral bodies and the median of plain soft tissue.
    bodies = raw[(bone > 0.35) & (bone < 0.9)]
    plain = raw[bone < 0.08]
    bright = float(np.mean(bodies)) if bodies.size > 50 else float(raw.mean() + 0.4)
    dark = float(np.median(plain[::7])) if plain.size > 350 else float(raw.mean() - 0.2)
    # Without a minimum, an image of little contrast would become noise.
    span = max(bright - dark, 0.12)
    if rng.random() < clip_soft:
        low = dark + span * float(rng.uniform(-0.35, 0.18))
        target = float(rng.uniform(0.38, 0.75))
    else:
        low = dark - span * float(rng.uniform(0.3, 1.6))
        target = float(rng.uniform(0.45, 0.72))
    high = low + (bright - low) / target
    scaled = np.clip((raw - np.float32(low)) / np.float32(max(high - low, 0.1)), 0, 1)
    gamma = float(np.exp(rng.normal(0, 0.22)))
    return np.asarray(scaled ** np.float32(gamma), dtype=np.float32)


def add_motion(rng: np.random.Generator, raw: Array) -> Array:
    """Return an image of a subject who moved: all rows from one on are shifted sideways."""
    moved = raw.copy()
    row = int(rng.integers(raw.shape[0] // 5, raw.shape[0]))
    moved[row:] = np.roll(moved[row:], int(rng.integers(-2, 3)), axis=1)
    return gaussian_filter1d(moved, 0.3, axis=0) if rng.random() < 0.3 else moved
