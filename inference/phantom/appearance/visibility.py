"""Whether the sacrum can be told from the last lumbar body on a drawn image."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from inference.phantom.anatomy import BodyShape, Spine
from inference.phantom.bones.vertebral_body import add_body
from inference.phantom.raster import Array, Grid

LEAST_CORRELATION: Final = 0.3
"""Correlation from which the lumbosacral disc counts as visible.

Fixed on 108 images and confirmed on 108 others, which were rated by eye without the correlation
(docs/phantom.md).
"""
_FINE_MM: Final = 0.5
_COARSE_MM: Final = 2.5
"""Standard deviations of the Gaussians between which details count: endplates, but neither noise
nor the edges of iliac crests and haze."""
_MARGIN_MM: Final = 4 * _COARSE_MM
"""What the wider Gaussian needs around the disc."""
_SHARE_OF_DEPTH: Final = 0.4
"""Half the width of the region, as a share of the depth of the bodies: walls do not count."""
_LEAST_SHARE: Final = 0.5
"""Share of the region that has to lie in the image."""
_FLAT: Final = 1e-6
"""Standard deviation, as a share of the range of grey values, below which the region counts as
uniform."""


def is_lumbosacral_disc_hidden(pixels: NDArray[Any], grid: Grid, spine: Spine) -> bool:
    """Return whether the disc between the last lumbar body and S1 cannot be seen.

    A disc of which less than half lies in the image is outside, not hidden.

    Parameters
    ----------
    pixels : array (H, W)
        Grey values as stored, with anterior on the right; polarity and scale do not matter.
    grid : Grid
        Their position in mm.
    spine : Spine
        The subject's spine.
    """
    correlation = disc_correlation(pixels, grid, spine.lumbar[-1], spine.body("S1"))
    return correlation is not None and correlation < LEAST_CORRELATION


def disc_correlation(
    pixels: NDArray[Any], grid: Grid, above: BodyShape, below: BodyShape
) -> float | None:
    """Return how well an image shows the endplates on both sides of a disc.

    This is the absolute value of Pearson's correlation between the image and the two bodies drawn
    without anything else, both band-pass filtered, over the middle 80 % of the endplates, from the
    middle of one body to the middle of the other: near 1 for a clear image, near 0 in uniform
    white. None if less than half of this region lies in the image.

    Parameters
    ----------
    pixels : array (H, W)
        Grey values, with anterior on the right.
    grid : Grid
        Their position in mm.
    above, below : BodyShape
        The bodies.
    """
    corners = np.array(
        [
            above.point_at(-_SHARE_OF_DEPTH * above.depth, 0.0),
            above.point_at(_SHARE_OF_DEPTH * above.depth, 0.0),
            below.point_at(_SHARE_OF_DEPTH * below.depth, 0.0),
            below.point_at(-_SHARE_OF_DEPTH * below.depth, 0.0),
        ]
    )
    (x0, y0), (x1, y1) = corners.min(axis=0) - _MARGIN_MM, corners.max(axis=0) + _MARGIN_MM
    box = grid.window(x0, x1, y0, y1)
    if box is None:
        return None
    (rows, columns), x, y = box
    region = _inside(corners, x, y)
    pixel_mm2 = grid.row_mm * grid.column_mm
    if region.sum() * pixel_mm2 < _LEAST_SHARE * _area(corners):
        return None
    part = Grid(
        grid.left + columns.start * grid.column_mm,
        grid.top + rows.start * grid.row_mm,
        columns.stop - columns.start,
        rows.stop - rows.start,
        grid.column_mm,
        grid.row_mm,
    )
    expected = np.zeros((part.height, part.width), np.float32)
    for body in (above, below):
        add_body(expected, part, body, fill=0.6, endplate=0.3, wall=0.0, shell_mm=1.0)
    values = pixels[rows, columns].astype(np.float32)
    scale = np.float32(max(float(np.ptp(pixels)), 1.0))
    seen, wanted = _details(values / scale, part)[region], _details(expected, part)[region]
    if min(seen.std(), wanted.std()) < _FLAT:
        return 0.0
    return abs(float(np.corrcoef(seen, wanted)[0, 1]))


def _details(values: Array, grid: Grid) -> Array:
    """Return the image (H, W) between the two scales."""
    pixels = np.array([1 / grid.row_mm, 1 / grid.column_mm])
    fine = gaussian_filter(values, _FINE_MM * pixels, mode="nearest")
    return np.asarray(fine - gaussian_filter(values, _COARSE_MM * pixels, mode="nearest"))


def _inside(corners: NDArray[np.float64], x: Array, y: Array) -> NDArray[np.bool_]:
    """Return which pixels (H, W) lie in a convex polygon (n, 2), listed clockwise on the image."""
    inside = np.ones((y.shape[0], x.shape[1]), bool)
    for (px, py), (qx, qy) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        inside &= (qx - px) * (y - py) - (qy - py) * (x - px) >= 0
    return inside


def _area(corners: NDArray[np.float64]) -> float:
    """Return the area of a polygon (n, 2)."""
    x, y = corners.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
