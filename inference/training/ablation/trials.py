"""Ablation: train the baselines of the paper under one protocol, with several seeds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, TextIO

import torch

from inference.evaluation.labelling import judge_levels
from inference.evaluation.outcome import Outcome
from inference.evaluation.summary import summarize
from inference.network.configuration import CHANGES, Config, baseline
from inference.network.vertenet.network import build, count_parameters
from inference.training.data.image_cache import default_cache_bytes
from inference.training.data.sources import Data
from inference.training.dataset import BatchCache
from inference.training.distributed import Group
from inference.training.initialization import (
    default_encoder_source,
    initialize_encoder,
    initialize_heads,
)
from inference.training.recipes import TrainingRecipe
from inference.training.settings import Settings, epoch_size
from inference.training.trainer import Layout, RunMismatch, Trainer
from inference.training.training_run import RunOptions, train
from inference.training.validation import score_outcomes

INPUTS: Final = "asked"
"""Key of the inputs in a result file; it is part of the format of existing results."""
CPU: Final = torch.device("cpu")
WHOLE: Final = "whole"
"""Name of the full network, with which the baselines are compared."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """Settings that all trials of an ablation share.

    Results do not depend on ``device`` and ``layout``, except for rounding.
    """

    config: Config
    recipe: TrainingRecipe
    steps: int
    run_options: RunOptions
    device: torch.device = CPU
    layout: Layout = "channels-last"


@dataclass(frozen=True, slots=True)
class Trial:
    """Result of one network with one seed.

    Attributes
    ----------
    network
        "whole", or the name of a baseline.
    seed
        Seed of weights and order of images.
    parameters
        Number of parameters.
    encoder
        Initial weights of the encoder.
    error
        Error of :class:`inference.training.validation.Score`.
    right
        Share of bodies that are labelled correctly.
    right_error
        Mean absolute coordinate error of these bodies, in px of 512 x 1024.
    """

    network: str
    seed: int
    parameters: int
    encoder: str
    error: float
    right: float
    right_error: float | None


def variants(config: Config) -> dict[str, Config]:
    """Return the configuration of the full network and of its baselines, by name."""
    return {WHOLE: config, **{change: baseline(config, change) for change in CHANGES}}


def ablate(
    protocol: Protocol,
    data_of_seed: Mapping[int, Data],
    out: Path,
    stream: TextIO,
    names: Sequence[str] = (),
) -> Iterator[Trial]:
    """Train and evaluate networks with every seed, and yield each result.

    Saved results are reused and interrupted trials are resumed.

    Parameters
    ----------
    protocol
        Settings of all trials.
    data_of_seed
        Data by seed, since the seed also determines the split.
    out
        Folder for results.
    stream
        Stream for progress messages.
    names
        Networks to train; all of `variants` if empty.

    Raises
    ------
    RunMismatch
        If ``out`` contains trials of another protocol or of other data.
    """
    configs = variants(protocol.config)
    for seed, data in data_of_seed.items():
        # All networks of a seed are trained on the same batches, which are drawn only once.
        batch_cache = BatchCache(default_cache_bytes())
        for name in names or configs:
            folder = out / name / f"seed-{seed}"
            path = folder / "trial.json"
            inputs = _trial_inputs(protocol, configs[name], data)
            if not path.exists():
                stream.write(f"== {name}, seed {seed}\n")
                trial = _run_trial(protocol, name, seed, data, folder, stream, batch_cache)
                _write_trial(path, trial, inputs)
            saved = json.loads(path.read_text())
            if saved.get(INPUTS) != inputs:
                raise RunMismatch(f"{folder} contains a trial of another protocol or other data")
            yield Trial(**saved["trial"])


def _write_trial(path: Path, trial: Trial, inputs: dict[str, Any]) -> None:
    # Renaming is atomic, so that an interrupted run leaves no incomplete result.
    temporary = path.with_name("new-trial.json")
    temporary.write_text(json.dumps({INPUTS: inputs, "trial": asdict(trial)}, indent=1) + "\n")
    temporary.replace(path)


def read_trials(protocol: Protocol, data: Data, out: Path) -> list[Trial]:
    """Return all finished trials of a protocol, sorted by network and seed.

    Trials of other commands that write to the same folder are included.

    Parameters
    ----------
    protocol
        Settings of all trials.
    data
        Data of any seed, since seeds differ only in the split.
    out
        Folder with results.
    """
    trials = []
    for name, config in variants(protocol.config).items():
        # Of several commands that fill one folder, each lists what all have finished.
        inputs = _without_split(_trial_inputs(protocol, config, data))
        for path in (out / name).glob("seed-*/trial.json"):
            saved = json.loads(path.read_text())
            if _without_split(saved.get(INPUTS, {})) == inputs:
                trials.append(Trial(**saved["trial"]))
    order = list(variants(protocol.config))
    return sorted(trials, key=lambda trial: (order.index(trial.network), trial.seed))


def _without_split(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs of a trial without the list of training images, which differs by seed."""
    data = inputs.get("data", {})
    sources = [{**source, "list_sha256": None} for source in data.get("sources", ())]
    return {**inputs, "data": {**data, "sources": sources}}


def _trial_inputs(protocol: Protocol, config: Config, data: Data) -> dict[str, Any]:
    """Return what the result of a trial depends on, other than network name and seed."""
    inputs = {
        "config": config.to_dict(),
        "recipe": asdict(protocol.recipe),
        "steps": protocol.steps,
        "data": data.to_dict(),
        "test_phantoms": protocol.run_options.test_phantoms,
    }
    # A passage through JSON makes the result comparable to a saved one.
    plain: dict[str, Any] = json.loads(json.dumps(inputs))
    return plain


def _run_trial(
    protocol: Protocol,
    name: str,
    seed: int,
    data: Data,
    folder: Path,
    stream: TextIO,
    batch_cache: BatchCache,
) -> Trial:
    config = variants(protocol.config)[name]
    # Before the network is built, because its initial weights are drawn.
    torch.manual_seed(seed)
    network = build(config)
    initialize_heads(network)
    origin = initialize_encoder(network, default_encoder_source(config.encoder))
    settings = Settings(
        config=config,
        recipe=protocol.recipe,
        steps=protocol.steps,
        epoch=epoch_size(protocol.recipe, data),
        seed=seed,
        data=data.to_dict(),
        encoder=origin,
    )
    # A single, minimal validation at the end: the last weights are evaluated, not the best ones.
    run_options = replace(
        protocol.run_options, validate_every=protocol.steps, validation_phantoms=1
    )
    trainer = Trainer(network, settings, Group(protocol.device), protocol.layout)
    tests = train(trainer, replace(data, validation=()), folder, run_options, stream, batch_cache)
    outcomes = [outcome for part in tests.values() for outcome in part]
    return Trial(name, seed, count_parameters(network), origin, **_summarize(outcomes))


def _summarize(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    levels = judge_levels(outcomes)
    right = summarize(outcomes, None)["errors"]["rightly_named"]["all"]["absolute_coordinate"]
    return {
        "error": score_outcomes(outcomes).error,
        "right": round(levels["accuracy"] or 0.0, 4),
        "right_error": right["frame_px"]["mean"],
    }
