"""Conversion of attenuation to the grey values of a scanner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from inference.phantom.appearance.dual_energy import render_subtracted
from inference.phantom.appearance.tone import (
    add_motion,
    apply_window,
    equalize_contrast,
    keep_edges_only,
    sharpen,
)
from inference.phantom.families import Scanner
from inference.phantom.fields import Sweep, outside_sweeps
from inference.phantom.projection import Attenuation
from inference.phantom.raster import Array, Grid


def render_grey_values(
    rng: np.random.Generator,
    scanner: Scanner,
    seen: Attenuation,
    grid: Grid,
    sweeps: Sequence[Sweep] = (),
) -> Array:
    """Return grey values (H, W) in [0, 1], bright where dense, as the scanner's software does.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    scanner : Scanner
        The scanner.
    seen : Attenuation
        Attenuation in the pixels of ``grid``.
    grid : Grid
        The pixels.
    sweeps : sequence of Sweep
        Sweeps of the arm, outside which the image is black; the whole grid by default.
    """
    if scanner.subtracted:
        grey = render_subtracted(rng, scanner, seen.bone, seen.soft, grid)
    else:
        grey = _render_soft_tissue(rng, scanner, seen, grid)
    if sweeps:
        grey[outside_sweeps(sweeps, grid)] = 0
    return grey


def _render_soft_tissue(
    rng: np.random.Generator, scanner: Scanner, seen: Attenuation, grid: Grid
) -> Array:
    raw: Array = seen.bone + np.float32(rng.uniform(*scanner.soft)) * seen.soft
    blur = float(rng.uniform(*scanner.blur_mm))
    sigma = (blur / grid.row_mm, blur / grid.column_mm)
    if max(sigma) > 0.3:
        raw = gaussian_filter(raw, sigma, truncate=2.5)
    noise = rng.standard_normal(raw.shape, dtype=np.float32)
    # The grain of the noise has a size in mm, which is more than one pixel of a fine grid.
    if grid.finest_mm < 0.5:
        noise = gaussian_filter(noise, 0.6, truncate=3) * np.float32(1.8)
    level = np.float32(rng.uniform(*scanner.noise))
    # Dense tissue passes fewer photons.
    dense = seen.soft + seen.bone
    np.clip(dense, 0, 2, out=dense)
    dense += np.float32(1.4)
    noise *= dense
    noise *= level / 2
    raw += noise
    if rng.random() < 0.4:  # line noise of the scanning arm
        lines = rng.standard_normal((raw.shape[0], 1), dtype=np.float32)
        raw += np.float32(rng.uniform(0, 0.012)) * lines
    amount = float(rng.uniform(*scanner.sharpen))
    if amount > 0.2:
        raw = sharpen(raw, grid, 0.6 * amount, float(rng.uniform(2.0, 9.0)))
    if rng.random() < 0.1:
        raw = add_motion(rng, raw)
    style = rng.random()
    if style < 0.10:
        return keep_edges_only(rng, raw, grid)
    if style < 0.22:
        raw = equalize_contrast(rng, raw, grid)
    return apply_window(rng, raw, seen.bone, clip_soft=scanner.clip_soft)
