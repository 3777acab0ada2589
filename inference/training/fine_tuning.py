"""Fine-tuning of trained weights on marked images, in parts that resume each other exactly."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import torch

from inference.evaluation.outcome import Outcome
from inference.network.checkpoint import load_checkpoint
from inference.training.data.sources import Data
from inference.training.distributed import join_group
from inference.training.initialization import replace_infinite_variances
from inference.training.malloc_tuning import retain_freed_memory
from inference.training.recipes import RECIPES, adjust_recipe
from inference.training.settings import Settings, epoch_size
from inference.training.trainer import Trainer
from inference.training.training_run import BEST, Pause, RunOptions, train
from inference.training.validation import predict_outcomes

RECIPE: Final = "fine-tune"
VALIDATIONS: Final = 10
"""Validations of a run, which select the best weights."""


@dataclass(frozen=True, slots=True)
class FineTuned:
    """Result of a finished run.

    Attributes
    ----------
    weights
        The file with the weights that have the lowest validation error.
    card
        Model card in Markdown.
    before, after
        Outcomes of the initial and of the final weights on the test images.
    """

    weights: Path
    card: str
    before: list[Outcome]
    after: list[Outcome]


def default_steps(training_images: int) -> int:
    """Return the steps of the recipe for a number of training images: whole epochs.

    Examples
    --------
    >>> default_steps(35)
    270
    """
    recipe = RECIPES[RECIPE]
    return -(-training_images // recipe.batch) * recipe.epochs


def fine_tune(
    start: Path,
    data: Data,
    out: Path,
    *,
    start_name: str,
    steps: int,
    seed: int,
    threads: int,
    workers: int = 1,
    log_every: int = 10,
    pause: Pause | None = None,
    stream: TextIO | None = None,
) -> FineTuned:
    """Fine-tune weights, or continue the run in a folder, on a GPU if torch detects one.

    Parameters
    ----------
    start
        File with the initial weights.
    data
        Training, validation and test images; the last two must not be empty.
    out
        Folder of the run, as for `inference.training.training_run.train`.
    start_name
        Name of the initial weights for the model card.
    steps
        Steps of the whole run.
    seed
        Seed of order and augmentation.
    threads, workers
        CPU threads, and processes that prepare examples.
    log_every
        Steps between two rows of the log.
    pause
        As for `train`: called after each step, and pauses the run if it returns true.
    stream
        Stream for messages; standard error if ``None``.

    Raises
    ------
    CheckpointError
        If the initial weights cannot be used.
    RunMismatch
        If the folder has a run with other settings, images or landmarks.
    RunPaused
        If ``pause`` returned true; the same call continues the run.
    """
    if not data.validation or not data.test:
        raise ValueError("fine-tuning needs validation and test images")
    stream = stream or sys.stderr
    retain_freed_memory()
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    checkpoint = load_checkpoint(start)
    # Files of 16 bits from earlier versions may hold infinite variances.
    replace_infinite_variances(checkpoint.network)
    group = join_group()
    recipe = adjust_recipe(RECIPES[RECIPE], group.device, {})
    trained_on = str(checkpoint.about.get("trained_on", "unknown data"))
    settings = Settings(
        config=checkpoint.config,
        recipe=recipe,
        steps=steps,
        epoch=epoch_size(recipe, data),
        seed=seed,
        data=data.to_dict(),
        encoder="the same weights",
        start={"name": start_name, "sha256": checkpoint.checksum, "trained_on": trained_on},
    )
    run_options = RunOptions(
        save_every=steps,
        log_every=log_every,
        validate_every=max(1, steps // VALIDATIONS),
        workers=workers,
        threads=threads,
    )
    trainer = Trainer(checkpoint.network, settings, group)
    tests = train(trainer, data, out, run_options, stream, pause=pause)
    before = predict_outcomes(start, data.test, threads=threads)
    after = [outcome for part in tests.values() for outcome in part]
    return FineTuned(out / BEST, (out / "MODEL_CARD.md").read_text(), before, after)


def log_rows(rows: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return step, loss and validation error of the rows of a log, as JSON values."""
    return [
        {
            "step": int(row["step"]),
            "loss": float(row["total"]) if row["total"] else None,
            "validation_px": float(row["validation_px"]) if row["validation_px"] else None,
        }
        for row in rows
    ]
