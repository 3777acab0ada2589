"""How a network is trained, whatever the network and the data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from inference.network.configuration import Config
from inference.network.weights_header import Bits
from inference.training.data.samples import PhantomRecipe

Precision = Literal["f32", "tf32", "bf16"]
"""On a processor "tf32" is "f32"; a GPU rounds the factors of convolutions, as torch lets it do
unless it is told otherwise."""

Frozen = Literal["none", "stem", "encoder", "names"]
"""Nothing, the encoder up to stride 4, all of it, or with it all that names bodies."""

PAPER_TRAINING_IMAGES: Final = 434
"""Images in 70 % of the paper's 620: an epoch where data have no size of their own."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What is done to images of files; phantoms are drawn anew every time.

    Attributes
    ----------
    chance : of brightness, contrast and expansion, each by itself
    brightness : added, at most, to grey values in [0, 1]
    contrast : factors, least and most
    expansion : the image lies somewhere in a black one that is larger by up to this factor
    mirror : chance of a mirror image
    trim : share of the image, at most, cut off beyond the marked bodies at each side
    disturbed : whether blur, noise, tone and markers are added as to phantoms
    """

    chance: float = 0.5
    brightness: float = 32 / 255
    contrast: tuple[float, float] = (0.5, 1.5)
    expansion: float = 1.5
    mirror: float = 0.5
    trim: float = 0.0
    disturbed: bool = False


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """Everything about a training but network, data and seed.

    Attributes
    ----------
    epoch : examples in an epoch; the marked images of the training part where ``None``
    schedule : "epochs" multiplies the rate after each epoch, "cosine" lets it fall to a hundredth
    warm_up : steps over which the rate rises
    average : weight of the running average that is kept of the network; 0 keeps the network itself
    clip : largest length of the gradient; 0 leaves it as it is
    frozen : what stays as it is
    fixed_norms : whose batch norms keep the figures that they came with
    bits : of a weight in the files that a run writes
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
"""``paper`` is that of the VerteNet paper; ``averaged`` the other one for its network; ``lite`` the
one of the network that ships; ``decoder`` goes on from its weights and leaves the encoder to the
byte, so that a version history grows by a quarter of the file; ``corners`` moves corners alone, and
names stay as they are; ``fine-tune`` goes on from any."""


def default_recipe(config: Config, *, started: bool) -> TrainingRecipe:
    """What a training does unless it is told otherwise; ``started`` from trained weights."""
    if started:
        return RECIPES["fine-tune"]
    return RECIPES["lite" if config.marks == "all" else "paper"]


def phantom_recipe(config: Config, recipe: TrainingRecipe) -> PhantomRecipe:
    """How phantoms are drawn for a network.

    One that finds six bodies by rank has no answer to other views, and little use for a field that
    ends within the six.
    """
    if config.marks == "all":
        return PhantomRecipe(size=config.input_size)
    return PhantomRecipe(
        size=config.input_size,
        partial=0.1,
        mirrored=recipe.augmentation.mirror,
        other_view=0.0,
    )
