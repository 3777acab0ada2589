"""Weights in eight bits each, a scale an output channel: half the size of 16 bits on disk.

Only the file is smaller: `inference.network.weights_tensors` reads it in 32 bits, like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

from inference.network.weights_tensors import SCALE

_MIN_QUANTIZED_WEIGHTS: Final = 1024
_TOP: Final = 127


def to_half_precision(tensor: Tensor) -> Tensor:
    """In 16 bits, unless it counts or a value is too large, as a batch norm's variance may be."""
    if not tensor.is_floating_point():
        return tensor
    short = tensor.half()
    return short if torch.isfinite(short).all() else tensor


def quantize(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Large weights of two or more dimensions as int8 with their scales, the rest in 16 bits.

    A weight is its int8 times its channel's scale; the error is half a scale at most, 1/254 of the
    channel's largest weight.
    """
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if (
            tensor.is_floating_point()
            and tensor.dim() >= 2
            and tensor.numel() >= _MIN_QUANTIZED_WEIGHTS
        ):
            largest = tensor.abs().flatten(1).amax(1).clamp_min(1e-12)
            scale = (largest / _TOP).float()
            shape = (-1, *[1] * (tensor.dim() - 1))
            found[name] = (tensor / scale.view(shape)).round().clamp(-_TOP, _TOP).to(torch.int8)
            found[name + SCALE] = scale
        else:
            found[name] = to_half_precision(tensor)
    return found
