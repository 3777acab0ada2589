"""Quantise weights to 8 bits with one scale per output channel, for smaller files.

Only the file is smaller: `inference.network.weights_tensors` reads the weights as float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

from inference.network.weights_container import SCALE

# Quantising smaller tensors would save next to nothing.
_MIN_QUANTIZED_WEIGHTS: Final = 1024
_MAX_INT8: Final = 127


def to_half_precision(tensor: Tensor) -> Tensor:
    """Return a tensor in float16 where that is possible.

    Counters, and tensors with a value beyond the range of float16, such as the variance of a batch
    norm, are returned unchanged.
    """
    if not tensor.is_floating_point():
        return tensor
    # Infinite variances in a half-precision file would silence channels, and could not be averaged.
    short = tensor.half()
    return short if torch.isfinite(short).all() else tensor


def quantize(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Quantise large tensors of two or more dimensions to int8; convert the rest to float16.

    A weight is its int8 value times the scale of its output channel. The error is at most half a
    scale, which is 1/254 of the largest weight of the channel.

    Returns
    -------
    dict
        Tensors by name; the scales of a quantised tensor have its name plus ``SCALE``.
    """
    quantized: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if (
            tensor.is_floating_point()
            and tensor.dim() >= 2
            and tensor.numel() >= _MIN_QUANTIZED_WEIGHTS
        ):
            # The lower bound avoids a division by zero in a channel of zeros.
            largest = tensor.abs().flatten(1).amax(1).clamp_min(1e-12)
            scale = (largest / _MAX_INT8).float()
            shape = (-1, *[1] * (tensor.dim() - 1))
            # -128 is not used, so that the range is symmetric.
            levels = (tensor / scale.view(shape)).round().clamp(-_MAX_INT8, _MAX_INT8)
            quantized[name] = levels.to(torch.int8)
            quantized[name + SCALE] = scale
        else:
            quantized[name] = to_half_precision(tensor)
    return quantized
