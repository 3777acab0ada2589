from __future__ import annotations

import errno
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.utils.data import default_collate

from inference.network.checkpoint import load_checkpoint
from inference.network.configuration import LITE, SMALL, Config, FusionPlan
from inference.network.vertenet.network import build
from inference.training.data.sources import Source
from inference.training.dataset import Stream
from inference.training.distributed import Group
from inference.training.initialization import initialize_encoder, initialize_heads
from inference.training.recipes import RECIPES, TrainingRecipe
from inference.training.settings import Settings, rate_at
from inference.training.trainer import LAYOUTS, RunMismatch, Trainer, set_training

PLAIN = FusionPlan("plain", width=16)
TINY = replace(SMALL, name="tiny", input_size=(128, 64), fusions=(PLAIN, PLAIN, PLAIN))
TINY_LITE = replace(LITE, name="tiny-lite", input_size=(128, 64), fusions=(PLAIN, PLAIN, PLAIN))
PHANTOMS = (Source("phantom", 1.0),)


def settings(config: Config, recipe: TrainingRecipe, *, steps: int = 100) -> Settings:
    """Return the settings of a run on phantoms."""
    data = {"sources": [{"name": "phantom", "images": 0}]}
    return Settings(config, recipe, steps=steps, epoch=40, seed=0, data=data)


def trainer(config: Config, recipe: TrainingRecipe, *, steps: int = 100) -> Trainer:
    torch.manual_seed(0)
    network = build(config)
    initialize_heads(network)
    initialize_encoder(network, "imagenet")
    return Trainer(network, settings(config, recipe, steps=steps), Group(torch.device("cpu")))


def batch_of(config: Config, recipe: TrainingRecipe, *, first: int = 0) -> dict[str, Tensor]:
    stream = Stream(PHANTOMS, config, recipe, epoch=40, seed=0)
    batch: dict[str, Tensor] = default_collate([stream[n] for n in range(first, first + 2)])
    return batch


@pytest.mark.parametrize(
    ("config", "recipe"),
    [
        (TINY, replace(RECIPES["paper"], rate=1e-3)),
        (TINY, replace(RECIPES["averaged"], warm_up=1)),
        (TINY_LITE, replace(RECIPES["lite"], warm_up=1)),
    ],
    ids=lambda value: value.name,
)
def test_loss_decreases_on_a_repeated_batch(config: Config, recipe: TrainingRecipe) -> None:
    training, batch = trainer(config, recipe), batch_of(config, recipe)
    losses = [training.train_on(batch)["total"] for _ in range(5)]
    assert losses[-1] < 0.8 * losses[0]


def test_resumed_run_continues_exactly(tmp_path: Path) -> None:
    recipe = RECIPES["lite"]
    uninterrupted = trainer(TINY_LITE, recipe)
    uninterrupted.train_on(batch_of(TINY_LITE, recipe))
    uninterrupted.save_state(tmp_path)
    expected = uninterrupted.train_on(batch_of(TINY_LITE, recipe, first=2))
    again = trainer(TINY_LITE, recipe)
    assert again.resume(tmp_path)
    assert again.step == 1
    assert again.train_on(batch_of(TINY_LITE, recipe, first=2)) == expected
    for name, tensor in uninterrupted.average.state_dict().items():
        assert torch.equal(tensor, again.average.state_dict()[name]), name


def test_memory_layout_does_not_change_the_loss() -> None:
    recipe = replace(RECIPES["paper"], batch=2)
    batch = batch_of(TINY, recipe)
    losses = []
    for layout in LAYOUTS:
        network = build(TINY)
        torch.manual_seed(1)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        training = Trainer(network, settings(TINY, recipe), Group(torch.device("cpu")), layout)
        losses.append([training.train_on(batch)["total"] for _ in range(2)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_folder_of_another_run_is_rejected(tmp_path: Path) -> None:
    trainer(TINY, RECIPES["averaged"]).save_state(tmp_path)
    with pytest.raises(RunMismatch, match="steps"):
        trainer(TINY, RECIPES["averaged"], steps=7).resume(tmp_path)
    assert not trainer(TINY, RECIPES["averaged"]).resume(tmp_path / "empty")


def test_weights_file_describes_its_training(tmp_path: Path) -> None:
    training = trainer(TINY_LITE, RECIPES["lite"])
    training.save_weights(tmp_path / "a.safetensors")
    checkpoint = load_checkpoint(tmp_path / "a.safetensors")
    assert checkpoint.config == TINY_LITE
    assert checkpoint.about["trained_on"] == "synthetic phantoms only"
    assert (checkpoint.about["step"], checkpoint.about["seed"]) == (0, 0)


def test_frozen_stem_and_fixed_norms_do_not_change() -> None:
    recipe = replace(RECIPES["fine-tune"], warm_up=1)
    training, batch = trainer(TINY_LITE, recipe), batch_of(TINY_LITE, recipe)
    before = {name: value.clone() for name, value in training.network.state_dict().items()}
    training.train_on(batch)
    after = training.network.state_dict()
    changed = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert not any("running" in name or name.startswith("encoder.conv_stem") for name in changed)
    assert "encoder.blocks.6.0.conv_pwl.weight" in changed


@pytest.mark.parametrize(
    ("name", "frozen", "trained"),
    [
        ("decoder", ("encoder.",), "heads.level"),
        ("corners", ("encoder.", "fuse4.", "heads.level", "heads.image"), "heads.corner"),
        ("refiner", ("encoder.", "fuse", "heads."), "refiner."),
    ],
)
def test_training_a_part_does_not_change_other_tensors_of_the_file(
    tmp_path: Path, name: str, frozen: tuple[str, ...], trained: str
) -> None:
    recipe = replace(RECIPES[name], warm_up=1)
    training = trainer(TINY_LITE, recipe)
    training.save_weights(tmp_path / "before.safetensors")
    start = load_checkpoint(tmp_path / "before.safetensors").network
    again = Trainer(start, settings(TINY_LITE, recipe), Group(torch.device("cpu")))
    again.train_on(batch_of(TINY_LITE, recipe))
    again.save_weights(tmp_path / "after.safetensors")
    before, after = (load_file(tmp_path / f"{name}.safetensors") for name in ("before", "after"))
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    assert any(name.startswith(trained) for name in changed)
    assert not any(name.startswith(frozen) for name in changed)


def test_second_stage_learns_the_corners_of_a_repeated_batch() -> None:
    recipe = replace(RECIPES["refiner"], warm_up=1, patches=4)
    training, batch = trainer(TINY_LITE, recipe), batch_of(TINY_LITE, recipe)
    losses = [training.train_on(batch) for _ in range(8)]
    assert losses[-1]["refined"] < 0.8 * losses[0]["refined"]
    assert losses[0].keys() == {"refined", "total"}


def test_batch_without_bodies_does_not_change_the_second_stage() -> None:
    recipe = RECIPES["refiner"]
    training, batch = trainer(TINY_LITE, recipe), batch_of(TINY_LITE, recipe)
    batch["patch_known"] = torch.zeros_like(batch["patch_known"])
    before = {name: value.clone() for name, value in training.network.state_dict().items()}
    assert training.train_on(batch)["refined"] == 0
    after = training.network.state_dict()
    norms = [name for name in before if "running" in name]
    assert all(torch.equal(before[name], after[name]) for name in norms)


@pytest.mark.parametrize(("fixed", "trained"), [("none", 2), ("encoder", 1), ("all", 0)])
def test_batch_norms_are_in_training_mode_according_to_the_recipe(fixed: str, trained: int) -> None:
    network = build(TINY)
    set_training(network, replace(RECIPES["paper"], fixed_norms=fixed))
    norms = [network.encoder.bn1, network.fuse4.join[1]]
    assert all(isinstance(norm, nn.BatchNorm2d) for norm in norms)
    assert sum(norm.training for norm in norms) == trained


def test_learning_rate_of_the_paper_falls_by_four_percent_per_epoch() -> None:
    paper = settings(TINY, RECIPES["paper"])
    rates = [rate_at(step, 0.0, paper) for step in (0, 9, 10, 20)]
    assert rates == pytest.approx([1.25e-4, 1.25e-4, 1.2e-4, 1.152e-4])


def test_learning_rate_warms_up_and_falls_to_a_hundredth() -> None:
    lite = settings(TINY_LITE, RECIPES["lite"], steps=1000)
    assert rate_at(0, 0.0, lite) == pytest.approx(lite.recipe.rate / 150)
    assert rate_at(200, 0.0, lite) == lite.recipe.rate
    assert rate_at(1000, 1.0, lite) == pytest.approx(0.01 * lite.recipe.rate)


def test_full_disk_is_reported_as_such(tmp_path: Path) -> None:
    """A limit on the size of files has the same effect as a full disk."""
    training = trainer(TINY_LITE, RECIPES["lite"])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError) as error:
            training.save_state(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert error.value.errno == errno.EFBIG
    assert not (tmp_path / "state.pt").exists()
