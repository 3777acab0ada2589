"""Targets of the second stage: patches around bodies, cut as if a first stage had found them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.corner_patches import PatchFrames, cut_corner_patches, depth_and_height
from inference.decoding.corners import CORNER_STRIDE
from inference.network.configuration import RefinerPlan
from inference.training.data.samples import Example

# Errors of the first stage as shares of a body's depth and height. On ordinary images they are
# about 0.02, on subtracted ones and at L5 twice as large; the factor covers both.
BODY_ERROR: Final = 0.015
"""Standard deviation of the error that the four corners of a body share."""
CORNER_ERROR: Final = 0.022
"""Standard deviation of the error of a corner beyond that."""
ERROR_SPREAD: Final = 0.8
"""Standard deviation of the logarithm of a factor on both errors, drawn for each body."""


def patch_targets(
    example: Example, plan: RefinerPlan, count: int, rng: np.random.Generator
) -> dict[str, NDArray[Any]]:
    """Return patches of random bodies of an example, and the corners on them.

    Parameters
    ----------
    example
        The example. Bodies of mirrored images and of other views are not used.
    plan
        Size of the patches.
    count
        Number of patches; those for which there is no body are left empty.
    rng
        Source of randomness.

    Returns
    -------
    dict
        ``patches`` (count, size, size); ``patch_first`` and ``patch_corners`` (count, 4, 2), the
        simulated corners of the first stage and the true ones, (x, y) in cells of the corner maps;
        and ``patch_known`` (count, 4), which of these can be trained on.
    """
    side = plan.size // CORNER_STRIDE
    patches = np.zeros((count, plan.size, plan.size), np.float32)
    first = np.zeros((count, 4, 2), np.float32)
    corners = np.zeros((count, 4, 2), np.float32)
    known = np.zeros((count, 4), bool)
    usable = np.flatnonzero(example.visible & bool(example.view and example.anterior_right))
    indices = rng.permutation(usable)[:count]
    if len(indices):
        true = example.corners[indices].astype(np.float64)
        frames, simulated = _simulate_first_stage(true, rng)
        n = len(indices)
        patches[:n] = cut_corner_patches(example.grey, frames, plan.size)
        first[:n] = frames.to_patch(simulated, side)
        corners[:n] = frames.to_patch(true, side)
        last = np.array(example.grey.shape[::-1]) - 1
        on_patch = ((corners[:n] >= 0) & (corners[:n] <= side - 1)).all(axis=-1)
        known[:n] = ((true >= 0) & (true <= last)).all(axis=-1) & on_patch
    return {
        "patches": patches,
        "patch_first": first,
        "patch_corners": corners,
        "patch_known": known,
    }


def _simulate_first_stage(
    true: NDArray[np.float64], rng: np.random.Generator
) -> tuple[PatchFrames, NDArray[np.float64]]:
    """Return frames and corners (bodies, 4, 2) as if a first stage had located the bodies."""
    bodies = len(true)
    factor = np.exp(rng.normal(0, ERROR_SPREAD, (bodies, 1, 1)))
    error = BODY_ERROR * rng.standard_normal((bodies, 1, 2))
    error = factor * (error + CORNER_ERROR * rng.standard_normal((bodies, 4, 2)))
    # Along the depth and the height of each body.
    simulated = true + error @ depth_and_height(true)
    return PatchFrames.around(simulated), simulated
