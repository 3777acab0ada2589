"""The fusion block once more, arranged for maps whose channels lie together in memory.

The same numbers as :mod:`inference.network.vertenet.fusion` up to rounding, from the same
parameters:

- a patch position's 64 tokens are cut out and put back in runs of all channels, and the three
  64 x 64 maps act from the left, so that nothing is transposed element by element;
- a map that several blocks normalise is standardised once, each then applies its own weights;
- the coarse result's enlargement and its share of the last convolution are one enlargement;
- a convolution of two maps laid side by side is the sum of two convolutions, and one whose
  result is halved is two: nothing is laid side by side nor cut apart;
- in channel attention the values' map, the attention and the last convolution are one C x C
  matrix an image, so that the full maps are multiplied once.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.network.configuration import GRID
from inference.network.vertenet.attention import (
    LENGTH_EPS,
    NORM_EPS,
    PATCHES,
    ChannelAttention,
    ChannelBlock,
    ChannelNorm,
    CrossAttentionBlock,
    GatedFeedForward,
    MapNorm,
    PatchAttention,
    SelfAttentionBlock,
)
from inference.network.vertenet.fusion import Fusion


class RearrangedFusion(nn.Module):
    """Answers what ``fusion`` answers; its parameters are shared, not copied."""

    def __init__(self, fusion: Fusion) -> None:
        super().__init__()
        self.fusion = fusion

    def forward(self, low: Tensor, skip: Tensor) -> Tensor:
        fusion = self.fusion
        skip = fusion.lateral(skip)
        low = functional.interpolate(low, skip.shape[-2:], mode="bilinear", align_corners=False)
        low = fusion.up(low)
        if fusion.has_self_attention:
            low, skip = _self_attend(fusion.self_low, low), _self_attend(fusion.self_skip, skip)
        if fusion.has_cross_attention:
            low, skip = _standardized(low), _standardized(skip)
            low, skip = (
                _cross_attend(fusion.cross_low, low, skip),
                _cross_attend(fusion.cross_skip, skip, low),
            )
        joined: Tensor = fusion.join(torch.cat([skip, low], dim=1))
        return _mix_channels(fusion.channels, joined) if fusion.attentive else joined


def _self_attend(block: SelfAttentionBlock, x: Tensor) -> Tensor:
    x = _scaled(block.norm1, _standardized(x))
    x = _scaled(block.norm2, _standardized(x + _attend(block.attn, x, x)))
    return x + _feed_forward(block.ffn, x)


def _cross_attend(block: CrossAttentionBlock, query: Tensor, context: Tensor) -> Tensor:
    """Of two standardised maps."""
    a, b = _scaled(block.norm1, query), _scaled(block.norm1, context)
    a = _scaled(block.norm2, _standardized(a + _attend(block.attn, a, b)))
    return a + _feed_forward(block.ffn, a)


def _mix_channels(block: ChannelBlock, x: Tensor) -> Tensor:
    x = x + _attend_channels(block.attn, _normalized_channels(block.norm1, x))
    return x + _feed_forward(block.ffn, _normalized_channels(block.norm2, x))


def _standardized(x: Tensor) -> Tensor:
    centred = x - x.mean((2, 3), keepdim=True)
    return centred * torch.rsqrt((centred * centred).mean((2, 3), keepdim=True) + NORM_EPS)


def _scaled(norm: MapNorm, x: Tensor) -> Tensor:
    size = (1, 1, *x.shape[-2:])
    return x * norm.weight.view(size) + norm.bias.view(size)


def _normalized_channels(norm: ChannelNorm, x: Tensor) -> Tensor:
    centred = x - x.mean(1, keepdim=True)
    unit = centred * torch.rsqrt((centred * centred).mean(1, keepdim=True) + NORM_EPS)
    return unit * norm.weight.view(1, -1, 1, 1) + norm.bias.view(1, -1, 1, 1)


def _attend(attention: PatchAttention, query: Tensor, context: Tensor) -> Tensor:
    channels = query.shape[1]
    out = attention.project_out.weight
    mixed = functional.conv2d(
        _attend_at(attention, attention.high, query, context), out[:, :channels]
    )
    if not attention.dual:
        return mixed
    low = attention.pool(query)
    other = low if context is query else attention.pool(context)
    low = _attend_at(attention, attention.low, low, other)
    weight, bias = attention.enlarge.weight, attention.enlarge.bias
    last = out[:, channels:, 0, 0]
    both = torch.einsum("imyx,om->ioyx", weight, last)
    return mixed + functional.conv_transpose2d(low, both, last @ cast(Tensor, bias), stride=2)


def _attend_at(
    attention: PatchAttention, linear: nn.ModuleDict, query: Tensor, context: Tensor
) -> Tensor:
    height, width = query.shape[-2:]
    own = _cut(query)
    other = own if context is query else _cut(context)
    q, k, v = (
        torch.matmul(cast(nn.Linear, linear[name]).weight, tokens)
        for name, tokens in (("q", own), ("k", other), ("v", other))
    )
    q = functional.normalize(q, dim=-1, eps=LENGTH_EPS)
    k = functional.normalize(k, dim=-1, eps=LENGTH_EPS)
    scores = torch.matmul(q, k.transpose(-1, -2)) * attention.temperature
    return _put_back(torch.matmul(scores.softmax(dim=-1), v), height, width)


def _cut(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, positions in a patch, patches, C), patches numbered row by row."""
    n, c, height, width = x.shape
    x = x.permute(0, 2, 3, 1).reshape(n, GRID, height // GRID, GRID, width // GRID, c)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(n, -1, PATCHES, c)


def _put_back(x: Tensor, height: int, width: int) -> Tensor:
    n, _, _, c = x.shape
    x = x.view(n, height // GRID, width // GRID, GRID, GRID, c)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(n, height, width, c).permute(0, 3, 1, 2)


def _feed_forward(block: GatedFeedForward, x: Tensor) -> Tensor:
    half = block.project_in.out_channels // 2
    wide = block.project_in.weight[:half], block.project_in.weight[half:]
    deep = block.dwconv.weight[:half], block.dwconv.weight[half:]
    gate, value = (
        functional.conv2d(functional.conv2d(x, first), second, padding=1, groups=half)
        for first, second in zip(wide, deep, strict=True)
    )
    out: Tensor = block.project_out(functional.gelu(gate) * value)
    return out


def _attend_channels(attention: ChannelAttention, x: Tensor) -> Tensor:
    n, c, height, width = x.shape
    rows = x.permute(0, 2, 3, 1).reshape(n, height * width, c)
    parts = attention.qkv.weight.view(3, c, c)
    q, k = functional.linear(rows, parts[0]), functional.linear(rows, parts[1])
    scores = torch.matmul(q.transpose(1, 2), k)
    long_q = q.norm(dim=1).clamp_min(LENGTH_EPS).unsqueeze(2)
    long_k = k.norm(dim=1).clamp_min(LENGTH_EPS).unsqueeze(1)
    scores = scores / long_q / long_k
    mixed, size = [], c // attention.heads
    for head in range(attention.heads):
        own = slice(head * size, (head + 1) * size)
        share = (scores[:, own, own] * attention.temperature[head]).softmax(dim=-1)
        mixed.append(torch.matmul(share, parts[2, own]))
    out = attention.project_out.weight.view(c, c)
    matrix = torch.matmul(out, torch.cat(mixed, dim=1))
    return torch.matmul(rows, matrix.transpose(1, 2)).view(n, height, width, c).permute(0, 3, 1, 2)
