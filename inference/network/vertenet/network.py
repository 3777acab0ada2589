"""The network: encoder, three fusion blocks and heads, built from a configuration."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from inference.network.configuration import Config
from inference.network.vertenet.encoder import PLANS, Encoder
from inference.network.vertenet.fusion import Fusion
from inference.network.vertenet.heads import Head, ImageHead
from inference.network.vertenet.refiner import Refiner
from inference.network.vertenet.resnet import RESNETS, ResNetEncoder


class VerteNet(nn.Module):
    """VerteNet (arXiv 2502.02097), or one of its variants.

    Calling the network with images (N, 3, H, W), scaled by `input_tensor`, returns a dictionary of
    result maps by head. `refine` returns those of the second stage.

    Parameters
    ----------
    config
        Configuration of the network.

    Raises
    ------
    ValueError
        If the network is called on images of another size than it is configured for. Networks
        without attention accept any size.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        # MapNorm has one weight per position, which ties attention to one input size.
        self.has_fixed_size = any(fusion.kind == "mcfb" for fusion in config.fusions)
        self.encoder = build_encoder(config.encoder)
        height, width = config.input_size
        sizes = {stride: (height // stride, width // stride) for stride in (4, 8, 16)}
        c2, c3, c4, c5 = self.encoder.channels
        first, second, third = config.fusions
        # Submodule names are part of the weights format and must not change.
        self.fuse4 = Fusion(c5, c4, sizes[16], third)
        coarse = third.width or c4
        self.fuse3 = Fusion(coarse, c3, sizes[8], second)
        self.fuse2 = Fusion(second.width or c3, c2, sizes[4], first)
        sources = {"fine": first.width or c2, "coarse": coarse, "image": c5}
        self.heads = nn.ModuleDict(
            {
                name: (ImageHead if head.source == "image" else Head)(sources[head.source], head)
                for name, head in config.heads.items()
            }
        )
        self.refiner = None if config.refiner is None else Refiner(config.refiner)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        size = tuple(x.shape[-2:])
        if self.has_fixed_size and size != self.config.input_size:
            raise ValueError(f"expected images of {self.config.input_size}, got {size}")
        c2, c3, c4, c5 = self.encoder(x)
        coarse = self.fuse4(c5, c4)
        fine = self.fuse2(self.fuse3(coarse, c3), c2)
        sources = {"fine": fine, "coarse": coarse, "image": c5}
        return {
            name: head(sources[self.config.heads[name].source]) for name, head in self.heads.items()
        }

    def refine(self, patches: Tensor) -> Tensor:
        """Return the corner maps (P, 4, h, w) of patches (P, H, W) as logits.

        Raises
        ------
        ValueError
            If the network has no second stage.
        """
        if self.refiner is None:
            raise ValueError(f"{self.config.name} has no second stage")
        return cast(Tensor, self.refiner(patches[:, None]))


def build_encoder(name: str) -> Encoder | ResNetEncoder:
    """Return the encoder of the given name with randomly initialised weights."""
    return ResNetEncoder(RESNETS[name]) if name in RESNETS else Encoder(PLANS[name])


def build(config: Config) -> VerteNet:
    """Return a network with randomly initialised weights, in evaluation mode."""
    return VerteNet(config).eval()


def count_parameters(network: nn.Module) -> int:
    """Return the number of parameters of a module."""
    return sum(parameter.numel() for parameter in network.parameters())


def input_tensor(config: Config, grey: Tensor) -> Tensor:
    """Return the network input (N, 3, H, W) of grey values (N, H, W) in [0, 1]."""
    scaled = (grey - config.offset) * config.scale
    # The encoder expects three channels, as ImageNet images have.
    return torch.stack([scaled, scaled, scaled], dim=1)
