"""The fusion block, rearranged for speed on maps in channels-last memory format.

It computes the same values as :mod:`inference.network.vertenet.fusion` up to rounding, from the
same parameters:

- The 64 tokens of a patch position are gathered and scattered in runs of all channels, and the
  three 64 x 64 matrices multiply from the left, so that no element-wise transposition is needed.
- A map that several blocks normalise is standardised once; each block then applies its own
  weights.
- The transposed convolution of the coarse result and its share of the last convolution are merged
  into one transposed convolution.
- A convolution of two concatenated maps is the sum of two convolutions, and a convolution whose
  result is split is two convolutions: nothing is concatenated or split.
- In channel attention, the value projection, the attention and the last convolution are merged
  into one C x C matrix per image, so that the full map is multiplied only once.
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
    """Rearranged form of ``fusion``; the parameters are shared, not copied."""

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
        return _mix_channels(fusion.channels, joined) if fusion.has_attention else joined


def _self_attend(block: SelfAttentionBlock, x: Tensor) -> Tensor:
    x = _scaled(block.norm1, _standardized(x))
    x = _scaled(block.norm2, _standardized(x + _attend(block.attn, x, x)))
    return x + _feed_forward(block.ffn, x)


def _cross_attend(block: CrossAttentionBlock, query: Tensor, context: Tensor) -> Tensor:
    """Apply a DRCA block to two maps that are already standardised."""
    a, b = _scaled(block.norm1, query), _scaled(block.norm1, context)
    a = _scaled(block.norm2, _standardized(a + _attend(block.attn, a, b)))
    return a + _feed_forward(block.ffn, a)


def _mix_channels(block: ChannelBlock, x: Tensor) -> Tensor:
    x = x + _attend_channels(block.attn, _normalized_channels(block.norm1, x))
    return x + _feed_forward(block.ffn, _normalized_channels(block.norm2, x))


def _standardized(x: Tensor) -> Tensor:
    """Return the map of each channel with mean 0 and variance 1."""
    centred = x - x.mean((2, 3), keepdim=True)
    # Means and products rather than OpenVINO's normalisation (MVN), which was 1 % faster but
    # further from the reference in 32 bits (docs/speed.md).
    return centred * torch.rsqrt((centred * centred).mean((2, 3), keepdim=True) + NORM_EPS)


def _scaled(norm: MapNorm, x: Tensor) -> Tensor:
    """Apply the weight and bias per position to a standardised map."""
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
    # The last convolution is linear, so it can be applied to the kernel instead of the map.
    both = torch.einsum("imyx,om->ioyx", weight, last)
    return mixed + functional.conv_transpose2d(low, both, last @ cast(Tensor, bias), stride=2)


def _attend_at(
    attention: PatchAttention, linear: nn.ModuleDict, query: Tensor, context: Tensor
) -> Tensor:
    height, width = query.shape[-2:]
    query_tokens = _cut_patches(query)
    context_tokens = query_tokens if context is query else _cut_patches(context)
    q, k, v = (
        # From the left, so that tokens stay contiguous in their channels and need no transposition.
        torch.matmul(cast(nn.Linear, linear[name]).weight, tokens)
        for name, tokens in (("q", query_tokens), ("k", context_tokens), ("v", context_tokens))
    )
    q = functional.normalize(q, dim=-1, eps=LENGTH_EPS)
    k = functional.normalize(k, dim=-1, eps=LENGTH_EPS)
    scores = torch.matmul(q, k.transpose(-1, -2)) * attention.temperature
    return _join_patches(torch.matmul(scores.softmax(dim=-1), v), height, width)


def _cut_patches(x: Tensor) -> Tensor:
    """Divide (N, C, H, W) into (N, positions in a patch, patches, C), numbered row by row."""
    n, c, height, width = x.shape
    x = x.permute(0, 2, 3, 1).reshape(n, GRID, height // GRID, GRID, width // GRID, c)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(n, -1, PATCHES, c)


def _join_patches(x: Tensor, height: int, width: int) -> Tensor:
    """Return the map of patches; the inverse of `_cut_patches`."""
    n, _, _, c = x.shape
    x = x.view(n, height // GRID, width // GRID, GRID, GRID, c)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(n, height, width, c).permute(0, 3, 1, 2)


def _feed_forward(block: GatedFeedForward, x: Tensor) -> Tensor:
    half = block.project_in.out_channels // 2
    # The gate and the value are computed apart, so that no wide map has to be split.
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
    # Dividing the C x C scores by the lengths replaces normalising two full maps.
    scores = torch.matmul(q.transpose(1, 2), k)
    length_q = q.norm(dim=1).clamp_min(LENGTH_EPS).unsqueeze(2)
    length_k = k.norm(dim=1).clamp_min(LENGTH_EPS).unsqueeze(1)
    scores = scores / length_q / length_k
    mixed, size = [], c // attention.heads
    for head in range(attention.heads):
        channels = slice(head * size, (head + 1) * size)
        block = scores[:, channels, channels] * attention.temperature[head]
        mixed.append(torch.matmul(block.softmax(dim=-1), parts[2, channels]))
    out = attention.project_out.weight.view(c, c)
    matrix = torch.matmul(out, torch.cat(mixed, dim=1))
    return torch.matmul(rows, matrix.transpose(1, 2)).view(n, height, width, c).permute(0, 3, 1, 2)
