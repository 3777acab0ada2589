"""Selection of targets and loss by the kind of network."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.network.configuration import Config
from inference.phantom.raster import Array
from inference.training.data.corner_patches import patch_targets
from inference.training.data.samples import Example, all_body_targets
from inference.training.losses import refinement_loss, total_loss
from inference.training.paper_targets import ranked_loss, ranked_targets

REFINED: Final = "refined"
"""Name of the maps of the second stage among the results, and of its part of the loss."""
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "all": ("hm", "image", "side", "wh", "reg", "level", "corner", "offset", "refined"),
    "named": ("hm", "reg", "wh"),
}
"""Parts of the loss by ``Config.marks``."""


def build_targets(
    config: Config,
    example: Example,
    known: Array,
    *,
    patches: int = 0,
    rng: np.random.Generator | None = None,
) -> dict[str, NDArray[Any]]:
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
    patches
        Number of patches for the second stage, if the network has one.
    rng
        Source of randomness for these.
    """
    if config.marks != "all":
        return ranked_targets(example)
    targets = {**all_body_targets(example), "known": known}
    if config.refiner is not None and patches:
        rng = rng or np.random.default_rng(0)
        targets |= patch_targets(example, config.refiner, patches, rng)
    return targets


def compute_loss(
    config: Config, result: dict[str, Tensor], batch: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Return each part of the loss of a batch, and ``total``.

    Without the maps of the first stage in ``result``, only the second one is trained.
    """
    if config.marks != "all":
        return ranked_loss(result, batch)
    parts = total_loss(result, batch) if "hm" in result else {"total": torch.zeros(())}
    if REFINED in result:
        parts[REFINED] = refinement_loss(result[REFINED], batch)
        parts["total"] = parts["total"].to(parts[REFINED].device) + parts[REFINED]
    return parts
