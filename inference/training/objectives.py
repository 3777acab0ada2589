"""Selection of targets and loss by the kind of network."""

from __future__ import annotations

from typing import Any, Final

from numpy.typing import NDArray
from torch import Tensor

from inference.network.configuration import Config
from inference.phantom.raster import Array
from inference.training.data.samples import Example, all_body_targets
from inference.training.losses import total_loss
from inference.training.paper_targets import ranked_loss, ranked_targets

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "all": ("hm", "image", "side", "wh", "reg", "level", "corner", "offset"),
    "named": ("hm", "reg", "wh"),
}
"""Parts of the loss by ``Config.marks``."""


def build_targets(config: Config, example: Example, known: Array) -> dict[str, NDArray[Any]]:
    """Return the targets of an example.

    Parameters
    ----------
    config
        Configuration of the network.
    example
        The example.
    known
        Map of the region in which all bodies are marked. It is used only by networks that label all
        bodies; for the others, everything outside T12 to L5 is background.
    """
    if config.marks == "all":
        return {**all_body_targets(example), "known": known}
    return ranked_targets(example)


def compute_loss(
    config: Config, result: dict[str, Tensor], batch: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Return each part of the loss of a batch, and ``total``."""
    return (total_loss if config.marks == "all" else ranked_loss)(result, batch)
