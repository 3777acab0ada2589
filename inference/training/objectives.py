"""What a network is trained on, by how it marks bodies."""

from __future__ import annotations

from typing import Any, Final

from numpy.typing import NDArray
from torch import Tensor

from inference.network.configuration import Config
from inference.phantom.raster import Array
from inference.training.data.samples import Example, targets
from inference.training.losses import total_loss
from inference.training.paper_targets import ranked_loss, ranked_targets

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "all": ("hm", "image", "side", "wh", "reg", "level", "corner", "offset"),
    "named": ("hm", "reg", "wh"),
}
"""The parts of the loss, by what a network marks."""


def build_targets(config: Config, example: Example, known: Array) -> dict[str, NDArray[Any]]:
    """An example as the loss reads it.

    A network that marks all bodies is told where they are ``known``; one that marks six by rank
    takes everything else for background, which is what it must answer.
    """
    if config.marks == "all":
        return {**targets(example), "known": known}
    return ranked_targets(example)


def compute_loss(
    config: Config, result: dict[str, Tensor], batch: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Each part of the loss, and ``total``."""
    return (total_loss if config.marks == "all" else ranked_loss)(result, batch)
