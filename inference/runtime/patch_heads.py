"""Heads evaluated on patches around heat map peaks, as one torch module."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.decoding.vertebrae import POINTS
from inference.network.vertenet.heads import Head
from inference.network.vertenet.network import VerteNet
from inference.runtime.peak_heads import heads_at_points, longest_reach, reach_of


class PointHeads(nn.Module):
    """Evaluate heads on patches from `inference.runtime.peak_heads.cut_patches`.

    The result is a tuple with the values (N, outputs) of each head in ``results``.

    Parameters
    ----------
    network
        The network whose heads are evaluated; its parameters are shared.

    Notes
    -----
    For one output value, a second kernel of k2 x k2 cells needs k2 x k2 values of the first
    convolution, and these need a patch of k1 + k2 - 1 cells per side. The dense head pads *both*
    convolutions with zeros, so values of the first convolution outside the map are set to zero here
    instead of being computed.
    """

    def __init__(self, network: VerteNet) -> None:
        super().__init__()
        self.config = network.config
        self.results = heads_at_points(network.config)
        self.reach = longest_reach(network.config) if self.results else 0
        self.heads = nn.ModuleDict({name: network.heads[name] for name in self.results})

    def example_inputs(self) -> tuple[Tensor, Tensor]:
        """Return zero inputs of the right sizes, for tracing and for counting operations."""
        side = 2 * self.reach + 1
        channels = self._head(self.results[0]).conv1.in_channels
        return torch.zeros(POINTS, channels, side, side), torch.zeros(POINTS, 1, side, side)

    def forward(self, patches: Tensor, inside: Tensor) -> tuple[Tensor, ...]:
        return tuple(self._evaluate(name, patches, inside) for name in self.results)

    def _head(self, name: str) -> Head:
        return cast(Head, self.heads[name])

    def _evaluate(self, name: str, patches: Tensor, inside: Tensor) -> Tensor:
        kernels = self.config.heads[name].kernels
        head = self._head(name)
        weight1, bias1, weight2, bias2 = (
            getattr(convolution, kind)
            for convolution in (head.conv1, head.conv2)
            for kind in ("weight", "bias")
        )
        patches = _crop(patches, self.reach - reach_of(kernels))
        inside = _crop(inside, self.reach - kernels[1] // 2)
        # No padding: the patch includes all cells that the two kernels reach.
        hidden = functional.relu(functional.conv2d(patches, weight1, bias1)) * inside
        return functional.conv2d(hidden, weight2, bias2).flatten(1)


def _crop(x: Tensor, border: int) -> Tensor:
    """Return the map without ``border`` cells on each side."""
    return x[:, :, border : x.shape[2] - border, border : x.shape[3] - border]
