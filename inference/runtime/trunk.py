"""What of a network is computed for every cell, as one module: grey image in, maps out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inference.network.vertenet.channels_last_fusion import RearrangedFusion
from inference.network.vertenet.network import VerteNet
from inference.runtime.peak_heads import heads_at_points
from inference.runtime.session import FEATURES


class Trunk(nn.Module):
    """Scaled grey image (N, 1, H, W) -> the maps named in ``results``, in that order.

    The fusion blocks are rearranged and the heads that are read at points left out; the map that
    those read comes instead. The network reads one grey channel
    (`inference.network.vertenet.batch_norm_folding`).
    """

    def __init__(self, network: VerteNet) -> None:
        super().__init__()
        left_out = heads_at_points(network.config)
        self.encoder = network.encoder
        self.fuse4 = RearrangedFusion(network.fuse4)
        self.fuse3 = RearrangedFusion(network.fuse3)
        self.fuse2 = RearrangedFusion(network.fuse2)
        kept = {name: head for name, head in network.heads.items() if name not in left_out}
        self.heads = nn.ModuleDict(kept)
        self.sources = {name: network.config.heads[name].source for name in kept}
        self.results = (*kept, *([FEATURES] if left_out else []))

    def forward(self, grey: Tensor) -> tuple[Tensor, ...]:
        grey = grey.contiguous(memory_format=torch.channels_last)
        c2, c3, c4, c5 = self.encoder(grey)
        coarse = self.fuse4(c5, c4)
        fine = self.fuse2(self.fuse3(coarse, c3), c2)
        maps = {"fine": fine, "coarse": coarse, "image": c5}
        answers = [head(maps[self.sources[name]]) for name, head in self.heads.items()]
        if FEATURES in self.results:
            answers.append(fine.permute(0, 2, 3, 1))
        return tuple(answers)
