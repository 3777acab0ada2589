"""Decoder blocks, which fuse a coarse map with a finer one at the finer resolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.network.configuration import FusionPlan
from inference.network.vertenet.attention import (
    ChannelBlock,
    CrossAttentionBlock,
    SelfAttentionBlock,
)


class Fusion(nn.Module):
    """Fuse the coarse map ``low`` with the fine map ``skip`` into (N, width, H, W).

    Parameters
    ----------
    low_channels, skip_channels
        Channels of the two inputs.
    size
        Height and width of the fine map, for which attention is configured.
    plan
        Configuration of the block.
    """

    def __init__(
        self, low_channels: int, skip_channels: int, size: tuple[int, int], plan: FusionPlan
    ) -> None:
        super().__init__()
        width = plan.width or skip_channels
        self.lateral: nn.Module = nn.Identity()
        if plan.width is not None:
            self.lateral = _conv_norm(skip_channels, width, 1)
        self.up = _conv_norm(low_channels, width, 3)
        self.has_attention = plan.kind == "mcfb"
        self.has_self_attention = self.has_attention and plan.self_attention
        self.has_cross_attention = self.has_attention and plan.cross_attention
        options = {"pooling": plan.pooling, "resolution": plan.resolution}
        if self.has_self_attention:
            self.self_low = SelfAttentionBlock(width, size, **options)  # type: ignore[arg-type]
            self.self_skip = SelfAttentionBlock(width, size, **options)  # type: ignore[arg-type]
        if self.has_cross_attention:
            self.cross_low = CrossAttentionBlock(width, size, **options)  # type: ignore[arg-type]
            self.cross_skip = CrossAttentionBlock(width, size, **options)  # type: ignore[arg-type]
        if self.has_attention:
            self.channels = ChannelBlock(width)
        self.join = _conv_norm(2 * width, width, 1)

    def forward(self, low: Tensor, skip: Tensor) -> Tensor:
        skip = self.lateral(skip)
        # Half-pixel centres (align_corners=False), as wherever images or maps are resized.
        low = functional.interpolate(low, skip.shape[-2:], mode="bilinear", align_corners=False)
        low = self.up(low)
        if self.has_self_attention:
            low, skip = self.self_low(low), self.self_skip(skip)
        if self.has_cross_attention:
            low, skip = self.cross_low(low, skip), self.cross_skip(skip, low)
        # The fine map comes first; the order is that of the released weights.
        joined: Tensor = self.join(torch.cat([skip, low], dim=1))
        return self.channels(joined) if self.has_attention else joined


def _conv_norm(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )
