"""What fixes a network: its parts, its heads and the scaling of its input. Knows no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from inference.landmarks import COLUMN

GRID: Final = 8
"""Attention cuts maps into ``GRID`` x ``GRID`` patches, whatever their size."""

Pooling = Literal["max", "mean"]
Resolution = Literal["dual", "single"]

LEVEL_CLASSES: Final = COLUMN
"""What the small network's level head tells apart, from above."""


@dataclass(frozen=True, slots=True)
class FusionPlan:
    """How two maps are joined.

    ``kind`` "mcfb" is the paper's Multi-Context Feature Fusion Block, "plain" the conventional
    joint (its first and fourth step alone). ``width`` are the channels of the result: those of the
    finer map where ``None``, else a 1x1 convolution brings the finer map to that width first.
    ``self_attention`` is the block's second step (DRSA), ``cross_attention`` its third (DRCA).
    """

    kind: Literal["mcfb", "plain"] = "mcfb"
    width: int | None = None
    pooling: Pooling = "max"
    resolution: Resolution = "dual"
    self_attention: bool = True
    cross_attention: bool = True


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

    @property
    def size_step(self) -> int:
        """What height and width of the input must be multiples of: every map has whole patches."""
        patched = (
            stride * GRID * (2 if plan.resolution == "dual" else 1)
            for stride, plan in zip((4, 8, 16), self.fusions, strict=True)
            if plan.kind == "mcfb"
        )
        return max((32, *patched))

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

SMALL: Final = Config(
    name="vertenet-small",
    encoder="tf_efficientnet_lite0",
    input_size=(256, 128),
    fusions=(
        FusionPlan(width=24),
        FusionPlan(width=32),
        FusionPlan(width=48, resolution="single"),
    ),
    heads={
        "hm": HeadPlan(1, 32, sigmoid=True),
        "reg": HeadPlan(2, 32),
        "wh": HeadPlan(8, 32, kernels=(7, 7)),
    },
    antialias=True,
)
"""The paper's network with little in it, to compare its parts on a machine without a GPU.

At stride 16 its map of 16 x 8 is too small for a second resolution.
"""

CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "plain": {"kind": "plain"},
    "without-drsa": {"self_attention": False},
    "without-drca": {"cross_attention": False},
    "single-resolution": {"resolution": "single"},
    "mean-pooling": {"pooling": "mean"},
    "vld": {"kind": "plain"},
}
"""The paper's baselines, as what each changes in every fusion block; VLD also in the encoder."""


def baseline(config: Config, change: str) -> Config:
    """One of ``CHANGES`` made to a configuration whose size it keeps.

    Examples
    --------
    >>> baseline(VERTENET, "plain").name
    'vertenet-plain'
    """
    c2, c3, c4 = (replace(plan, **CHANGES[change]) for plan in config.fusions)
    encoder = "resnet34" if change == "vld" else config.encoder
    name = f"{config.name}-{change}"
    return replace(config, name=name, encoder=encoder, fusions=(c2, c3, c4))


CONFIGS: Final[dict[str, Config]] = {
    config.name: config
    for config in (
        VERTENET,
        LITE,
        SMALL,
        *(baseline(whole, change) for whole in (VERTENET, SMALL) for change in CHANGES),
    )
}
