"""Selection of the heads that are evaluated at heat map peaks only, and of their input patches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import POINTS
from inference.network.configuration import Config

Floats = NDArray[np.floating[Any]]
HeadsAtPoints = Callable[[Floats, Floats], Mapping[str, Floats]]
"""Function from the two results of `cut_patches` to values (n, outputs) by head."""


def heads_at_points(config: Config) -> tuple[str, ...]:
    """Return the names of the heads that decoding reads at peaks only.

    There are none if the network labels all bodies, since its other heads are read everywhere.
    """
    if config.marks != "named":
        return ()
    return tuple(name for name in config.heads if name in {"reg", "wh"})


def reach_of(kernels: tuple[int, int]) -> int:
    """Return how many cells on each side of a cell two convolutions depend on."""
    return kernels[0] // 2 + kernels[1] // 2


def longest_reach(config: Config) -> int:
    """Return the largest `reach_of` of the heads that are evaluated at peaks."""
    return max(reach_of(config.heads[name].kernels) for name in heads_at_points(config))


def cut_patches(
    features: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], reach: int
) -> tuple[Floats, Floats]:
    """Return patches around at most `POINTS` cells of a map.

    Parameters
    ----------
    features
        Map (H, W, C).
    rows, columns
        Indices (n,) of the cells.
    reach
        Patches have 2 reach + 1 cells per side.

    Returns
    -------
    patches
        (POINTS, C, side, side), 0 outside the map and for unused patches.
    inside
        (POINTS, 1, side, side), 1 for cells inside the map, otherwise 0.
    """
    height, width, channels = features.shape
    offsets = np.arange(-reach, reach + 1)
    y, x = rows[:, None] + offsets, columns[:, None] + offsets
    within = ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None, :]
    # Clipping only keeps indices valid; `within` replaces cells outside the map by 0.
    cells = features[np.clip(y, 0, height - 1)[:, :, None], np.clip(x, 0, width - 1)[:, None]]
    side = len(offsets)
    # A fixed number of patches, because the compiled model has fixed input sizes.
    patches = np.zeros((POINTS, channels, side, side), dtype=features.dtype)
    inside = np.zeros((POINTS, 1, side, side), dtype=features.dtype)
    inside[: len(rows), 0] = within
    patches[: len(rows)] = (cells * within[..., None]).transpose(0, 3, 1, 2)
    return patches, inside
