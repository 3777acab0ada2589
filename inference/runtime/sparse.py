"""Heads read at a few places of a map instead of everywhere: numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class PointHead:
    """A convolution, ReLU and a second convolution, asked at single cells.

    A second kernel of k2 x k2 cells needs k2 x k2 values of the first convolution's result, and
    those a patch of k1 + k2 - 1 cells a side. The dense head pads *both* convolutions with zeros:
    values of the first convolution that lie outside the map are therefore zero, not what the
    convolution would say there.

    Attributes
    ----------
    weight1 : (k1 * k1 * C, hidden), rows by kernel row, kernel column, channel
    bias1 : (hidden,)
    weight2 : (k2 * k2 * hidden, outputs), in the same order
    bias2 : (outputs,)
    kernels : k1 and k2
    """

    weight1: Floats
    bias1: Floats
    weight2: Floats
    bias2: Floats
    kernels: tuple[int, int]

    @classmethod
    def of_convolutions(
        cls, weight1: Floats, bias1: Floats, weight2: Floats, bias2: Floats
    ) -> PointHead:
        """From the tensors (out, in, k, k) and (out,) of the two convolutions."""
        kernels = (weight1.shape[-1], weight2.shape[-1])
        return cls(_as_matrix(weight1), bias1, _as_matrix(weight2), bias2, kernels)

    def at(self, features: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
        """The head at cells of ``features`` (H, W, C): (cells, outputs)."""
        height, width, channels = features.shape
        k1, k2 = self.kernels
        reach = k1 // 2 + k2 // 2
        cells = np.arange(-reach, reach + 1)
        y, x = rows[:, None] + cells, columns[:, None] + cells
        inside = _inside(y, height)[:, :, None] & _inside(x, width)[:, None, :]
        patch = features[np.clip(y, 0, height - 1)[:, :, None], np.clip(x, 0, width - 1)[:, None]]
        patch = patch * inside[..., None]
        windows = sliding_window_view(patch, (k1, k1), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
        hidden = windows.reshape(-1, k1 * k1 * channels) @ self.weight1 + self.bias1
        kept = inside[:, k1 // 2 : k1 // 2 + k2, k1 // 2 : k1 // 2 + k2]
        hidden = np.maximum(hidden, 0) * kept.reshape(-1, 1)
        answer: Floats = hidden.reshape(len(rows), len(self.weight2)) @ self.weight2 + self.bias2
        return answer


def _as_matrix(weight: Floats) -> Floats:
    out = weight.shape[0]
    return np.ascontiguousarray(weight.transpose(2, 3, 1, 0).reshape(-1, out))


def _inside(at: NDArray[np.intp], size: int) -> NDArray[np.bool_]:
    return (at >= 0) & (at < size)
