"""What is read off the decoder's finest map, and off coarser ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """One head: a convolution to ``hidden``, ReLU, a convolution to ``outputs``.

    ``source`` names the map that it reads: the finest of the decoder, the result of its first
    joint (stride 16), or the mean over the encoder's last map ("image": one answer an image).
    With ``finer`` 2 the result has twice the resolution of its source (sub-pixel convolution).
    """

    outputs: int
    hidden: int
    kernels: tuple[int, int] = (3, 1)
    sigmoid: bool = False
    source: Literal["fine", "coarse", "image"] = "fine"
    finer: int = 1


class Head(nn.Module):
    """A head on a map."""

    def __init__(self, channels: int, plan: HeadPlan) -> None:
        super().__init__()
        first, second = plan.kernels
        outputs = plan.outputs * plan.finer**2
        self.conv1 = nn.Conv2d(channels, plan.hidden, first, padding=first // 2)
        self.conv2 = nn.Conv2d(plan.hidden, outputs, second, padding=second // 2)
        self.plan = plan

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(functional.relu(self.conv1(x)))
        if self.plan.finer > 1:
            x = functional.pixel_shuffle(x, self.plan.finer)
        return x.sigmoid() if self.plan.sigmoid else x


class ImageHead(nn.Module):
    """A head on the mean of a map: (N, C, H, W) -> (N, outputs)."""

    def __init__(self, channels: int, plan: HeadPlan) -> None:
        super().__init__()
        self.linear1 = nn.Linear(channels, plan.hidden)
        self.linear2 = nn.Linear(plan.hidden, plan.outputs)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.linear2(functional.relu(self.linear1(x.mean((2, 3)))))
        return out
