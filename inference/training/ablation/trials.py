"""The paper's baselines on one protocol: the same data, recipe and steps, several seeds."""

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
from inference.training.data.dataset import BatchCache
from inference.training.data.image_cache import default_cache_bytes
from inference.training.data.sources import Data
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
from inference.training.validation import score

CPU: Final = torch.device("cpu")
WHOLE: Final = "whole"
"""The network that the baselines are compared with."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """What all runs of an ablation have in common; a result depends on all but the last two."""

    config: Config
    recipe: TrainingRecipe
    steps: int
    run_options: RunOptions
    device: torch.device = CPU
    layout: Layout = "channels-last"


@dataclass(frozen=True, slots=True)
class Trial:
    """One network with one seed.

    ``error`` is :class:`inference.training.validation.Score`'s; ``right`` the share of the bodies
    that bear their right name, ``right_error`` the error of these alone, in px of 512 x 1024.
    """

    network: str
    seed: int
    parameters: int
    encoder: str
    error: float
    right: float
    right_error: float | None


def variants(config: Config) -> dict[str, Config]:
    """The network itself and every baseline of it, by name."""
    return {WHOLE: config, **{change: baseline(config, change) for change in CHANGES}}


def ablate(
    protocol: Protocol,
    data_of_seed: Mapping[int, Data],
    out: Path,
    said: TextIO,
    names: Sequence[str] = (),
) -> Iterator[Trial]:
    """Train and judge every network with every seed, seed by seed.

    A trial whose result stands in ``out`` is read, one that was stopped is taken up.

    Raises
    ------
    RunMismatch
        Where ``out`` holds trials of another protocol or of other data.
    """
    chosen = variants(protocol.config)
    for seed, data in data_of_seed.items():
        drawn = BatchCache(default_cache_bytes())
        for name in names or chosen:
            folder = out / name / f"seed-{seed}"
            kept = folder / "trial.json"
            asked = _asked(protocol, chosen[name], data)
            if not kept.exists():
                said.write(f"== {name}, seed {seed}\n")
                trial = _try(protocol, name, seed, data, folder, said, drawn)
                found = {"asked": asked, "trial": asdict(trial)}
                fresh = kept.with_name("new-trial.json")
                fresh.write_text(json.dumps(found, indent=1) + "\n")
                fresh.replace(kept)
            found = json.loads(kept.read_text())
            if found.get("asked") != asked:
                raise RunMismatch(f"{folder} holds a trial of another protocol or of other data")
            yield Trial(**found["trial"])


def read_trials(protocol: Protocol, data: Data, out: Path) -> list[Trial]:
    """Every finished trial of a protocol in ``out``, whoever ran it, by network and seed.

    ``data`` may be those of any seed: seeds differ in how they split them alone.
    """
    found = []
    for name, config in variants(protocol.config).items():
        asked = _unsplit(_asked(protocol, config, data))
        for path in (out / name).glob("seed-*/trial.json"):
            kept = json.loads(path.read_text())
            if _unsplit(kept.get("asked", {})) == asked:
                found.append(Trial(**kept["trial"]))
    order = list(variants(protocol.config))
    return sorted(found, key=lambda trial: (order.index(trial.network), trial.seed))


def _unsplit(asked: dict[str, Any]) -> dict[str, Any]:
    """The same without what tells which images were trained on."""
    data = asked.get("data", {})
    sources = [{**source, "list_sha256": None} for source in data.get("sources", ())]
    return {**asked, "data": {**data, "sources": sources}}


def _asked(protocol: Protocol, config: Config, data: Data) -> dict[str, Any]:
    """What a trial's result depends on beside its network's name and its seed, as JSON has it."""
    told = {
        "config": config.to_dict(),
        "recipe": asdict(protocol.recipe),
        "steps": protocol.steps,
        "data": data.to_dict(),
        "test_phantoms": protocol.run_options.test_phantoms,
    }
    found: dict[str, Any] = json.loads(json.dumps(told))
    return found


def _try(
    protocol: Protocol,
    name: str,
    seed: int,
    data: Data,
    folder: Path,
    said: TextIO,
    drawn: BatchCache,
) -> Trial:
    config = variants(protocol.config)[name]
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
    # One validation, at the end and of next to nothing: the last weights are judged, none are
    # chosen.
    run_options = replace(
        protocol.run_options, validate_every=protocol.steps, validation_phantoms=1
    )
    trainer = Trainer(network, settings, Group(protocol.device), protocol.layout)
    tests = train(trainer, replace(data, validation=()), folder, run_options, said, drawn)
    outcomes = [outcome for some in tests.values() for outcome in some]
    return Trial(name, seed, count_parameters(network), origin, **_figures(outcomes))


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    levels = judge_levels(outcomes)
    right = summarize(outcomes, None)["errors"]["rightly_named"]["all"]["absolute_coordinate"]
    return {
        "error": score(outcomes).error,
        "right": round(levels["accuracy"] or 0.0, 4),
        "right_error": right["frame_px"]["mean"],
    }
