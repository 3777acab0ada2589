"""Dense part of a network, which computes maps for the whole image, as one torch module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inference.network.vertenet.channels_last_fusion import RearrangedFusion
from inference.network.vertenet.network import VerteNet
from inference.runtime.peak_heads import heads_at_points
from inference.runtime.session import FEATURES


class Trunk(nn.Module):
    """Compute the maps named in ``results``, in that order, from scaled images (N, 1, H, W).

    Fusion blocks are rearranged for speed. Heads that are evaluated at peaks are replaced by the
    map that they read.

    Parameters
    ----------
    network
        A network that reads one grey channel (`inference.network.vertenet.batch_norm_folding`).
    """

    def __init__(self, network: VerteNet) -> None:
        super().__init__()
        at_points = heads_at_points(network.config)
        self.encoder = network.encoder
        self.fuse4 = RearrangedFusion(network.fuse4)
        self.fuse3 = RearrangedFusion(network.fuse3)
        self.fuse2 = RearrangedFusion(network.fuse2)
        dense = {name: head for name, head in network.heads.items() if name not in at_points}
        self.heads = nn.ModuleDict(dense)
        self.sources = {name: network.config.heads[name].source for name in dense}
        self.results = (*dense, *([FEATURES] if at_points else []))

    def forward(self, grey: Tensor) -> tuple[Tensor, ...]:
        grey = grey.contiguous(memory_format=torch.channels_last)
        c2, c3, c4, c5 = self.encoder(grey)
        coarse = self.fuse4(c5, c4)
        fine = self.fuse2(self.fuse3(coarse, c3), c2)
        maps = {"fine": fine, "coarse": coarse, "image": c5}
        values = [head(maps[self.sources[name]]) for name, head in self.heads.items()]
        if FEATURES in self.results:
            # Channels last, because patches are cut from all channels of a cell.
            values.append(fine.permute(0, 2, 3, 1))
        return tuple(values)
