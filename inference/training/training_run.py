"""A training from its first or its last saved step to its model card."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import torch

from inference.evaluation.outcome import Outcome
from inference.evaluation.progress import Progress
from inference.evaluation.samples import Sample
from inference.phantom.seeds import TEST_SEEDS, VALIDATION_SEEDS
from inference.training.data.dataset import Batch, BatchCache, Stream, load_batches
from inference.training.data.sources import Data
from inference.training.log import Log, draw_log
from inference.training.model_card import write_card
from inference.training.objectives import PARTS
from inference.training.trainer import Trainer
from inference.training.validation import Score, answers, phantoms, score

Tests = dict[str, list[Outcome]]

BEST: Final = "best.safetensors"
LATEST: Final = "last.safetensors"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run goes about it; none of this changes what is learnt but which weights are best.

    ``save_every``, ``log_every`` and ``validate_every`` count steps.
    """

    save_every: int = 200
    log_every: int = 20
    validate_every: int = 500
    validation_phantoms: int = 24
    test_phantoms: int = 50
    workers: int = 1
    threads: int = 1


def train(
    trainer: Trainer,
    data: Data,
    out: Path,
    run_options: RunOptions,
    stream: TextIO | None = None,
    drawn: BatchCache | None = None,
) -> Tests:
    """Train to the last step, saving and measuring on the way.

    Returns what the best weights answered on images that were not trained on, by what these are;
    nothing but in the leading process.

    ``drawn`` keeps the batches for other networks that learn from the same ones.

    ``out`` gets ``state.pt`` (to go on from), ``best`` and ``last.safetensors``, ``log.csv`` and
    ``.png``, ``settings.json``, and at the end ``MODEL_CARD.md``.
    """
    settings, group, said = trainer.settings, trainer.group, stream or sys.stderr
    out.mkdir(parents=True, exist_ok=True)
    if trainer.resume(out) and group.is_leader:
        said.write(f"taken up at step {trainer.step} of {settings.steps}\n")
    leader = _Leader(trainer, data, out, run_options, said) if group.is_leader else None
    if trainer.done < 1:
        examples = Stream(
            data.sources,
            settings.config,
            settings.recipe,
            epoch=settings.epoch,
            seed=settings.seed,
        )

        def draw(first: int) -> Iterator[Batch]:
            return load_batches(
                examples,
                batch=settings.recipe.batch,
                first=first,
                rank=group.rank,
                world=group.world,
                workers=run_options.workers,
                pinned=group.device.type == "cuda",
            )

        first = trainer.step
        batches = draw(first) if drawn is None else drawn.batches(draw, first)
        for batch in batches:
            parts = trainer.train_on(batch)
            if leader is not None:
                leader.after_step(parts)
            if trainer.done >= 1:
                break
    return {} if leader is None else leader.finish()


class _Leader:
    """What one process does beside training: files, measures, words."""

    def __init__(
        self, trainer: Trainer, data: Data, out: Path, run_options: RunOptions, said: TextIO
    ) -> None:
        self.trainer, self.data, self.out, self.run_options = trainer, data, out, run_options
        self.said = said
        settings = trainer.settings
        text = json.dumps(settings.to_dict(), indent=1)
        (out / "settings.json").write_text(text + "\n")
        self.log = Log(out / "log.csv", PARTS[settings.config.marks], step=trainer.step)
        by_clock = settings.minutes is not None
        total = math.ceil(settings.minutes or 0) if by_clock else settings.steps - trainer.step
        self.progress = Progress(max(total, 1), said, "minutes" if by_clock else "steps")
        self.judged = data.validation or phantoms(VALIDATION_SEEDS, run_options.validation_phantoms)

    def after_step(self, parts: dict[str, float]) -> None:
        trainer, run_options = self.trainer, self.run_options
        last = trainer.done >= 1
        row = parts if trainer.step % run_options.log_every == 0 or last else {}
        if trainer.step % run_options.validate_every == 0 or last:
            found = self._validate()
            row = {**parts, "validation_px": found.error, "validation_found": found.found}
        if row:
            self.log.add({**self._where(), **row})
        if trainer.step % run_options.save_every == 0 or last:
            trainer.save_weights(self.out / LATEST)
            trainer.save_state(self.out)
        while self.progress.done < self.progress.total and self._passed() > self.progress.done:
            self.progress.step()

    def finish(self) -> Tests:
        """Plot, tests and card."""
        draw_log(self.out / "log.csv", self.out / "log.png")
        best = self.out / BEST
        tests = {name: self._answers(best, some) for name, some in self._tests().items()}
        write_card(self.out / "MODEL_CARD.md", best, self.trainer.settings, tests)
        for name, some in tests.items():
            self.said.write(f"{best}: {score(some).error:.2f} px on {name}\n")
        return tests

    def _validate(self) -> Score:
        weights = self.out / LATEST
        self.trainer.save_weights(weights)
        found = score(self._answers(weights, self.judged))
        if self.trainer.score is None or found.error < self.trainer.score:
            self.trainer.score = found.error
            fresh = self.out / f"new-{BEST}"
            shutil.copyfile(weights, fresh)
            fresh.replace(self.out / BEST)
        self.said.write(
            f"step {self.trainer.step}: validation {found.error:.2f} px, "
            f"corners found {found.found:.1%}, best {self.trainer.score:.2f} px\n"
        )
        return found

    def _answers(self, weights: Path, samples: Sequence[Sample]) -> list[Outcome]:
        # Loading a network draws numbers; how often one measures must not change what is learnt.
        with torch.random.fork_rng(devices=[]):
            return answers(weights, samples, threads=self.run_options.threads)

    def _tests(self) -> dict[str, Sequence[Sample]]:
        tests: dict[str, Sequence[Sample]] = {}
        if self.data.test:
            tests["the test part of the marked images"] = self.data.test
        if self.data.phantoms or not tests:
            tests["phantoms"] = phantoms(TEST_SEEDS, self.run_options.test_phantoms)
        return tests

    def _where(self) -> dict[str, float]:
        trainer = self.trainer
        epoch = (trainer.step - 1) // trainer.settings.steps_per_epoch + 1
        minutes = trainer.seconds / 60
        return {"step": trainer.step, "epoch": epoch, "rate": trainer.rate, "minutes": minutes}

    def _passed(self) -> float:
        trainer = self.trainer
        if trainer.settings.minutes is not None:
            return trainer.seconds / 60
        return trainer.step - (trainer.settings.steps - self.progress.total)
