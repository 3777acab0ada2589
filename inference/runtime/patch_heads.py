"""The heads that decoding reads at the peaks alone, as one module on patches around them."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.network.vertenet.heads import Head
from inference.network.vertenet.network import VerteNet
from inference.runtime.peak_heads import POINTS, heads_at_points, longest_reach, reach_of


class PointHeads(nn.Module):
    """Patches and what of them is inside (`cut_patches`) -> the values (N, outputs) of each head
    in ``results``.

    A second kernel of k2 x k2 cells needs k2 x k2 values of the first convolution's result, and
    those a patch of k1 + k2 - 1 cells a side. The dense head pads *both* convolutions with zeros:
    values of the first convolution that lie outside the map are therefore zero, not what the
    convolution would say there.
    """

    def __init__(self, network: VerteNet) -> None:
        super().__init__()
        self.config = network.config
        self.results = heads_at_points(network.config)
        self.reach = longest_reach(network.config) if self.results else 0
        self.heads = nn.ModuleDict({name: network.heads[name] for name in self.results})

    def nothing(self) -> tuple[Tensor, Tensor]:
        """Patches of nothing, to show their sizes."""
        side = 2 * self.reach + 1
        channels = self._head(self.results[0]).conv1.in_channels
        return torch.zeros(POINTS, channels, side, side), torch.zeros(POINTS, 1, side, side)

    def forward(self, patches: Tensor, inside: Tensor) -> tuple[Tensor, ...]:
        return tuple(self._apply(name, patches, inside) for name in self.results)

    def _head(self, name: str) -> Head:
        return cast(Head, self.heads[name])

    def _apply(self, name: str, patches: Tensor, inside: Tensor) -> Tensor:
        kernels = self.config.heads[name].kernels
        head = self._head(name)
        weight1, bias1, weight2, bias2 = (
            getattr(convolution, kind)
            for convolution in (head.conv1, head.conv2)
            for kind in ("weight", "bias")
        )
        patches = _middle(patches, self.reach - reach_of(kernels))
        inside = _middle(inside, self.reach - kernels[1] // 2)
        hidden = functional.relu(functional.conv2d(patches, weight1, bias1)) * inside
        return functional.conv2d(hidden, weight2, bias2).flatten(1)


def _middle(x: Tensor, less: int) -> Tensor:
    """The map without ``less`` cells on each side."""
    return x[:, :, less : x.shape[2] - less, less : x.shape[3] - less]
