"""Dual-energy images whose soft tissue is subtracted, as GE scanners show them.

Soft tissue is a flat mid-grey with a residual ripple. Trabecular bone is hardly brighter than it
and as faint as the grain of the noise, so that bodies are recognised by their thin endplates.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from inference.phantom.families import Scanner
from inference.phantom.raster import Array, Grid, cloud, enlarge

_GRAIN_MM = (0.3, 1.0)
"""Smallest and largest size of a grain of noise, which averages out in coarser pixels."""
_COARSE = np.float32(1.2)
"""Factor for interpolated noise, which is more disturbing than its standard deviation tells."""
_LEAST_CONTRAST = 0.05
"""Smallest contrast of a body in the map of bone to which noise and window are adapted."""


def render_subtracted(
    rng: np.random.Generator, scanner: Scanner, bone: Array, soft: Array, grid: Grid
) -> Array:
    """Return grey values (H, W) in [0, 1] with soft tissue near the middle of the range.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    scanner : Scanner
        The scanner; its noise is relative to the contrast of a body.
    bone, soft : float32 arrays (H, W)
        Attenuation of bone and soft tissue.
    grid : Grid
        The pixels.
    """
    raw = bone + np.float32(rng.uniform(*scanner.soft)) * (soft - np.float32(0.9))
    raw = raw + _ripple(rng, raw.shape)
    blur = float(rng.uniform(*scanner.blur_mm))
    sigma = (blur / grid.row_mm, blur / grid.column_mm)
    if max(sigma) > 0.3:
        raw = gaussian_filter(raw, sigma, truncate=2.5)
    contrast = _body_contrast(bone, scanner)
    noise = _grain(rng, grid, float(rng.uniform(*_GRAIN_MM)))
    level = np.float32(rng.uniform(*scanner.noise) * contrast)
    # Dense tissue passes fewer photons.
    raw = raw + level * noise * (0.75 + 0.25 * np.clip(soft + 2 * bone, 0, 2))
    # Some exports are windowed so tightly that dense parts are clipped.
    reach = float(rng.uniform(0.025, 0.09) if rng.random() < 0.8 else rng.uniform(0.09, 0.2))
    middle = float(np.clip(rng.normal(0.47, 0.06), 0.3, 0.62))
    grey = np.float32(middle) + raw * np.float32(reach / contrast)
    return np.asarray(np.clip(grey, 0, 1), np.float32)


def _body_contrast(bone: Array, scanner: Scanner) -> float:
    """Return the typical value of trabecular bone in a bone map (H, W)."""
    low, high = scanner.bone.fill
    bodies = bone[(bone > 0.6 * low) & (bone < 1.4 * high)]
    typical = float(np.median(bodies[::5])) if bodies.size > 250 else (low + high) / 2
    # Bodies of even less contrast are hardly visible.
    return max(typical, _LEAST_CONTRAST)


def _grain(rng: np.random.Generator, grid: Grid, grain_mm: float) -> Array:
    """Return noise (H, W) of a standard deviation of about 1 in pixels of the size of a grain."""
    shape = (grid.height, grid.width)
    cells = (int(grid.height * grid.row_mm / grain_mm), int(grid.width * grid.column_mm / grain_mm))
    if cells[0] < 0.8 * shape[0] and cells[1] < 0.8 * shape[1]:
        return _COARSE * enlarge(rng.standard_normal(cells, dtype=np.float32), shape)
    grains_per_pixel = grid.row_mm * grid.column_mm / grain_mm**2
    weight = np.float32(min(1.0, grains_per_pixel**-0.5))
    return weight * rng.standard_normal(shape, dtype=np.float32)


def _ripple(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return what the subtraction leaves: slow waves, bands across the field, fine mottle."""
    ripple = np.float32(rng.uniform(0.005, 0.05)) * cloud(rng, shape, (9, 5))
    ripple += np.float32(rng.uniform(0.0, 0.03)) * cloud(rng, shape, (45, 22))
    bands = np.float32(rng.uniform(0.0, 0.02)) * cloud(rng, (shape[0], 1), (70, 1))
    return np.asarray(ripple + bands, np.float32)
