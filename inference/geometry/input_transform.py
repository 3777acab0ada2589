"""The one map between an image and the network's frame.

The whole image is resized, each axis by itself, with half-pixel centres:
``u = (x + 0.5) * net_width / width - 0.5``, and likewise for v. A mirrored frame holds the image
seen in a mirror, so that anterior comes to lie on the side that the network knows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

PAPER_WIDTH, PAPER_HEIGHT = 512, 1024
"""The frame of VerteNet's authors, in whose pixels errors are told."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An image of ``width`` x ``height`` seen in a frame of ``net_width`` x ``net_height``.

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
        """Frame pixels per image pixel, across and down."""
        return self.net_width / self.width, self.net_height / self.height

    def to_frame(self, points: ArrayLike | Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Points (..., 2) of the image in the frame."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        if self.mirrored:
            x = self.width - 1 - x
        across, down = self.scale
        return np.stack([(x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5], axis=-1)

    def to_source(self, points: ArrayLike | Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Points (..., 2) of the frame in the image: the inverse of `to_frame`."""
        u, v = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        across, down = self.scale
        x, y = (u + 0.5) / across - 0.5, (v + 0.5) / down - 0.5
        if self.mirrored:
            x = self.width - 1 - x
        return np.stack([x, y], axis=-1)

    def resize(
        self, pixels: NDArray[np.float32], *, antialias: bool = False
    ) -> NDArray[np.float32]:
        """The image (height, width) in the frame (net_height, net_width), linearly interpolated.

        Parameters
        ----------
        pixels
            float32 (height, width).
        antialias
            Average over the source pixels that a frame pixel covers, where the image is reduced.
            Which of the two it must be is a property of the weights.

        Raises
        ------
        ValueError
            Where the array has another size than the frame was made for.
        """
        if pixels.shape != (self.height, self.width):
            raise ValueError(
                f"expected an array of shape {(self.height, self.width)}, got {pixels.shape}"
            )
        source = pixels[:, ::-1] if self.mirrored else pixels
        down = _weights(self.height, self.net_height, antialias)
        across = _weights(self.width, self.net_width, antialias)
        lower = down @ np.ascontiguousarray(source, dtype=np.float32)
        return np.ascontiguousarray((across @ lower.T).T)


def _weights(size: int, net_size: int, antialias: bool) -> csr_array:
    """The (net_size, size) matrix of linear interpolation along one axis; its rows sum to 1."""
    step = size / net_size
    support = max(1.0, step) if antialias else 1.0
    centres = (np.arange(net_size) + 0.5) * step - 0.5
    if not antialias:
        centres = np.clip(centres, 0, size - 1)
    first = np.floor(centres - support).astype(int) + 1
    columns = first[:, None] + np.arange(math.ceil(2 * support))
    weights: NDArray[np.float64] = np.maximum(
        0.0, 1.0 - np.abs(columns - centres[:, None]) / support
    )
    weights[(columns < 0) | (columns >= size)] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(net_size), columns.shape[1])
    places = np.clip(columns, 0, size - 1).ravel()
    values = weights.astype(np.float32).ravel()
    return csr_array((values, (rows, places)), shape=(net_size, size))
