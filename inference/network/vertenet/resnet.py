"""ResNet encoder (He et al. 2016) for the VLD baseline.

Tensor names and arithmetic are those of ``resnet34`` in torchvision and timm.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

RESNETS: Final[dict[str, tuple[int, ...]]] = {"resnet34": (3, 4, 6, 3)}
"""Number of blocks per stage, for the stages at strides 4, 8, 16 and 32."""
WIDTHS: Final = (64, 128, 256, 512)
"""Channels of the four stages."""


class BasicBlock(nn.Module):
    """Residual block of two 3x3 convolutions; a 1x1 convolution adapts the shortcut if needed."""

    def __init__(self, inputs: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out: Tensor = self.relu(y + self.downsample(x))
        return out


class ResNetEncoder(nn.Module):
    """ResNet encoder: images (N, 3, H, W) to maps at strides 4, 8, 16 and 32."""

    channels = WIDTHS

    def __init__(self, repeats: tuple[int, ...]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = WIDTHS[0]
        for number, (count, width) in enumerate(zip(repeats, WIDTHS, strict=True), start=1):
            blocks = []
            for index in range(count):
                # The first stage retains the resolution, which max-pooling has already reduced.
                blocks.append(BasicBlock(inputs, width, 2 if number > 1 and index == 0 else 1))
                inputs = width
            # Modules must have the names of torchvision, so that its weights can be loaded.
            self.add_module(f"layer{number}", nn.Sequential(*blocks))

    @property
    def conv_stem(self) -> nn.Conv2d:
        """First convolution, under the name that the EfficientNet encoders use."""
        return self.conv1

    @property
    def stages(self) -> tuple[nn.Module, ...]:
        """Stages, from fine to coarse."""
        return tuple(self.get_submodule(f"layer{number}") for number in (1, 2, 3, 4))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features
