"""VerteNet and its small sibling: the same parts under two configurations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import torch
from torch import Tensor, nn

from inference.vertenet.encoder import PLANS, Encoder
from inference.vertenet.fusion import Fusion, FusionPlan
from inference.vertenet.heads import Head, HeadPlan, ImageHead

LEVEL_CLASSES: Final[tuple[str, ...]] = (
    *(f"T{n}" for n in range(3, 13)),
    *(f"L{n}" for n in range(1, 6)),
    "S1",
)
"""What the small network's level head tells apart, from above."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that fixes a network's tensors and the scaling of its input.

    Attributes
    ----------
    input_size : (height, width)
    fusions : the joints at strides 4, 8 and 16
    heads : by the name of their result
    offset, scale : the input is ``(grey - offset) * scale`` with grey in [0, 1]
    antialias : whether an image is resized to the input with antialiasing
    marks : "named" (six vertebrae, found by rank) or "all" (every body, named by ``level``)
    """

    name: str
    encoder: str
    input_size: tuple[int, int]
    fusions: tuple[FusionPlan, FusionPlan, FusionPlan]
    heads: Mapping[str, HeadPlan] = field(hash=False)
    offset: float = 0.5
    scale: float = 1.0
    antialias: bool = False
    marks: str = "named"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Config:
        heads = {
            name: HeadPlan(**{**plan, "kernels": tuple(plan["kernels"])})
            for name, plan in data["heads"].items()
        }
        c2, c3, c4 = (FusionPlan(**plan) for plan in data["fusions"])
        height, width = data["input_size"]
        rest = {k: v for k, v in data.items() if k not in {"heads", "fusions", "input_size"}}
        return cls(input_size=(height, width), fusions=(c2, c3, c4), heads=heads, **rest)


VERTENET: Final = Config(
    name="vertenet",
    encoder="tf_efficientnetv2_s",
    input_size=(1024, 512),
    fusions=(FusionPlan(), FusionPlan(), FusionPlan()),
    heads={
        "hm": HeadPlan(1, 256, sigmoid=True),
        "reg": HeadPlan(2, 256),
        "wh": HeadPlan(8, 256, kernels=(7, 7)),
    },
)
"""The paper's network, to the letter."""

LITE: Final = Config(
    name="verteread-lite",
    encoder="tf_efficientnet_lite0",
    input_size=(512, 256),
    fusions=(
        FusionPlan("plain", width=48),
        FusionPlan("plain", width=64),
        FusionPlan("mcfb", width=72),
    ),
    heads={
        "hm": HeadPlan(1, 32, sigmoid=True),
        "reg": HeadPlan(2, 16),
        "wh": HeadPlan(8, 64),
        "corner": HeadPlan(4, 64, finer=2),
        "level": HeadPlan(len(LEVEL_CLASSES), 96, source="coarse"),
        "image": HeadPlan(2, 64, source="image"),
    },
    scale=2.0,
    antialias=True,
    marks="all",
)
"""The network that ships: every body, named by a level head; corners at stride 2."""

CONFIGS: Final[dict[str, Config]] = {config.name: config for config in (VERTENET, LITE)}


class VerteNet(nn.Module):
    """Image (N, 3, H, W), scaled as the configuration says -> a map a head, by name."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        plan = PLANS[config.encoder]
        self.encoder = Encoder(plan)
        height, width = config.input_size
        sizes = {stride: (height // stride, width // stride) for stride in (4, 8, 16)}
        c2, c3, c4, c5 = plan.channels
        first, second, third = config.fusions
        self.fuse4 = Fusion(c5, c4, sizes[16], third)
        coarse = third.width or c4
        self.fuse3 = Fusion(coarse, c3, sizes[8], second)
        self.fuse2 = Fusion(second.width or c3, c2, sizes[4], first)
        sources = {"fine": first.width or c2, "coarse": coarse, "image": c5}
        self.heads = nn.ModuleDict(
            {
                name: (ImageHead if head.source == "image" else Head)(sources[head.source], head)
                for name, head in config.heads.items()
            }
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        c2, c3, c4, c5 = self.encoder(x)
        coarse = self.fuse4(c5, c4)
        fine = self.fuse2(self.fuse3(coarse, c3), c2)
        sources = {"fine": fine, "coarse": coarse, "image": c5}
        return {
            name: head(sources[self.config.heads[name].source]) for name, head in self.heads.items()
        }


def build(config: Config) -> VerteNet:
    """A network in evaluation mode with fresh weights."""
    return VerteNet(config).eval()


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def input_tensor(config: Config, grey: Tensor) -> Tensor:
    """Grey values (N, H, W) in [0, 1] at the input size -> the network's input (N, 3, H, W)."""
    scaled = (grey - config.offset) * config.scale
    return torch.stack([scaled, scaled, scaled], dim=1)
