"""Map between the pixels of an image and the network's input frame.

The whole image is resized with half-pixel centres, independently along each axis:
``u = (x + 0.5) * net_width / width - 0.5``, and likewise for v. A mirrored frame shows the image
reversed from left to right, so that anterior lies on the side that the network was trained on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

PAPER_WIDTH, PAPER_HEIGHT = 512, 1024
"""Input size of VerteNet (arXiv 2502.02097), in whose pixels errors are reported."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The map from an image of ``width`` x ``height`` to ``net_width`` x ``net_height`` pixels.

    Raises
    ------
    ValueError
        If a width or height is below 1.

    Examples
    --------
    >>> frame = Frame(width=100, height=200, net_width=50, net_height=50)
    >>> frame.to_frame([(0.5, 1.5)]).tolist()
    [[0.0, 0.0]]
    """

    width: int
    height: int
    net_width: int
    net_height: int
    mirrored: bool = False

    def __post_init__(self) -> None:
        if min(self.width, self.height, self.net_width, self.net_height) < 1:
            raise ValueError("a frame needs a width and a height of at least one pixel")

    @property
    def scale(self) -> tuple[float, float]:
        """Frame pixels per image pixel, horizontally and vertically."""
        return self.net_width / self.width, self.net_height / self.height

    def to_frame(self, points: ArrayLike | Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Return image points (..., 2), (x, y), in frame pixels."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        # Mirroring maps the pixel centres 0 to width - 1 onto each other.
        if self.mirrored:
            x = self.width - 1 - x
        across, down = self.scale
        return np.stack([(x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5], axis=-1)

    def to_source(self, points: ArrayLike | Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Return frame points (..., 2), (u, v), in image pixels; the inverse of `to_frame`."""
        u, v = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        across, down = self.scale
        x, y = (u + 0.5) / across - 0.5, (v + 0.5) / down - 0.5
        if self.mirrored:
            x = self.width - 1 - x
        return np.stack([x, y], axis=-1)

    def resize(
        self, pixels: NDArray[np.float32], *, antialias: bool = False
    ) -> NDArray[np.float32]:
        """Return the image resized to the frame by linear interpolation.

        Parameters
        ----------
        pixels
            float32 (height, width).
        antialias
            Average over the source pixels that a frame pixel covers when the image is reduced.
            Weights require the setting that they were trained with.

        Returns
        -------
        NDArray[np.float32]
            (net_height, net_width).

        Raises
        ------
        ValueError
            If the array does not have the frame's source size.
        """
        if pixels.shape != (self.height, self.width):
            raise ValueError(
                f"expected an array of shape {(self.height, self.width)}, got {pixels.shape}"
            )
        # The pixels are mirrored before resizing, as to_frame mirrors points before scaling.
        source = pixels[:, ::-1] if self.mirrored else pixels
        # Sparse rows: dense matrices took 70 ms per image, these 1 ms, and numpy's dense products
        # started a second thread that kept spinning through the next image (docs/speed.md).
        down = _weights(self.height, self.net_height, antialias)
        across = _weights(self.width, self.net_width, antialias)
        # Interpolation is separable: first vertically, then horizontally.
        lower = down @ np.ascontiguousarray(source, dtype=np.float32)
        # A sparse matrix multiplies from the left only, hence the two transpositions.
        return np.ascontiguousarray((across @ lower.T).T)


def _weights(size: int, net_size: int, antialias: bool) -> csr_array:
    """Return the (net_size, size) matrix of linear interpolation along one axis; rows sum to 1."""
    step = size / net_size
    # The kernel covers one source pixel, or one frame pixel with antialiasing.
    support = max(1.0, step) if antialias else 1.0
    centres = (np.arange(net_size) + 0.5) * step - 0.5
    if not antialias:
        # Outside the outermost pixel centres, border pixels are repeated.
        centres = np.clip(centres, 0, size - 1)
    first = np.floor(centres - support).astype(int) + 1
    columns = first[:, None] + np.arange(math.ceil(2 * support))
    weights: NDArray[np.float64] = np.maximum(
        0.0, 1.0 - np.abs(columns - centres[:, None]) / support
    )
    # Renormalise at the borders, where part of the kernel lies outside the image.
    weights[(columns < 0) | (columns >= size)] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(net_size), columns.shape[1])
    clipped_columns = np.clip(columns, 0, size - 1).ravel()
    values = weights.astype(np.float32).ravel()
    return csr_array((values, (rows, clipped_columns)), shape=(net_size, size))
