"""Attention blocks of VerteNet (arXiv 2502.02097): DRSA, DRCA and CSA.

DRSA is dual-resolution self-attention, DRCA dual-resolution cross-attention, and CSA channel
self-attention. Maps are (N, C, H, W).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.network.configuration import GRID, Pooling, Resolution

# Both epsilons equal those of the released network.
PATCHES: Final = GRID * GRID
NORM_EPS: Final = 1e-5
LENGTH_EPS: Final = 1e-12


class MapNorm(nn.Module):
    """Normalise the map of each channel, then apply a learned weight and bias per position."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        # One weight per position, as released: this ties trained weights to one input size.
        self.weight = nn.Parameter(torch.ones(size[0] * size[1]))
        self.bias = nn.Parameter(torch.zeros(size[0] * size[1]))

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(2)
        # Layer norm over positions, not over channels as usual.
        flat = functional.layer_norm(flat, flat.shape[2:], self.weight, self.bias, NORM_EPS)
        return flat.view(x.shape)


class ChannelNorm(nn.Module):
    """Normalise the channels of each pixel, then apply a learned weight and bias per channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        last = x.permute(0, 2, 3, 1)
        last = functional.layer_norm(last, last.shape[3:], self.weight, self.bias, NORM_EPS)
        return last.permute(0, 3, 1, 2)


class GatedFeedForward(nn.Module):
    """Gated feed-forward layer.

    A 1x1 convolution to 4C, a 3x3 depth-wise convolution, GELU of the first half times the second
    half, and a 1x1 convolution back to C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.project_in = nn.Conv2d(channels, 4 * channels, 1, bias=False)
        self.dwconv = nn.Conv2d(
            4 * channels, 4 * channels, 3, padding=1, groups=4 * channels, bias=False
        )
        self.project_out = nn.Conv2d(2 * channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.dwconv(self.project_in(x)).chunk(2, dim=1)
        out: Tensor = self.project_out(functional.gelu(gate) * value)
        return out


def cut_patches(x: Tensor) -> Tensor:
    """Divide a map (N, C, H, W) into patches, numbered row by row.

    Returns
    -------
    Tensor
        (N, positions in a patch, C, patches).
    """
    n, c, height, width = x.shape
    # The number of patches is fixed, not their size: a larger map has larger patches.
    x = x.view(n, c, GRID, height // GRID, GRID, width // GRID)
    return x.permute(0, 3, 5, 1, 2, 4).reshape(n, -1, c, PATCHES)


def join_patches(x: Tensor, height: int, width: int) -> Tensor:
    """Return the map (N, C, height, width) of patches; the inverse of :func:`cut_patches`."""
    n, _, c, _ = x.shape
    x = x.view(n, height // GRID, width // GRID, c, GRID, GRID)
    return x.permute(0, 3, 4, 1, 5, 2).reshape(n, c, height, width)


class PatchAttention(nn.Module):
    """Attention between patches at full resolution and, if ``dual``, also at half resolution."""

    def __init__(self, channels: int, *, pooling: Pooling, resolution: Resolution) -> None:
        super().__init__()
        # Both resolutions share one temperature, as released (docs/vertenet.md).
        self.temperature = nn.Parameter(torch.ones(1, 1, 1))
        self.high = nn.ModuleDict({k: nn.Linear(PATCHES, PATCHES, bias=False) for k in "qkv"})
        self.dual = resolution == "dual"
        self.pooling = pooling
        if self.dual:
            self.low = nn.ModuleDict({k: nn.Linear(PATCHES, PATCHES, bias=False) for k in "qkv"})
            self.enlarge = nn.ConvTranspose2d(channels, channels, 2, stride=2)
        wide = 2 * channels if self.dual else channels
        self.project_out = nn.Conv2d(wide, channels, 1, bias=False)

    def forward(self, query: Tensor, context: Tensor) -> Tensor:
        mixed = self._attend(self.high, query, context)
        if self.dual:
            low = self._attend(self.low, self.pool(query), self.pool(context))
            mixed = torch.cat([mixed, self.enlarge(low)], dim=1)
        out: Tensor = self.project_out(mixed)
        return out

    def pool(self, x: Tensor) -> Tensor:
        if self.pooling == "max":
            return functional.max_pool2d(x, 2)
        return functional.avg_pool2d(x, 2)

    def _attend(self, linear: nn.ModuleDict, query: Tensor, context: Tensor) -> Tensor:
        height, width = query.shape[-2:]
        query_patches = cut_patches(query)
        # In self-attention both inputs are one tensor, which is then divided only once.
        context_patches = query_patches if context is query else cut_patches(context)
        q = functional.normalize(linear["q"](query_patches), dim=2, eps=LENGTH_EPS)
        k = functional.normalize(linear["k"](context_patches), dim=2, eps=LENGTH_EPS)
        v = linear["v"](context_patches)
        # Unit vectors make this a cosine similarity; the temperature is learned.
        scores = torch.matmul(q.transpose(2, 3), k) * self.temperature
        mixed = torch.matmul(v, scores.softmax(dim=-1).transpose(2, 3))
        joined: Tensor = join_patches(mixed, height, width)
        return joined


class SelfAttentionBlock(nn.Module):
    """DRSA block; both residual connections start from the normalised map, as released."""

    def __init__(
        self, channels: int, size: tuple[int, int], *, pooling: Pooling, resolution: Resolution
    ) -> None:
        super().__init__()
        self.norm1 = MapNorm(size)
        self.attn = PatchAttention(channels, pooling=pooling, resolution=resolution)
        self.norm2 = MapNorm(size)
        self.ffn = GatedFeedForward(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(x)
        # The residual starts from the normalised map: x is already norm1(x) here. This is how the
        # released network computes, although the usual form adds the map before the norm.
        x = self.norm2(x + self.attn(x, x))
        out: Tensor = x + self.ffn(x)
        return out


class CrossAttentionBlock(SelfAttentionBlock):
    """DRCA block: ``query`` attends to ``context``; both pass through the same first norm."""

    def forward(self, query: Tensor, context: Tensor) -> Tensor:  # type: ignore[override]
        a, b = self.norm1(query), self.norm1(context)
        a = self.norm2(a + self.attn(a, b))
        out: Tensor = a + self.ffn(a)
        return out


class ChannelAttention(nn.Module):
    """Attention between the channels of each head, computed over the whole map."""

    def __init__(self, channels: int, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv = nn.Conv2d(channels, 3 * channels, 1, bias=False)
        self.project_out = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        n, c, height, width = x.shape
        # One convolution computes queries, keys and values of all heads.
        parts = self.qkv(x).view(n, 3, self.heads, c // self.heads, height * width)
        q, k, v = parts.unbind(dim=1)
        q = functional.normalize(q, dim=-1, eps=LENGTH_EPS)
        k = functional.normalize(k, dim=-1, eps=LENGTH_EPS)
        scores = torch.matmul(q, k.transpose(-2, -1)) * self.temperature
        mixed = torch.matmul(scores.softmax(dim=-1), v).view(n, c, height, width)
        out: Tensor = self.project_out(mixed)
        return out


class ChannelBlock(nn.Module):
    """CSA block: channel attention and feed-forward layer with residual connections."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = ChannelNorm(channels)
        self.attn = ChannelAttention(channels)
        self.norm2 = ChannelNorm(channels)
        self.ffn = GatedFeedForward(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        out: Tensor = x + self.ffn(self.norm2(x))
        return out
