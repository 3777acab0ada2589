"""Fold batch norms and grey channels into convolutions for inference.

The result is the same up to rounding.
"""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from inference.network.vertenet.encoder import Encoder
from inference.network.vertenet.network import VerteNet
from inference.network.vertenet.resnet import ResNetEncoder


def fold(network: VerteNet) -> VerteNet:
    """Return a copy for inference that reads one grey channel and has no batch norms.

    A batch norm after a convolution with weights W and bias b is itself the convolution with
    weights W s and bias (b - mean) s + shift, where s = gain / sqrt(variance + eps). The three
    input channels are equal, so the weights of the first convolution can be summed over them; zero
    padding is unaffected.

    Parameters
    ----------
    network
        A network in evaluation mode; it is not changed.

    Returns
    -------
    VerteNet
        A copy that reads images (N, 1, H, W), in channels-last memory format.

    Raises
    ------
    ValueError
        If the network is in training mode.
    """
    if network.training:
        raise ValueError("only a network in evaluation mode can be folded")
    # A copy, because the caller still needs the network as it is, for example for its PointHeads.
    folded = copy.deepcopy(network)
    for module in list(folded.modules()):
        _fold_children(module)
    _read_grey(folded.encoder)
    return folded.to(memory_format=torch.channels_last).requires_grad_(False)  # type: ignore[call-overload, no-any-return]


def _fold_children(module: nn.Module) -> None:
    """Fold each batch norm into the convolution that is registered directly before it."""
    # Registration order is the order of use in every module of the network.
    before: tuple[str, nn.Module] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d):
            if before is None or not isinstance(before[1], nn.Conv2d):
                raise ValueError(f"{name} does not follow a convolution")
            setattr(module, before[0], fuse_conv_bn_eval(before[1], child))
            # An Identity keeps the names of later submodules, which are part of the weights format.
            setattr(module, name, nn.Identity())
        before = (name, child)


def _read_grey(encoder: Encoder | ResNetEncoder) -> None:
    stem = encoder.conv_stem
    stem.weight = nn.Parameter(stem.weight.sum(dim=1, keepdim=True))
    stem.in_channels = 1
