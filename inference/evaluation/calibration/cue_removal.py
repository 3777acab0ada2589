"""Phantoms in which a cue to the levels is missing: ribs, pelvis or the ends of the spine.

Scans of patients often lack a cue: the field ends at L1 or L4, the pelvis saturates, ribs are
faint. A calibration that has seen complete phantoms alone is too confident on such scans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from inference.phantom import Phantom
from inference.phantom.anatomy import LEVELS

Points = NDArray[np.float64]
Pixels = NDArray[Any]
Removal = Callable[[Phantom, np.random.Generator], Phantom]
BESIDE: Final = 0.15
"""Distance from the body walls, in body depths, at which tissue beside the spine begins."""
SOFTNESS: Final = 0.15
"""Width of the transition to the hidden region, in body heights."""
BLUR: Final = 0.6
"""Standard deviation of the blur that hides a region, in body heights."""


def hide_ribs(phantom: Phantom, rng: np.random.Generator) -> Phantom:
    """Blur everything beside the spine above a random level between T11/T12 and L1/L2."""
    upper, lower = _center(phantom, "T11"), _center(phantom, "L2")
    row = rng.uniform(upper[1], lower[1])
    rows = np.arange(phantom.pixels.shape[0])[:, None]
    return _hide(phantom, _step(row - rows, phantom) * _beside_the_spine(phantom))


def hide_pelvis(phantom: Phantom, rng: np.random.Generator) -> Phantom:
    """Blur everything below a random level between the lower endplates of L4 and the last body."""
    upper = _corners(phantom, "L4")[2:].mean(axis=0)
    lower = _corners(phantom, "S1")[:2].mean(axis=0)
    row = rng.uniform(upper[1], lower[1])
    rows = np.arange(phantom.pixels.shape[0])[:, None]
    return _hide(phantom, _step(rows - row, phantom) * np.ones((1, phantom.pixels.shape[1])))


def cut_ends(phantom: Phantom, rng: np.random.Generator) -> Phantom:
    """Remove the rows above a level between T10 and L1, those below one from L4 to S1, or both."""
    height = phantom.pixels.shape[0]
    first, last = 0, height
    which = rng.integers(3)
    if which != 0:
        top = rng.uniform(_center(phantom, "T10")[1], _corners(phantom, "L1")[:2, 1].min())
        first = int(np.clip(top, 0, height / 2))
    if which != 1:
        bottom = rng.uniform(_corners(phantom, "L4")[2:, 1].max(), _center(phantom, "S1")[1])
        last = int(np.clip(bottom, height / 2, height))
    return replace(
        phantom,
        pixels=np.ascontiguousarray(phantom.pixels[first:last]),
        corners=phantom.corners - np.array([0.0, first]),
    )


def hide_both(phantom: Phantom, rng: np.random.Generator) -> Phantom:
    """Hide the ribs and the pelvis."""
    return hide_pelvis(hide_ribs(phantom, rng), rng)


CUES: Final[Mapping[str, Removal | None]] = {
    "all cues": None,
    "ribs hidden": hide_ribs,
    "pelvis hidden": hide_pelvis,
    "both hidden": hide_both,
    "ends cut": cut_ends,
}
"""The conditions of a calibration, by name, with the removal that gives them."""


def _hide(phantom: Phantom, share: NDArray[np.float64]) -> Phantom:
    """Return the phantom with a blurred image where ``share`` (rows, columns) is 1."""
    pixels = phantom.pixels.astype(np.float32)
    # Every second pixel is enough for a strong blur and takes a quarter of the time.
    small = gaussian_filter(pixels[::2, ::2], BLUR * _body_height(phantom) / 2, truncate=2)
    blurred = np.repeat(np.repeat(small, 2, axis=0), 2, axis=1)
    blurred = blurred[: pixels.shape[0], : pixels.shape[1]]
    mixed = pixels + share * (blurred - pixels)
    return replace(phantom, pixels=np.rint(mixed).astype(phantom.pixels.dtype))


def _beside_the_spine(phantom: Phantom) -> NDArray[np.float64]:
    """Return 1 beside the vertebral bodies and 0 on them, smoothly (rows, columns)."""
    corners = phantom.corners[np.isfinite(phantom.corners).all(axis=(1, 2))]
    walls = np.stack([corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1)])
    left, right = walls[np.argsort(walls[:, :, 0].mean(axis=1))]
    margin = BESIDE * float(np.median(right[:, 0] - left[:, 0]))
    rows = np.arange(phantom.pixels.shape[0])
    columns = np.arange(phantom.pixels.shape[1])[None, :]
    x_left = np.interp(rows, left[:, 1], left[:, 0])[:, None] - margin
    x_right = np.interp(rows, right[:, 1], right[:, 0])[:, None] + margin
    return np.maximum(_step(x_left - columns, phantom), _step(columns - x_right, phantom))


def _step(distance: NDArray[Any], phantom: Phantom) -> NDArray[np.float64]:
    """Return a smooth step from 0 to 1 at a distance of 0 pixels."""
    width = SOFTNESS * _body_height(phantom)
    return np.asarray(1 / (1 + np.exp(np.clip(-distance / width, -30, 30))))


def _body_height(phantom: Phantom) -> float:
    walls = phantom.corners[:, 2:, 1] - phantom.corners[:, :2, 1]
    return max(float(np.nanmedian(walls)), 1.0)


def _corners(phantom: Phantom, level: str) -> Points:
    """Return the corners (4, 2) of a level that every subject has."""
    corners: Points = phantom.corners[LEVELS.index(level)]
    return corners


def _center(phantom: Phantom, level: str) -> Points:
    return np.asarray(_corners(phantom, level).mean(axis=0))
