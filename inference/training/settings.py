"""Everything that fixes a training: the same settings on the same machine give the same weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from inference.network.configuration import Config
from inference.training.data.sources import Data
from inference.training.recipes import PAPER_TRAINING_IMAGES, TrainingRecipe

SYNTHETIC: Final = "synthetic phantoms only"
"""What weights say that no person's image was trained on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is made of; it stands in the header of its weights.

    Attributes
    ----------
    steps : of one batch each, in all
    epoch : examples in an epoch
    minutes : where given, the run also ends after so much training, and its rate follows the clock
    start : name, SHA-256 and training data of the weights that it goes on from, if any
    encoder : what the encoder started from, in words
    data : :meth:`inference.training.data.sources.Data.to_dict`
    """

    config: Config
    recipe: TrainingRecipe
    steps: int
    epoch: int
    seed: int
    data: Mapping[str, Any]
    encoder: str = "random"
    start: Mapping[str, str] | None = None
    minutes: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; two runs are one when this is equal."""
        return {**asdict(self), "config": self.config.to_dict(), "data": dict(self.data)}

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(self.epoch / self.recipe.batch)

    @property
    def trained_on(self) -> str:
        """The data in words, of the weights that it goes on from too."""
        counts = [source["images"] for source in self.data["sources"]]
        before = SYNTHETIC if self.start is None else self.start["trained_on"]
        if not any(counts) and before == SYNTHETIC:
            return SYNTHETIC
        now = " and ".join(f"{count} marked images" if count else "phantoms" for count in counts)
        return now if self.start is None else f"{now}, after {before}"

    def about(self, step: int) -> dict[str, Any]:
        """What the header of the weights says beside the configuration."""
        described = {k: v for k, v in self.to_dict().items() if k != "config"}
        return {"trained_on": self.trained_on, "step": step, **described}


def epoch_size(recipe: TrainingRecipe, data: Data) -> int:
    """Examples in an epoch: as the recipe says, else as many as there are marked images."""
    return recipe.epoch or data.marked_images or PAPER_TRAINING_IMAGES


def rate_at(step: int, done: float, settings: Settings) -> float:
    """The learning rate of a step; ``done`` is the share of the run that lies behind."""
    recipe = settings.recipe
    warm = min(1.0, (step + 1) / recipe.warm_up) if recipe.warm_up else 1.0
    if recipe.schedule == "cosine":
        return recipe.rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)
    return recipe.rate * warm * recipe.decay_per_epoch ** (step // settings.steps_per_epoch)
