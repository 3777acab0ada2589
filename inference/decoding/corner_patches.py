"""Patches around vertebral bodies, and the corners in the maps of the second stage.

A patch shows one body and the endplates of its neighbours. It is cut such that the parallelogram
through the corners of the first stage always has the same place, so that size, tilt and the aspect
of the input do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

# The constants were chosen before the first training and not varied.
DEPTHS: Final = 0.9
"""Half the width of a patch, in depths of the body: 0.4 depths on each side of it."""
HEIGHTS: Final = 1.1
"""Half the height of a patch, in heights of the body: the discs and the next endplates."""
SMALLEST: Final = 4.0
"""Smallest depth and height of a body in input pixels for which a patch is cut to its size."""
PRIOR_SPREAD: Final = 0.15
"""Standard deviation, as a share of the patch, of a corner around that of the first stage."""
_PAD: Final = 64
"""Pixels by which the border of the image is repeated; beyond, a patch is black."""
_LARGEST_DEVIATION: Final = 4.0
"""Standard deviations of the grey values of a patch beyond which they are clipped."""
_LEAST_SPREAD: Final = 0.01
"""Smallest standard deviation of the grey values by which they are divided."""


@dataclass(frozen=True, slots=True)
class PatchFrames:
    """Maps between network input and patches, one per body.

    Attributes
    ----------
    origin
        Centres (bodies, 2) of the patches, (x, y) in input pixels.
    axes
        Half the width and half the height (bodies, 2, 2) of each patch as vectors in input pixels.
    """

    origin: Points
    axes: Points

    @classmethod
    def around(cls, corners: Points) -> PatchFrames:
        """Return the frames of bodies from corners (bodies, 4, 2) in input pixels."""
        vectors = depth_and_height(corners)
        axes = np.stack(
            [
                DEPTHS * _at_least(vectors[:, 0], np.array([SMALLEST, 0.0])),
                HEIGHTS * _at_least(vectors[:, 1], np.array([0.0, SMALLEST])),
            ],
            axis=1,
        )
        return cls(corners.mean(axis=1), axes)

    def to_patch(self, points: Points, size: int) -> Points:
        """Return input points (bodies, n, 2) in pixels of patches of ``size`` x ``size``."""
        offsets = points - self.origin[:, None]
        # Rows of axes are vectors, so points are row vectors times the inverse.
        share = offsets @ np.linalg.inv(self.axes)
        return np.asarray((share + 1) / 2 * size - 0.5)

    def to_input(self, points: Points, size: int) -> Points:
        """Return patch points (bodies, n, 2) in input pixels; the inverse of `to_patch`."""
        share = (points + 0.5) / size * 2 - 1
        return np.asarray(share @ self.axes + self.origin[:, None])

    def covariances_to_input(self, covariances: Points, size: int) -> Points:
        """Return covariances (bodies, n, 2, 2) of patch points in square input pixels."""
        step = (2 / size * self.axes)[:, None]
        return np.asarray(np.swapaxes(step, 2, 3) @ covariances @ step)


def depth_and_height(corners: Points) -> Points:
    """Return the mean depth and height of bodies as vectors (bodies, 2, 2), depth first.

    Parameters
    ----------
    corners
        Corners (bodies, 4, 2).
    """
    across = (corners[:, 1] - corners[:, 0] + corners[:, 3] - corners[:, 2]) / 2
    down = (corners[:, 2] - corners[:, 0] + corners[:, 3] - corners[:, 1]) / 2
    return np.stack([across, down], axis=1)


def cut_corner_patches(grey: Floats, frames: PatchFrames, size: int) -> Floats:
    """Return patches (bodies, size, size) with mean 0 and standard deviation 0.5.

    Parameters
    ----------
    grey
        Grey values (H, W) of the network input.
    frames
        Where to cut.
    size
        Height and width of a patch in pixels.
    """
    padded = Image.fromarray(np.pad(grey.astype(np.float32, copy=False), _PAD, mode="edge"))
    patches = np.empty((len(frames.origin), size, size), np.float32)
    for patch, origin, axes in zip(patches, frames.origin, frames.axes, strict=True):
        # Pillow counts from the edges of pixels; this module, from their centres.
        corner = origin + 0.5 + _PAD - axes.sum(axis=0)
        (ax, ay), (bx, by) = 2 * axes / size
        coefficients = (ax, bx, corner[0], ay, by, corner[1])
        cut = padded.transform(
            (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
        )
        patch[:] = np.asarray(cut)
    mean = patches.mean(axis=(1, 2), keepdims=True)
    spread = np.maximum(patches.std(axis=(1, 2), keepdims=True), np.float32(_LEAST_SPREAD))
    standard = np.clip((patches - mean) / spread, -_LARGEST_DEVIATION, _LARGEST_DEVIATION)
    return np.asarray(standard / 2, np.float32)


@dataclass(frozen=True, slots=True)
class LocatedCorners:
    """Corners with the spread of their maps.

    Attributes
    ----------
    positions
        Corners (bodies, 4, 2), (x, y).
    covariances
        Covariances (bodies, 4, 2, 2) of the weights of each map.
    """

    positions: Points
    covariances: Points


def locate_in_patches(logits: Floats, first: Points) -> LocatedCorners:
    """Return the corners in cells of their maps.

    A corner is the weighted mean position of its map. The weights are the softmax of the logits
    times a Gaussian around the corner of the first stage.

    Parameters
    ----------
    logits
        Maps (bodies, 4, h, w) of the second stage.
    first
        Corners (bodies, 4, 2) of the first stage, in cells of the maps.
    """
    height, width = logits.shape[2:]
    ys, xs = np.arange(height), np.arange(width)
    spread = PRIOR_SPREAD * width
    prior = -(
        (xs - first[..., 0, None])[..., None, :] ** 2
        + (ys - first[..., 1, None])[..., :, None] ** 2
    ) / (2 * spread**2)
    score = logits + prior
    weights = np.exp(score - score.max(axis=(2, 3), keepdims=True))
    weights /= weights.sum(axis=(2, 3), keepdims=True)
    means = np.stack([weights.sum(axis=2) @ xs, weights.sum(axis=3) @ ys], axis=-1)
    squares = np.stack([weights.sum(axis=2) @ xs**2, weights.sum(axis=3) @ ys**2], axis=-1)
    products = (weights @ xs) @ ys
    covariances = -means[..., :, None] * means[..., None, :]
    covariances[..., (0, 1), (0, 1)] += squares
    covariances[..., (0, 1), (1, 0)] += products[..., None]
    return LocatedCorners(means, covariances)


def _at_least(vectors: Points, smallest: Points) -> Points:
    """Return vectors (bodies, 2), with ``smallest`` in place of shorter ones."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length < np.linalg.norm(smallest), smallest, vectors)
