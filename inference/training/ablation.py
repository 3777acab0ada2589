"""The paper's baselines on one protocol: the same data, recipe and steps, several seeds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import torch

from inference.configuration import CHANGES, Config, baseline
from inference.evaluation.naming import judge_levels
from inference.evaluation.outcome import Outcome
from inference.evaluation.summary import summarize
from inference.training.beginnings import start_encoder, start_heads, usual_start
from inference.training.group import Group
from inference.training.recipes import TrainingRecipe
from inference.training.run import Habits, train
from inference.training.settings import Settings, epoch_size
from inference.training.sources import Data
from inference.training.trainer import OtherRun, Trainer
from inference.training.validation import score
from inference.vertenet.network import build, count_parameters

WHOLE = "whole"
"""The network that the baselines are compared with."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """What all runs of an ablation have in common."""

    config: Config
    recipe: TrainingRecipe
    steps: int
    seeds: int
    habits: Habits


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
    data_of_seed: Sequence[Data],
    out: Path,
    said: TextIO,
    names: Sequence[str] = (),
) -> Iterator[Trial]:
    """Train and judge every network with every seed, seed by seed.

    A trial whose result stands in ``out`` is read, one that was stopped is taken up.

    Raises
    ------
    OtherRun
        Where ``out`` holds trials of another protocol or of other data.
    """
    chosen = variants(protocol.config)
    for seed, data in enumerate(data_of_seed):
        for name in names or chosen:
            folder = out / name / f"seed-{seed}"
            kept = folder / "trial.json"
            asked = _asked(protocol, chosen[name], data)
            if not kept.exists():
                said.write(f"== {name}, seed {seed}\n")
                trial = _try(protocol, chosen[name], name, seed, data, folder, said)
                found = {"asked": asked, "trial": asdict(trial)}
                kept.write_text(json.dumps(found, indent=1) + "\n")
            found = json.loads(kept.read_text())
            if found.get("asked") != asked:
                raise OtherRun(f"{folder} holds a trial of another protocol or of other data")
            yield Trial(**found["trial"])


def _asked(protocol: Protocol, config: Config, data: Data) -> Any:
    """What a trial's result depends on beside its network's name and its seed, as JSON has it."""
    told = {
        "config": config.to_dict(),
        "recipe": asdict(protocol.recipe),
        "steps": protocol.steps,
        "data": data.to_dict(),
        "test_phantoms": protocol.habits.test_phantoms,
    }
    return json.loads(json.dumps(told))


def _try(
    protocol: Protocol,
    config: Config,
    name: str,
    seed: int,
    data: Data,
    folder: Path,
    said: TextIO,
) -> Trial:
    torch.manual_seed(seed)
    network = build(config)
    start_heads(network)
    origin = start_encoder(network, usual_start(config.encoder))
    settings = Settings(
        config=config,
        recipe=protocol.recipe,
        steps=protocol.steps,
        epoch=epoch_size(protocol.recipe, data),
        seed=seed,
        data=data.to_dict(),
        encoder=origin,
    )
    # One validation, at the end: the last weights are judged, none are chosen.
    habits = replace(protocol.habits, validate_every=protocol.steps)
    tests = train(
        Trainer(network, settings, Group(torch.device("cpu"))), data, folder, habits, said
    )
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
