"""Veils over what tells a level: no name may rest on one cue.

A network that names phantoms by their processes alone is right on every phantom and wrong on the
first patient whose processes look otherwise. So processes, pelvis, ribs or single bodies are dimmed
away in some of the examples, as overlying tissue, saturation and narrow windows do in real scans.
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
    """One to three veils over an image (H, W) in [0, 1], anterior to the right.

    ``corners`` (17, 4, 2) are in its pixels, NaN for a vertebra that the subject has not.
    """
    there = np.isfinite(corners).all((1, 2))
    for place in rng.permutation(len(_VEILS))[: int(rng.integers(1, 4))]:
        mask = _VEILS[int(place)](rng, grey.shape, corners)
        grey = _veil(rng, grey, mask, corners[there])
    return np.asarray(np.clip(grey, 0, 1), np.float32)


def _veil(rng: np.random.Generator, grey: Array, mask: Array, corners: Points) -> Array:
    """Blend towards a smoothed image, an even grey, white, or less contrast."""
    tall = float(np.linalg.norm(corners[:, 2] - corners[:, 0], axis=1).mean())
    share = np.float32(rng.uniform(0.5, 1.0)) * mask
    kind = rng.random()
    if kind < 0.4:
        small = gaussian_filter(grey[::2, ::2], tall * rng.uniform(0.15, 0.5) / 2, truncate=2)
        towards = np.repeat(np.repeat(small, 2, 0), 2, 1)[: grey.shape[0], : grey.shape[1]]
    elif kind < 0.7:
        towards = np.full_like(grey, np.quantile(grey[::4, ::4], rng.uniform(0, 0.7)))
    else:
        bright = np.float32(rng.uniform(0.3, 1.2)) * share
        return np.asarray(np.clip(grey + bright * (0.35 + grey), 0, 1), np.float32)
    if rng.random() < 0.5:
        towards = towards + np.float32(0.05) * cloud(rng, grey.shape, (60, 30))
    return np.asarray(grey + share * (towards - grey), np.float32)


def _wall(rows: int, corners: Points, front: int, shift: float) -> Array:
    """x of the posterior (0) or anterior (1) walls, moved by body depths, at every row (H, 1)."""
    there = corners[np.isfinite(corners).all((1, 2))]
    walls = there[:, [front, front + 2]].mean(1)
    depth = np.linalg.norm(there[:, 1] - there[:, 0], axis=1)
    x = np.interp(np.arange(rows), walls[:, 1], walls[:, 0] + shift * depth)
    return np.asarray(x[:, None], np.float32)


def _edge(distance: Array, width: float) -> Array:
    return np.asarray(1 / (1 + np.exp(np.clip(-distance / width, -30, 30))), np.float32)


def _behind(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """The posterior elements, or their tips alone, along a stretch of the column."""
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    wall = _wall(shape[0], corners, 0, float(rng.uniform(-1.2, -0.15)))
    return _edge(wall - x, float(rng.uniform(1.5, 5))) * _stretch(rng, shape)


def _before(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """What lies in front of the bodies: ribs, diaphragm, crest."""
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    wall = _wall(shape[0], corners, 1, float(rng.uniform(0.1, 0.5)))
    return _edge(x - wall, float(rng.uniform(1.5, 5))) * _stretch(rng, shape)


def _stretch(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """All rows, or those between two places."""
    if rng.random() < 0.4:
        return np.ones((1, 1), np.float32)
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    top, bottom = np.sort(rng.uniform(-0.2, 1.2, 2)) * shape[0]
    soft = float(rng.uniform(2, 12))
    return _edge(y - np.float32(top), soft) * _edge(np.float32(bottom) - y, soft)


def _below(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """The pelvis, from somewhere between the middle of L4 and below S1."""
    at = [corners[LEVELS.index(name)].mean(0) for name in ("L4", "S1")]
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    top = at[0][1] + rng.uniform(0.3, 1.2) * (at[1][1] - at[0][1])
    slope = rng.normal(0, 0.25)
    line = np.float32(top) + np.float32(slope) * (x - np.float32(at[0][0]))
    return _edge(y - line, float(rng.uniform(2, 12)))


def _above(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """The chest, down to somewhere between T10 and L1."""
    ends = corners[_THORAX_ENDS - int(rng.integers(0, 4))].mean(0)
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    return _edge(np.float32(ends[1]) - y, float(rng.uniform(2, 20))) * np.ones(
        (1, shape[1]), np.float32
    )


def _shading(rng: np.random.Generator, shape: tuple[int, int], corners: Points) -> Array:
    """Somewhere, slowly changing."""
    cells = (int(rng.integers(2, 6)), int(rng.integers(1, 4)))
    return np.asarray(np.clip(0.5 + 0.5 * cloud(rng, shape, cells), 0, 1), np.float32)


_VEILS: Final[tuple[Mask, ...]] = (_behind, _before, _below, _above, _shading)
