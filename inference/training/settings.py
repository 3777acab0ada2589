"""Settings of a training run; equal settings on the same machine give equal weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from inference.network.configuration import Config
from inference.training.data.sources import Data
from inference.training.recipes import PAPER_TRAINING_IMAGES, TrainingRecipe

SYNTHETIC: Final = "synthetic phantoms only"
"""Description of training data without images of patients."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a training run, which are stored in the header of its weights.

    Attributes
    ----------
    config
        Configuration of the network.
    recipe
        Training recipe.
    steps
        Number of steps, of one batch each.
    epoch
        Examples per epoch.
    seed
        Seed of weights, split, order and augmentation.
    data
        From :meth:`inference.training.data.sources.Data.to_dict`.
    encoder
        Description of the initial encoder weights.
    start
        Name, SHA-256 and training data of the initial weights, if training continues from some, and
        whether those data are synthetic.
    minutes
        If given, training also ends after this time, and the learning rate depends on time.
    """

    config: Config
    recipe: TrainingRecipe
    steps: int
    epoch: int
    seed: int
    data: Mapping[str, Any]
    encoder: str = "random"
    start: Mapping[str, Any] | None = None
    minutes: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as a dictionary; runs with equal dictionaries are interchangeable."""
        return {**asdict(self), "config": self.config.to_dict(), "data": dict(self.data)}

    @property
    def steps_per_epoch(self) -> int:
        """Number of steps per epoch, rounded up."""
        return math.ceil(self.epoch / self.recipe.batch)

    @property
    def synthetic(self) -> bool:
        """Whether the training data, including that of the initial weights, are phantoms only."""
        counts = [source["images"] for source in self.data["sources"]]
        # Weights count as synthetic only if their whole history is.
        return not any(counts) and (self.start is None or bool(self.start["synthetic"]))

    @property
    def trained_on(self) -> str:
        """Description of the training data, including that of the initial weights."""
        if self.synthetic:
            return SYNTHETIC
        counts = [source["images"] for source in self.data["sources"]]
        before = None if self.start is None else self.start["trained_on"]
        now = " and ".join(f"{count} marked images" if count else "phantoms" for count in counts)
        return now if self.start is None else f"{now}, after {before}"

    def about(self, step: int) -> dict[str, Any]:
        """Return the metadata for the header of weights saved at a step."""
        settings = {k: v for k, v in self.to_dict().items() if k != "config"}
        return {
            "trained_on": self.trained_on,
            "synthetic": self.synthetic,
            "step": step,
            **settings,
        }


def epoch_size(recipe: TrainingRecipe, data: Data) -> int:
    """Return the examples per epoch: as set in the recipe, or the number of marked images."""
    return recipe.epoch or data.marked_images or PAPER_TRAINING_IMAGES


def rate_at(step: int, fraction_done: float, settings: Settings) -> float:
    """Return the learning rate of a step.

    Parameters
    ----------
    step
        Index of the step.
    fraction_done
        Completed share of the run, from 0 to 1.
    settings
        Settings of the run.
    """
    recipe = settings.recipe
    # Linear warm-up.
    warm = min(1.0, (step + 1) / recipe.warm_up) if recipe.warm_up else 1.0
    if recipe.schedule == "cosine":
        # Ends at a hundredth of the rate rather than at 0, so that the last steps still count.
        return recipe.rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * fraction_done)) / 2)
    return recipe.rate * warm * recipe.decay_per_epoch ** (step // settings.steps_per_epoch)
