"""Heads read at a few places of a map instead of everywhere: which, and what they must see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.network.configuration import Config

Floats = NDArray[np.floating[Any]]
HeadsAtPoints = Callable[[Floats, Floats], Mapping[str, Floats]]
"""Patches and what of them is inside (`cut_patches`) -> by head (n, outputs)."""

POINTS: Final = 8
"""The paper's decoding reads its heads at the six strongest peaks; two more are looked at, since a
seventh body casts doubt on the six."""


def heads_at_points(config: Config) -> tuple[str, ...]:
    """Where six vertebrae are marked by rank, all but the heat map is read at six places."""
    if config.marks != "named":
        return ()
    return tuple(name for name in config.heads if name in {"reg", "wh"})


def reach_of(kernels: tuple[int, int]) -> int:
    """How many cells around a place its value depends on: those of both convolutions."""
    return kernels[0] // 2 + kernels[1] // 2


def longest_reach(config: Config) -> int:
    return max(reach_of(config.heads[name].kernels) for name in heads_at_points(config))


def cut_patches(
    features: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], reach: int
) -> tuple[Floats, Floats]:
    """What lies around at most `POINTS` cells of a map.

    Parameters
    ----------
    features
        (H, W, C).
    rows, columns
        The cells.
    reach
        Patches are 2 reach + 1 cells a side.

    Returns
    -------
    patches
        (POINTS, C, side, side), 0 outside the map and where there are fewer cells.
    inside
        (POINTS, 1, side, side), 1 for the cells of the map.
    """
    height, width, channels = features.shape
    around = np.arange(-reach, reach + 1)
    y, x = rows[:, None] + around, columns[:, None] + around
    within = ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None, :]
    cells = features[np.clip(y, 0, height - 1)[:, :, None], np.clip(x, 0, width - 1)[:, None]]
    side = len(around)
    patches = np.zeros((POINTS, channels, side, side), dtype=features.dtype)
    inside = np.zeros((POINTS, 1, side, side), dtype=features.dtype)
    inside[: len(rows), 0] = within
    patches[: len(rows)] = (cells * within[..., None]).transpose(0, 3, 1, 2)
    return patches, inside
