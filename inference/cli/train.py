"""Command ``python -m inference train``: train on phantoms, marked images, or both."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from inference.annotations.marked_images import FormatError
from inference.cli.train_options import train_parser
from inference.network.checkpoint import load_checkpoint
from inference.network.configuration import CONFIGS, LITE, Config
from inference.network.vertenet.network import VerteNet, build
from inference.network.weights_header import CheckpointError, is_synthetic
from inference.training.data.sources import read_data
from inference.training.data.split import describe_split
from inference.training.distributed import Group, join_group, leave_group
from inference.training.initialization import (
    add_refiner,
    default_encoder_source,
    initialize_encoder,
    initialize_heads,
    replace_infinite_variances,
)
from inference.training.malloc_tuning import retain_freed_memory
from inference.training.recipes import (
    RECIPES,
    TrainingRecipe,
    adjust_recipe,
    default_recipe,
)
from inference.training.settings import Settings, epoch_size
from inference.training.trainer import RunMismatch, Trainer
from inference.training.training_run import RunOptions, train

VALIDATIONS = 10
"""Minimum number of validations of a run, which select the best weights."""


def main(argv: Sequence[str]) -> int:
    """Train; unusable data or weights end the program with a one-line message."""
    parser = train_parser()
    options = parser.parse_args(argv)
    _check(options, parser)
    retain_freed_memory()
    torch.set_num_threads(options.threads)
    group = join_group(on_cpu=options.cpu)
    try:
        return _run(options, parser, group)
    except FormatError as error:
        sys.exit(f"The data cannot be used: {error}")
    except CheckpointError as error:
        sys.exit(f"The weights cannot be used: {error}")
    except RunMismatch as error:
        sys.exit(f"{error}. Choose another folder.")
    finally:
        leave_group()


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser, group: Group) -> int:
    # Seed before the network is created, so that its initial weights are reproducible.
    torch.manual_seed(options.seed)
    network, origin = _network(options)
    data = read_data(
        options.data or ["phantom"],
        seed=options.seed,
        validation=options.validation or (),
        report_counts=lambda count, unmarked: _report_reading(count, unmarked, group),
    )
    if group.is_leader and (description := describe_split(data.to_dict())):
        sys.stderr.write(f"{description}\n")
    recipe = _recipe(options, network.config, group.device)
    # Every process must receive the same number of examples.
    if recipe.batch % group.world:
        parser.error(f"a batch of {recipe.batch} cannot be divided among {group.world} processes")
    epoch = epoch_size(recipe, data)
    # Whole epochs, rounded up to full batches.
    steps = options.steps or -(-epoch // recipe.batch) * recipe.epochs
    settings = Settings(
        config=network.config,
        recipe=recipe,
        steps=steps,
        epoch=epoch,
        seed=options.seed,
        data=data.to_dict(),
        minutes=options.minutes,
        **origin,
    )
    trainer = Trainer(network, settings, group, options.layout)
    train(trainer, data, options.out, _run_options(options, steps))
    return 0


def _network(options: argparse.Namespace) -> tuple[VerteNet, dict[str, Any]]:
    """Return the network to train, and the origin of its initial weights."""
    if options.start is not None:
        checkpoint = load_checkpoint(options.start)
        start = {
            "name": options.start.name,
            "sha256": checkpoint.checksum,
            "trained_on": str(checkpoint.about.get("trained_on", "unknown data")),
            "synthetic": is_synthetic(checkpoint.about),
        }
        # Files of 16 bits from earlier versions may hold infinite variances.
        replace_infinite_variances(checkpoint.network)
        recipe = None if options.recipe is None else RECIPES[options.recipe]
        adds_refiner = recipe is not None and recipe.frozen == "first stage"
        network = add_refiner(checkpoint.network) if adds_refiner else checkpoint.network
        return network, {"start": start, "encoder": "the same weights"}
    config = read_config(options.config or LITE.name)
    if options.size is not None:
        config = replace(config, input_size=options.size)
        if any(side % config.size_step for side in options.size):
            raise CheckpointError(
                f"{config.name} needs heights and widths that are multiples of {config.size_step}"
            )
    network = build(config)
    initialize_heads(network)
    encoder = options.encoder or default_encoder_source(config.encoder)
    return network, {"encoder": initialize_encoder(network, encoder)}


def read_config(name: str) -> Config:
    """Return a configuration by its name or from a JSON file such as ``settings.json``.

    Raises
    ------
    CheckpointError
        If there is neither, or the file is not a configuration.
    """
    if name in CONFIGS:
        return CONFIGS[name]
    if not Path(name).is_file():
        raise CheckpointError(f"{name} is neither a file nor one of {', '.join(CONFIGS)}")
    try:
        document = json.loads(Path(name).read_text())
        return Config.from_dict(document.get("config", document))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{name} is not a configuration ({error})") from error


def _recipe(options: argparse.Namespace, config: Config, device: torch.device) -> TrainingRecipe:
    recipe = default_recipe(config, started=options.start is not None)
    if options.recipe is not None:
        recipe = RECIPES[options.recipe]
    overrides = {
        "batch": options.batch,
        "rate": options.rate,
        "epochs": options.epochs,
        "epoch": options.epoch,
        "precision": options.precision,
        "demanding": options.demanding,
    }
    return adjust_recipe(recipe, device, overrides)


def _run_options(options: argparse.Namespace, steps: int) -> RunOptions:
    values = {name: getattr(options, name) for name in RunOptions.__dataclass_fields__}
    if values["validate_every"] is None:
        values["validate_every"] = min(RunOptions().validate_every, max(1, steps // VALIDATIONS))
    return RunOptions(**values)


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if options.start is not None and (options.config or options.size or options.encoder):
        parser.error(
            "--start defines configuration, size and encoder, so they cannot be given as well"
        )
    if options.out.exists() and not options.out.is_dir():
        parser.error(f"--out {options.out} is a file. Name a folder.")


def _report_reading(count: int, unmarked: int, group: Group) -> None:
    left_out = f"; {unmarked} without landmarks are left out" if unmarked else ""
    if count and group.is_leader:
        sys.stderr.write(f"Reading {count} marked images{left_out}\n")
