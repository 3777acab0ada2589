"""EfficientNet encoders: V2-S for the network of the paper, Lite0 for the small networks.

Tensor names and arithmetic are those of ``tf_efficientnetv2_s`` and ``tf_efficientnet_lite0`` in
timm (Tan and Le 2021; TensorFlow "SAME" padding, batch norm epsilon 1e-3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

# As in TensorFlow's EfficientNet; torch's default is 1e-5.
BATCH_NORM_EPS: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the architecture: ``repeats`` blocks, of which the first has ``stride``.

    ``expansion`` is the factor by which a block widens its input, and ``squeeze`` the width of
    squeeze-and-excitation relative to that input (0 for none).
    """

    kind: Literal["conv", "fused", "separable", "inverted"]
    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int
    squeeze: float = 0.0


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """Architecture of an encoder.

    ``stem`` is the width of the first convolution, and ``taps`` are the indices of the stages whose
    results are used.
    """

    stem: int
    stages: tuple[Stage, ...]
    taps: tuple[int, int, int, int]
    activation: Literal["silu", "relu6"]

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels at strides 4, 8, 16 and 32."""
        return tuple(self.stages[tap].channels for tap in self.taps)


PLANS: Final[dict[str, EncoderPlan]] = {
    "tf_efficientnetv2_s": EncoderPlan(
        stem=24,
        stages=(
            Stage("conv", 2, 3, 1, 1, 24),
            Stage("fused", 4, 3, 2, 4, 48),
            Stage("fused", 4, 3, 2, 4, 64),
            Stage("inverted", 6, 3, 2, 4, 128, 0.25),
            Stage("inverted", 9, 3, 1, 6, 160, 0.25),
            Stage("inverted", 15, 3, 2, 6, 256, 0.25),
        ),
        taps=(1, 2, 4, 5),
        activation="silu",
    ),
    "tf_efficientnet_lite0": EncoderPlan(
        stem=32,
        stages=(
            Stage("separable", 1, 3, 1, 1, 16),
            Stage("inverted", 2, 3, 2, 6, 24),
            Stage("inverted", 2, 5, 2, 6, 40),
            Stage("inverted", 3, 3, 2, 6, 80),
            Stage("inverted", 3, 5, 1, 6, 112),
            Stage("inverted", 4, 5, 2, 6, 192),
            Stage("inverted", 1, 3, 1, 6, 320),
        ),
        taps=(1, 2, 4, 6),
        activation="relu6",
    ),
}


class SameConv(nn.Conv2d):
    """Convolution with TensorFlow "SAME" padding: an odd row or column is added below or right.

    It has no bias unless a folded batch norm adds one. Depth-wise convolutions stay in 32 bits
    under autocast, because their backward pass in 16 bits is several times slower on a CPU.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.groups > 1 and torch.is_autocast_enabled("cpu"):
            with torch.autocast("cpu", enabled=False):
                return self._convolve(x.float())
        return self._convolve(x)

    def _convolve(self, x: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        # With stride 1 the padding is symmetric, and the convolution can do it itself.
        if stride == 1:
            return functional.conv2d(x, self.weight, self.bias, 1, kernel // 2, 1, self.groups)
        # Total padding per axis such that the output has ceil(size / stride) cells.
        down = max((-(-x.shape[-2] // stride) - 1) * stride + kernel - x.shape[-2], 0)
        right = max((-(-x.shape[-1] // stride) - 1) * stride + kernel - x.shape[-1], 0)
        x = functional.pad(x, (right // 2, right - right // 2, down // 2, down - down // 2))
        return functional.conv2d(x, self.weight, self.bias, stride, 0, 1, self.groups)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=BATCH_NORM_EPS)


def _activation(kind: str) -> nn.Module:
    return nn.SiLU(inplace=True) if kind == "silu" else nn.ReLU6(inplace=True)


class SqueezeExcite(nn.Module):
    """Scale each channel by a weight computed from the mean of all channels."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.conv_reduce = nn.Conv2d(channels, reduced, 1)
        self.conv_expand = nn.Conv2d(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        weight = functional.silu(self.conv_reduce(x.mean((2, 3), keepdim=True)))
        out: Tensor = x * torch.sigmoid(self.conv_expand(weight))
        return out


class ConvBlock(nn.Module):
    """3x3 convolution, batch norm and activation, with a residual connection if shapes agree."""

    def __init__(self, inputs: int, stage: Stage, stride: int, activation: str) -> None:
        super().__init__()
        self.conv = SameConv(inputs, stage.channels, stage.kernel, stride)
        self.bn1 = _norm(stage.channels)
        self.act = _activation(activation)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.bn1(self.conv(x)))
        return y + x if self.residual else y


class FusedBlock(nn.Module):
    """Inverted residual block with one full convolution for expansion and depth-wise step."""

    def __init__(self, inputs: int, stage: Stage, stride: int, activation: str) -> None:
        super().__init__()
        wide = inputs * stage.expansion
        self.conv_exp = SameConv(inputs, wide, stage.kernel, stride)
        self.bn1 = _norm(wide)
        self.act = _activation(activation)
        self.conv_pwl = SameConv(wide, stage.channels, 1)
        self.bn2 = _norm(stage.channels)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn2(self.conv_pwl(self.act(self.bn1(self.conv_exp(x)))))
        return y + x if self.residual else y


class SeparableBlock(nn.Module):
    """Depth-wise convolution followed by a linear 1x1 convolution."""

    def __init__(self, inputs: int, stage: Stage, stride: int, activation: str) -> None:
        super().__init__()
        self.conv_dw = SameConv(inputs, inputs, stage.kernel, stride, groups=inputs)
        self.bn1 = _norm(inputs)
        self.act = _activation(activation)
        self.conv_pw = SameConv(inputs, stage.channels, 1)
        self.bn2 = _norm(stage.channels)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn2(self.conv_pw(self.act(self.bn1(self.conv_dw(x)))))
        return y + x if self.residual else y


class InvertedBlock(nn.Module):
    """Inverted residual: expansion, depth-wise convolution, squeeze-excitation, projection."""

    def __init__(self, inputs: int, stage: Stage, stride: int, activation: str) -> None:
        super().__init__()
        wide = inputs * stage.expansion
        self.conv_pw = SameConv(inputs, wide, 1)
        self.bn1 = _norm(wide)
        self.act = _activation(activation)
        self.conv_dw = SameConv(wide, wide, stage.kernel, stride, groups=wide)
        self.bn2 = _norm(wide)
        # timm relates the width of squeeze-excitation to the block input, not to its expansion.
        reduced = round(inputs * stage.squeeze)
        self.se = SqueezeExcite(wide, reduced) if reduced else nn.Identity()
        self.conv_pwl = SameConv(wide, stage.channels, 1)
        self.bn3 = _norm(stage.channels)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        wide = self.act(self.bn1(self.conv_pw(x)))
        wide = self.se(self.act(self.bn2(self.conv_dw(wide))))
        y: Tensor = self.bn3(self.conv_pwl(wide))
        return y + x if self.residual else y


_BLOCKS: Final = {
    "conv": ConvBlock,
    "fused": FusedBlock,
    "separable": SeparableBlock,
    "inverted": InvertedBlock,
}


class Encoder(nn.Module):
    """EfficientNet encoder: images (N, 3, H, W) to maps at strides 4, 8, 16 and 32."""

    def __init__(self, plan: EncoderPlan) -> None:
        super().__init__()
        self.taps, self.channels = plan.taps, plan.channels
        self.conv_stem = SameConv(3, plan.stem, 3, 2)
        self.bn1 = _norm(plan.stem)
        self.act = _activation(plan.activation)
        stages, inputs = [], plan.stem
        for stage in plan.stages:
            blocks = []
            for index in range(stage.repeats):
                # Only the first block of a stage changes the resolution.
                stride = stage.stride if index == 0 else 1
                blocks.append(_BLOCKS[stage.kind](inputs, stage, stride, plan.activation))
                inputs = stage.channels
            stages.append(nn.Sequential(*blocks))
        self.blocks = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.act(self.bn1(self.conv_stem(x)))
        features = []
        for index, stage in enumerate(self.blocks):
            x = stage(x)
            if index in self.taps:
                features.append(x)
        return features
