"""Training recipes, independent of network and data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import torch

from inference.network.configuration import Config
from inference.network.vertenet.precision import benefits_from_bf16
from inference.network.weights_header import Bits
from inference.training.data.augment import Augmentation
from inference.training.data.samples import PhantomRecipe

Precision = Literal["f32", "tf32", "bf16"]
"""Precision of training; "tf32" lets a GPU round the factors of convolutions and equals "f32" on a
CPU."""

Frozen = Literal["none", "stem", "encoder", "names", "first stage"]
"""Weights that are not trained: none; the encoder up to stride 4; the whole encoder; the encoder
and everything that determines labels; or everything but the second stage."""

# Used for phantoms, of which there is any number.
PAPER_TRAINING_IMAGES: Final = 434
"""70 % of the 620 images of the paper: the epoch size for data without a number of images."""


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """All settings of a training except network, data and seed.

    Attributes
    ----------
    name
        Name of the recipe.
    epochs, batch
        Number of epochs, and batch size.
    rate
        Learning rate.
    optimizer
        Optimiser.
    epoch
        Examples per epoch; the number of marked training images if ``None``.
    weight_decay
        Weight decay of the optimiser.
    schedule
        "epochs" multiplies the learning rate by ``decay_per_epoch`` after each epoch; "cosine"
        reduces it to a hundredth over the run.
    decay_per_epoch
        Factor for the schedule "epochs".
    warm_up
        Number of steps over which the learning rate increases.
    average
        Decay of the exponential moving average of the weights; 0 for no averaging.
    clip
        Largest norm of the gradient; 0 for no clipping.
    frozen
        Weights that are not trained.
    fixed_norms
        Batch norms whose statistics are not updated.
    precision
        Precision of the computation.
    bits
        Bits per weight in the files that are written.
    patches
        Patches per image for the second stage, if the network has one.
    uses
        Examples drawn from one subject, as in `PhantomRecipe`.
    demanding
        Share of demanding families among the phantoms, as in `PhantomRecipe`.
    augmentation
        Augmentation of marked images.
    """

    name: str
    epochs: int
    batch: int
    rate: float
    optimizer: Literal["adam", "adamw"] = "adamw"
    epoch: int | None = None
    weight_decay: float = 0.0
    schedule: Literal["epochs", "cosine"] = "cosine"
    decay_per_epoch: float = 1.0
    warm_up: int = 0
    average: float = 0.0
    clip: float = 0.0
    frozen: Frozen = "none"
    fixed_norms: Literal["none", "encoder", "all"] = "none"
    precision: Precision = "bf16"
    bits: Bits = 32
    patches: int = 3
    uses: int = 2
    demanding: float = 0.4
    augmentation: Augmentation = field(default_factory=Augmentation)


REALISTIC: Final = Augmentation(expansion=1.3, mirror=0.0, trim=0.1, disturbed=True)

LITE_RECIPE: Final = TrainingRecipe(
    "lite",
    epochs=24,
    epoch=2000,
    batch=8,
    rate=1.5e-3,
    weight_decay=0.02,
    warm_up=150,
    average=0.997,
    clip=5.0,
    frozen="stem",
    fixed_norms="encoder",
    bits=16,
    augmentation=Augmentation(expansion=1.3, mirror=0.1, trim=0.1, disturbed=True),
)

RECIPES: Final[dict[str, TrainingRecipe]] = {
    recipe.name: recipe
    for recipe in (
        # Values of the released training code.
        TrainingRecipe(
            "paper",
            epochs=50,
            batch=4,
            rate=1.25e-4,
            optimizer="adam",
            schedule="epochs",
            decay_per_epoch=0.96,
            precision="f32",
        ),
        TrainingRecipe(
            "averaged",
            epochs=100,
            batch=8,
            rate=1e-3,
            weight_decay=0.02,
            warm_up=100,
            average=0.997,
            clip=5.0,
            augmentation=REALISTIC,
        ),
        LITE_RECIPE,
        replace(
            LITE_RECIPE,
            name="decoder",
            epochs=40,
            batch=32,
            frozen="encoder",
            precision="tf32",
            bits=8,
        ),
        replace(
            LITE_RECIPE,
            name="families",
            epochs=3,
            rate=6e-4,
            warm_up=60,
            average=0.99,
            bits=8,
        ),
        replace(
            LITE_RECIPE,
            name="whole",
            epochs=12,
            rate=8e-4,
            warm_up=100,
            average=0.995,
            frozen="none",
            bits=8,
            demanding=0.75,
        ),
        replace(
            LITE_RECIPE,
            name="refiner",
            epochs=20,
            rate=2e-3,
            warm_up=50,
            average=0.995,
            frozen="first stage",
            bits=8,
            patches=8,
            uses=4,
            demanding=0.6,
        ),
        replace(
            LITE_RECIPE,
            name="corners",
            epochs=6,
            rate=1e-3,
            warm_up=50,
            average=0.99,
            frozen="names",
            bits=8,
        ),
        TrainingRecipe(
            "fine-tune",
            epochs=30,
            batch=4,
            rate=2e-4,
            weight_decay=0.02,
            warm_up=20,
            average=0.98,
            clip=5.0,
            frozen="stem",
            fixed_norms="all",
            bits=16,
            augmentation=Augmentation(expansion=1.2, mirror=0.1, trim=0.05),
        ),
    )
}
"""Recipes by name.

``paper`` is the recipe of VerteNet, and ``averaged`` an alternative for the same network. ``lite``
is the recipe of the bundled network. ``decoder`` continues from its weights without changing the
encoder, so that a version history grows by only a quarter of the file. ``families`` trains all but
the stem at a lower rate, to add families of phantoms; ``whole`` includes the stem. ``refiner``
trains the second stage only, and adds one to weights without it. ``corners`` trains corners only,
so that labels do not change. ``fine-tune`` continues from any weights.
"""


def default_recipe(config: Config, *, started: bool) -> TrainingRecipe:
    """Return the default recipe; ``started`` if training continues from trained weights."""
    if started:
        return RECIPES["fine-tune"]
    return RECIPES["lite" if config.marks == "all" else "paper"]


def adjust_recipe(
    recipe: TrainingRecipe, device: torch.device, overrides: Mapping[str, Any]
) -> TrainingRecipe:
    """Return a recipe with overrides other than ``None`` applied.

    bf16 becomes 32 bits on devices where it saves no time, unless it is requested explicitly.
    """
    # A slower format would change results without a benefit.
    if recipe.precision == "bf16" and not benefits_from_bf16(device):
        recipe = replace(recipe, precision="f32")
    return replace(
        recipe, **{name: value for name, value in overrides.items() if value is not None}
    )


def phantom_recipe(config: Config, recipe: TrainingRecipe) -> PhantomRecipe:
    """Return the distribution of phantoms for a network.

    A network that labels six bodies by rank cannot represent other views, and gains little from
    fields of view that end within the six bodies.
    """
    if config.marks == "all":
        return PhantomRecipe(size=config.input_size, uses=recipe.uses, demanding=recipe.demanding)
    return PhantomRecipe(
        size=config.input_size,
        partial=0.1,
        mirrored=recipe.augmentation.mirror,
        other_view=0.0,
        uses=recipe.uses,
        demanding=recipe.demanding,
    )
