"""Training run: training loop, logging, validation, saved states and model card."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import torch

from inference.evaluation.outcome import Outcome
from inference.evaluation.progress import Progress
from inference.evaluation.samples import Sample
from inference.phantom.seeds import TEST_SEEDS, VALIDATION_SEEDS
from inference.training.data.sources import Data
from inference.training.dataset import Batch, BatchCache, Stream, load_batches
from inference.training.log import Log, draw_log
from inference.training.model_card import write_card
from inference.training.objectives import PARTS
from inference.training.trainer import Trainer
from inference.training.validation import Score, phantoms, predict_outcomes, score_outcomes

TestOutcomes = dict[str, list[Outcome]]
"""Outcomes by name of the test set."""
Pause = Callable[[int], bool]
"""Whether to pause a run after a number of completed steps."""

BEST: Final = "best.safetensors"
LATEST: Final = "last.safetensors"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of a run that do not change the training, except for the choice of the best weights.

    Attributes
    ----------
    save_every, log_every, validate_every
        Intervals in steps.
    validation_phantoms
        Number of phantoms for validation if there are no validation images.
    test_phantoms
        Number of phantoms for the model card.
    workers
        Number of processes that prepare examples.
    threads
        Number of CPU threads.
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
    batch_cache: BatchCache | None = None,
    pause: Pause | None = None,
) -> TestOutcomes:
    """Train to the last step, with logging, validation and saved states.

    A run in ``out`` is resumed from its last saved state.

    Parameters
    ----------
    trainer
        Network and settings.
    data
        Training, validation and test data.
    out
        Folder for ``state.pt``, from which the run is resumed, ``best.safetensors``,
        ``last.safetensors``, ``log.csv``, ``log.png``, ``settings.json`` and, at the end,
        ``MODEL_CARD.md``.
    run_options
        Intervals and resources.
    stream
        Stream for messages; standard error if ``None``.
    batch_cache
        Cache of batches that other networks are trained on as well.
    pause
        Called after each step. If it returns true before the last step, the state is saved and
        `RunPaused` raised; the run can be resumed as if it had been interrupted at this step.

    Returns
    -------
    dict
        Outcomes of the best weights by test set; empty in processes other than the leader.

    Raises
    ------
    RunMismatch
        If ``out`` contains a run with other settings.
    RunPaused
        If ``pause`` returned true.
    """
    settings, group, stream = trainer.settings, trainer.group, stream or sys.stderr
    out.mkdir(parents=True, exist_ok=True)
    if trainer.resume(out) and group.is_leader:
        stream.write(f"resuming at step {trainer.step} of {settings.steps}\n")
    leader = _Leader(trainer, data, out, run_options, stream) if group.is_leader else None
    if trainer.fraction_done < 1:
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
        batches = draw(first) if batch_cache is None else batch_cache.batches(draw, first)
        for batch in batches:
            parts = trainer.train_on(batch)
            if leader is not None:
                leader.after_step(parts)
            if trainer.fraction_done >= 1:
                break
            if pause is not None and pause(trainer.step):
                if leader is not None:
                    leader.save()
                raise RunPaused
    return {} if leader is None else leader.finish()


class RunPaused(Exception):
    """Raised when a run ends before its last step because it was paused; its state is saved."""


class _Leader:
    """Tasks of the leading process besides training: files, validation and messages."""

    def __init__(
        self, trainer: Trainer, data: Data, out: Path, run_options: RunOptions, stream: TextIO
    ) -> None:
        self.trainer, self.data, self.out, self.run_options = trainer, data, out, run_options
        self.stream = stream
        settings = trainer.settings
        text = json.dumps(settings.to_dict(), indent=1)
        # For people; a run is resumed from state.pt.
        (out / "settings.json").write_text(text + "\n")
        self.log = Log(out / "log.csv", PARTS[settings.config.marks], step=trainer.step)
        # A run with a time limit reports progress in minutes.
        by_clock = settings.minutes is not None
        total = math.ceil(settings.minutes or 0) if by_clock else settings.steps - trainer.step
        self.progress = Progress(max(total, 1), stream, "minutes" if by_clock else "steps")
        self.validation = data.validation or phantoms(
            VALIDATION_SEEDS, run_options.validation_phantoms
        )

    def after_step(self, parts: dict[str, float]) -> None:
        """Log, validate and save after a step, where it is due."""
        trainer, run_options = self.trainer, self.run_options
        last = trainer.fraction_done >= 1
        row = parts if trainer.step % run_options.log_every == 0 or last else {}
        if trainer.step % run_options.validate_every == 0 or last:
            score = self._validate()
            row = {**parts, "validation_px": score.error, "validation_found": score.detected}
        if row:
            self.log.add({**self._position(), **row})
        if trainer.step % run_options.save_every == 0 or last:
            self.save()
        while self.progress.done < self.progress.total and self._completed() > self.progress.done:
            self.progress.step()

    def save(self) -> None:
        """Save weights and state."""
        # Weights before the state: a run that ends between both repeats these steps.
        self.trainer.save_weights(self.out / LATEST)
        self.trainer.save_state(self.out)

    def finish(self) -> TestOutcomes:
        """Draw the log, evaluate the best weights on test images and write the model card."""
        draw_log(self.out / "log.csv", self.out / "log.png")
        best = self.out / BEST
        tests = {name: self._predict(best, part) for name, part in self._test_sets().items()}
        write_card(self.out / "MODEL_CARD.md", best, self.trainer.settings, tests)
        for name, outcomes in tests.items():
            self.stream.write(f"{best}: {score_outcomes(outcomes).error:.2f} px on {name}\n")
        return tests

    def _validate(self) -> Score:
        weights = self.out / LATEST
        self.trainer.save_weights(weights)
        score = score_outcomes(self._predict(weights, self.validation))
        if self.trainer.score is None or score.error < self.trainer.score:
            self.trainer.score = score.error
            # Copied and renamed, so that the best weights are always complete.
            temporary = self.out / f"new-{BEST}"
            shutil.copyfile(weights, temporary)
            temporary.replace(self.out / BEST)
        self.stream.write(
            f"step {self.trainer.step}: validation error {score.error:.2f} px, "
            f"corners found {score.detected:.1%}, lowest error {self.trainer.score:.2f} px\n"
        )
        return score

    def _predict(self, weights: Path, samples: Sequence[Sample]) -> list[Outcome]:
        # Loading a network draws random numbers; validation must not affect the training.
        with torch.random.fork_rng(devices=[]):
            return predict_outcomes(weights, samples, threads=self.run_options.threads)

    def _test_sets(self) -> dict[str, Sequence[Sample]]:
        tests: dict[str, Sequence[Sample]] = {}
        if self.data.test:
            tests["the test part of the marked images"] = self.data.test
        if self.data.phantoms or not tests:
            tests["phantoms"] = phantoms(TEST_SEEDS, self.run_options.test_phantoms)
        return tests

    def _position(self) -> dict[str, float]:
        trainer = self.trainer
        epoch = (trainer.step - 1) // trainer.settings.steps_per_epoch + 1
        minutes = trainer.seconds / 60
        return {"step": trainer.step, "epoch": epoch, "rate": trainer.rate, "minutes": minutes}

    def _completed(self) -> float:
        trainer = self.trainer
        if trainer.settings.minutes is not None:
            return trainer.seconds / 60
        return trainer.step - (trainer.settings.steps - self.progress.total)
