"""Masking of the anatomical cues that identify a level, so that labels do not rely on one cue.

A network that labels phantoms by spinous processes alone is right on every phantom and wrong on the
first patient whose processes look different. Processes, pelvis, ribs or single bodies are therefore
dimmed in some examples, as overlying tissue, saturation and narrow windows do in real scans.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from inference.phantom.anatomy import LEVELS
from inference.phantom.raster import Array, cloud

Points = NDArray[np.float64]
Mask = Callable[[np.random.Generator, tuple[int, int], Points], Array]
_THORAX_ENDS: Final = LEVELS.index("L1")


def mask_level_cues(rng: np.random.Generator, grey: Array, corners: Points) -> Array:
    """Mask one to three regions of an image.

    Parameters
    ----------
    rng
        Source of randomness.
    grey
        Grey values (H, W) in [0, 1], anterior to the right; they are not changed.
    corners
        Corners (17, 4, 2) in pixels, NaN for a vertebra that the subject does not have.

    Returns
    -------
    ndarray
        float32 grey values (H, W) in [0, 1].
    """
    present = np.isfinite(corners).all((1, 2))
    # Several at once, because weights that were trained before named a scan by a single cue, the
    # start of short spinous processes, which differs by three vertebrae between people.
    for index in rng.permutation(len(_MASKS))[: int(rng.integers(1, 4))]:
        mask = _MASKS[int(index)](rng, grey.shape, corners)
        grey = _apply_mask(rng, grey, mask, corners[present])
    return np.asarray(np.clip(grey, 0, 1), np.float32)


def _apply_mask(rng: np.random.Generator, grey: Array, mask: Array, corners: Points) -> Array:
    """Blend a region towards a blurred image, a uniform grey or white."""
    body_height = float(np.linalg.norm(corners[:, 2] - corners[:, 0], axis=1).mean())
    share = np.float32(rng.uniform(0.5, 1.0)) * mask
    kind = rng.random()
    if kind < 0.4:
        # Filtered at half resolution, which is fast enough and invisible after a strong blur.
        small = gaussian_filter(
            grey[::2, ::2], body_height * rng.uniform(0.15, 0.5) / 2, truncate=2
        )
        towards = np.repeat(np.repeat(small, 2, 0), 2, 1)[: grey.shape[0], : grey.shape[1]]
    elif kind < 0.7:
        towards = np.full_like(grey, np.quantile(grey[::4, ::4], rng.uniform(0, 0.7)))
    else:
        bright = np.float32(rng.uniform(0.3, 1.2)) * share
        return np.asarray(np.clip(grey + bright * (0.35 + grey), 0, 1), np.float32)
    # Texture, because a perfectly smooth region would itself be a cue.
    if rng.random() < 0.5:
        towards = towards + np.float32(0.05) * cloud(rng, grey.shape, (60, 30))
    return np.asarray(grey + share * (towards - grey), np.float32)


def _wall(rows: int, corners: Points, side: int, shift: float) -> Array:
    """Return x of the posterior (0) or anterior (1) body walls at every row, (rows, 1).

    ``shift`` moves the walls anteriorly, in units of the body depth.
    """
    # np.interp needs walls from top to bottom, the order of the levels.
    present = corners[np.isfinite(corners).all((1, 2))]
    walls = present[:, [side, side + 2]].mean(1)
    depth = np.linalg.norm(present[:, 1] - present[:, 0], axis=1)
    # The wall is interpolated between bodies and constant beyond the first and last one.
    x = np.interp(np.arange(rows), walls[:, 1], walls[:, 0] + shift * depth)
    return np.asarray(x[:, None], np.float32)


def _edge(distance: Array, width: float) -> Array:
    """Return a smooth step: 0 at negative and 1 at positive distances from an edge."""
    # Clipped to avoid overflow of the exponential.
    return np.asarray(1 / (1 + np.exp(np.clip(-distance / width, -30, 30))), np.float32)


def _posterior(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """Mask the posterior elements, or only their tips, along a section of the spine."""
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    wall = _wall(shape[0], corners, 0, float(rng.uniform(-1.2, -0.15)))
    return _edge(wall - x, float(rng.uniform(1.5, 5))) * _section(rng, shape)


def _anterior(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """Mask structures anterior to the bodies: ribs, diaphragm, iliac crest."""
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    wall = _wall(shape[0], corners, 1, float(rng.uniform(0.1, 0.5)))
    return _edge(x - wall, float(rng.uniform(1.5, 5))) * _section(rng, shape)


def _section(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Select all rows, or those between two random heights."""
    if rng.random() < 0.4:
        return np.ones((1, 1), np.float32)
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    top, bottom = np.sort(rng.uniform(-0.2, 1.2, 2)) * shape[0]
    soft = float(rng.uniform(2, 12))
    return _edge(y - np.float32(top), soft) * _edge(np.float32(bottom) - y, soft)


def _pelvis(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """Mask the pelvis, from a height between the centre of L4 and just below S1."""
    l4, s1 = (corners[LEVELS.index(name)].mean(0) for name in ("L4", "S1"))
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    top = l4[1] + rng.uniform(0.3, 1.2) * (s1[1] - l4[1])
    slope = rng.normal(0, 0.25)
    line = np.float32(top) + np.float32(slope) * (x - np.float32(l4[0]))
    return _edge(y - line, float(rng.uniform(2, 12)))


def _thorax(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """Mask the thorax, down to a level between T10 and L1."""
    lowest = corners[_THORAX_ENDS - int(rng.integers(0, 4))].mean(0)
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    return _edge(np.float32(lowest[1]) - y, float(rng.uniform(2, 20))) * np.ones(
        (1, shape[1]), np.float32
    )


def _shading(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """Mask a random, slowly varying region."""
    cells = (int(rng.integers(2, 6)), int(rng.integers(1, 4)))
    return np.asarray(np.clip(0.5 + 0.5 * cloud(rng, shape, cells), 0, 1), np.float32)


_MASKS: Final[tuple[Mask, ...]] = (_posterior, _anterior, _pelvis, _thorax, _shading)
