"""Network configurations: encoder, decoder, heads and scaling of the input, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from inference.landmarks import COLUMN

GRID: Final = 8
"""Attention divides a map of any size into ``GRID`` x ``GRID`` patches."""

Pooling = Literal["max", "mean"]
Resolution = Literal["dual", "single"]

LEVEL_CLASSES: Final = COLUMN
"""Classes of the level head of the small network, from cranial to caudal."""


@dataclass(frozen=True, slots=True)
class FusionPlan:
    """Configuration of a decoder block, which fuses a coarse and a fine map.

    Attributes
    ----------
    kind
        "mcfb" for the Multi-Context Feature Fusion Block of the paper, or "plain" for conventional
        fusion, which is the first and fourth steps of that block.
    width
        Channels of the result. If ``None``, those of the fine map; otherwise a 1x1 convolution
        first brings the fine map to this width.
    pooling
        Pooling that produces the coarse resolution of the attention.
    resolution
        Whether attention is computed at one or at two resolutions.
    self_attention
        Whether the block has its second step (DRSA).
    cross_attention
        Whether the block has its third step (DRCA).
    """

    kind: Literal["mcfb", "plain"] = "mcfb"
    width: int | None = None
    pooling: Pooling = "max"
    resolution: Resolution = "dual"
    self_attention: bool = True
    cross_attention: bool = True


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """Configuration of a head: convolution, ReLU, convolution.

    Attributes
    ----------
    outputs
        Channels of the result.
    hidden
        Channels between the two convolutions.
    kernels
        Kernel sizes of the two convolutions.
    sigmoid
        Whether a sigmoid is applied to the result.
    source
        Input of the head: "fine" for the finest decoder map (stride 4), "coarse" for the first
        decoder map (stride 16), "image" for the mean over the last encoder map.
    finer
        Factor by which the result is finer than its source (sub-pixel convolution).
    """

    outputs: int
    hidden: int
    kernels: tuple[int, int] = (3, 1)
    sigmoid: bool = False
    source: Literal["fine", "coarse", "image"] = "fine"
    finer: int = 1


@dataclass(frozen=True, slots=True)
class RefinerPlan:
    """Configuration of the second stage, which locates the corners of one body on a patch.

    Attributes
    ----------
    size
        Height and width of a patch in pixels; a multiple of 16.
    widths
        Channels at strides 2, 4, 8 and 16. The corner maps have stride 2.
    """

    size: int = 96
    widths: tuple[int, int, int, int] = (16, 32, 64, 64)


@dataclass(frozen=True, slots=True)
class Config:
    """Complete configuration of a network and of the scaling of its input.

    Attributes
    ----------
    name
        Name of the configuration.
    encoder
        Name of the encoder.
    input_size
        Height and width of the input in pixels.
    fusions
        Decoder blocks at strides 4, 8 and 16.
    heads
        Heads by the name of their result.
    offset, scale
        The input is ``(grey - offset) * scale`` with grey values in [0, 1].
    antialias
        Whether images are resized to the input size with antialiasing.
    marks
        "named" for six vertebrae, labelled T12 to L5 by rank, or "all" for every vertebral body,
        labelled by the head ``level``.
    refiner
        The second stage; ``None`` for a network without one.
    """

    name: str
    encoder: str
    input_size: tuple[int, int]
    fusions: tuple[FusionPlan, FusionPlan, FusionPlan]
    # A mapping is not hashable.
    heads: Mapping[str, HeadPlan] = field(hash=False)
    offset: float = 0.5
    scale: float = 1.0
    antialias: bool = False
    marks: str = "named"
    refiner: RefinerPlan | None = None

    @property
    def size_step(self) -> int:
        """Divisor that height and width of the input must have, so that patches are whole cells."""
        # A dual-resolution block also divides the map of half resolution into patches.
        patched = (
            stride * GRID * (2 if plan.resolution == "dual" else 1)
            for stride, plan in zip((4, 8, 16), self.fusions, strict=True)
            if plan.kind == "mcfb"
        )
        # 32 is the largest stride of the encoder.
        return max((32, *patched))

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as a dictionary that JSON can represent."""
        data = asdict(self)
        # Left out where there is none, so that the files of such networks do not change.
        if self.refiner is None:
            del data["refiner"]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Config:
        """Return the configuration that :meth:`to_dict` wrote, also after a passage through JSON.

        Raises
        ------
        KeyError, TypeError, ValueError
            If an entry is missing, unknown or of the wrong type.
        """
        heads = {
            name: HeadPlan(**{**plan, "kernels": tuple(plan["kernels"])})
            # JSON has no tuples.
            for name, plan in data["heads"].items()
        }
        c2, c3, c4 = (FusionPlan(**plan) for plan in data["fusions"])
        height, width = data["input_size"]
        # Unknown entries reach the constructor and raise TypeError: a file of a later version is
        # refused.
        built = {"heads", "fusions", "input_size", "refiner"}
        rest = {k: v for k, v in data.items() if k not in built}
        return cls(
            input_size=(height, width),
            fusions=(c2, c3, c4),
            heads=heads,
            refiner=_refiner_from(data.get("refiner")),
            **rest,
        )


def _refiner_from(data: Mapping[str, Any] | None) -> RefinerPlan | None:
    if data is None:
        return None
    first, second, third, fourth = data["widths"]
    return RefinerPlan(**{**data, "widths": (first, second, third, fourth)})


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
"""The network of the paper (arXiv 2502.02097), unchanged."""

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
    # Grey values fall in -1 to 1, instead of the paper's -0.5 to 0.5.
    scale=2.0,
    antialias=True,
    marks="all",
    refiner=RefinerPlan(),
)
"""The bundled network: detects and labels every vertebral body, with corners at stride 2, and
locates the corners of T12 to L5 once more on a patch around each body."""

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
"""A reduced network of the paper, for ablation on a machine without a GPU.

At stride 16 its map of 16 x 8 cells is too small for attention at a second resolution.
"""

CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "plain": {"kind": "plain"},
    "without-drsa": {"self_attention": False},
    "without-drca": {"cross_attention": False},
    "single-resolution": {"resolution": "single"},
    "mean-pooling": {"pooling": "mean"},
    "vld": {"kind": "plain"},
}
"""Baselines of the paper as changes to every fusion block; "vld" also changes the encoder."""


def baseline(config: Config, change: str) -> Config:
    """Return a configuration with one of ``CHANGES`` applied; input size and widths are retained.

    Parameters
    ----------
    config
        The full network.
    change
        A key of ``CHANGES``.

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
        *(baseline(full, change) for full in (VERTENET, SMALL) for change in CHANGES),
    )
}
