"""A network for answering only: batch norms folded away, one grey channel read.

Both change the order of roundings and nothing else.
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
    """A copy that reads grey (N, 1, H, W) and holds no batch norm, laid out channels-last.

    A batch norm behind a convolution W, b is the convolution W s, (b - mean) s + shift with
    s = gain / sqrt(variance + eps). Three equal channels meet in the first convolution, so that
    its weights may be added over them; a border of zeros is a border of zeros all the same.

    Raises
    ------
    ValueError
        When the network is in training mode.
    """
    if network.training:
        raise ValueError("only a network in evaluation mode can be folded")
    folded = copy.deepcopy(network)
    for module in list(folded.modules()):
        _fold_children(module)
    _read_grey(folded.encoder)
    return folded.to(memory_format=torch.channels_last).requires_grad_(False)  # type: ignore[call-overload, no-any-return]


def _fold_children(module: nn.Module) -> None:
    """Each batch norm is registered right behind its convolution: that is their order of use."""
    before: tuple[str, nn.Module] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d):
            if before is None or not isinstance(before[1], nn.Conv2d):
                raise ValueError(f"{name} stands behind no convolution")
            setattr(module, before[0], fuse_conv_bn_eval(before[1], child))
            setattr(module, name, nn.Identity())
        before = (name, child)


def _read_grey(encoder: Encoder | ResNetEncoder) -> None:
    stem = encoder.conv_stem
    stem.weight = nn.Parameter(stem.weight.sum(dim=1, keepdim=True))
    stem.in_channels = 1
