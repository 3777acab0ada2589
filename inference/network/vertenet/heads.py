"""Heads, which predict the result maps from encoder and decoder maps."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from inference.network.configuration import HeadPlan


class Head(nn.Module):
    """Convolutional head: (N, C, H, W) to (N, outputs, H * finer, W * finer)."""

    def __init__(self, channels: int, plan: HeadPlan) -> None:
        super().__init__()
        first, second = plan.kernels
        outputs = plan.outputs * plan.finer**2
        self.conv1 = nn.Conv2d(channels, plan.hidden, first, padding=first // 2)
        self.conv2 = nn.Conv2d(plan.hidden, outputs, second, padding=second // 2)
        self.plan = plan

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(functional.relu(self.conv1(x)))
        if self.plan.finer > 1:  # sub-pixel convolution (Shi et al. 2016)
            x = functional.pixel_shuffle(x, self.plan.finer)
        return x.sigmoid() if self.plan.sigmoid else x


class ImageHead(nn.Module):
    """Head on the mean of a map: (N, C, H, W) to (N, outputs)."""

    def __init__(self, channels: int, plan: HeadPlan) -> None:
        super().__init__()
        self.linear1 = nn.Linear(channels, plan.hidden)
        self.linear2 = nn.Linear(plan.hidden, plan.outputs)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.linear2(functional.relu(self.linear1(x.mean((2, 3)))))
        return out
