"""Second stage: the corners of one vertebral body on a patch in which it always has the same place.

The first stage sees a body of any size and tilt among all others. On the patch, size, tilt and
position are already known approximately, so a small network suffices.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.network.configuration import RefinerPlan


class Refiner(nn.Module):
    """Corner maps (P, 4, size / 2, size / 2), as logits, of patches (P, 1, size, size).

    An encoder of strides 2 to 16 and a decoder back to stride 2, with sums instead of
    concatenations (a small U-Net, Ronneberger et al. 2015).

    Parameters
    ----------
    plan
        Size of the patches, and widths.
    """

    def __init__(self, plan: RefinerPlan) -> None:
        super().__init__()
        first, second, third, fourth = plan.widths
        # Submodule names are part of the weights format and must not change.
        self.down2 = nn.Sequential(_layer(3, first, stride=2), _layer(first, first))
        self.down4 = _level(first, second)
        self.down8 = _level(second, third)
        self.down16 = nn.Sequential(_layer(third, fourth, stride=2), _layer(fourth, fourth))
        self.narrow16 = _layer(fourth, third, kernel=1)
        self.up8 = _layer(third, third)
        self.narrow8 = _layer(third, second, kernel=1)
        self.up4 = _layer(second, second)
        self.narrow4 = _layer(second, first, kernel=1)
        self.up2 = _layer(first, first)
        self.corners = nn.Conv2d(first, 4, 1)
        ramp = torch.linspace(-1, 1, plan.size)
        ramps = torch.stack(torch.meshgrid(ramp, ramp, indexing="ij"))[None]
        # Not part of the weights, because it follows from the size.
        self.register_buffer("ramps", ramps, persistent=False)

    def forward(self, patches: Tensor) -> Tensor:
        ramps = cast(Tensor, self.ramps).to(patches.dtype).expand(patches.shape[0], -1, -1, -1)
        at2 = self.down2(torch.cat([patches, ramps], dim=1))
        at4 = self.down4(at2)
        at8 = self.down8(at4)
        at16 = self.down16(at8)
        up8 = self.up8(_enlarge(self.narrow16(at16)) + at8)
        up4 = self.up4(_enlarge(self.narrow8(up8)) + at4)
        up2 = self.up2(_enlarge(self.narrow4(up4)) + at2)
        return cast(Tensor, self.corners(up2))


def _layer(inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _level(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        _layer(inputs, outputs, stride=2), _layer(outputs, outputs), _layer(outputs, outputs)
    )


def _enlarge(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
