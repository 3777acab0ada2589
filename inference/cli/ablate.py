"""Command ``python -m inference ablate``: train and compare the paper's baseline networks."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import torch

from inference.annotations.marked_images import FormatError
from inference.cli.option_types import above_zero, natural, positive
from inference.cli.train import read_config
from inference.network.configuration import CHANGES, SMALL
from inference.network.weights_header import CheckpointError
from inference.training.ablation.tables import table_markdown, trials_csv
from inference.training.ablation.trials import WHOLE, Protocol, ablate, read_trials
from inference.training.data.image_cache import ImageCache
from inference.training.data.sources import Data, read_data
from inference.training.distributed import join_group
from inference.training.malloc_tuning import retain_freed_memory
from inference.training.recipes import RECIPES, Precision, adjust_recipe
from inference.training.trainer import LAYOUTS, RunMismatch
from inference.training.training_run import RunOptions

HELP = """Train the network and the paper's baselines on the same data, with several seeds each.

whole              the complete network
plain              conventional fusion instead of its fusion blocks
without-drsa       fusion blocks without self-attention
without-drca       fusion blocks without cross-attention
single-resolution  attention at a single resolution
mean-pooling       mean instead of maximum pooling for the coarser resolution
vld                ResNet-34 with conventional fusion

All are evaluated after the last step, on images that were not used for training. The table shows
means over seeds with 95 % confidence intervals (Student's t), and the differences from the complete
network, paired by seed. Several commands may share --out with different seeds or networks; the
tables then contain everything that has been finished."""


def main(argv: Sequence[str]) -> int:
    """Train and evaluate; the tables are updated after every trial."""
    options = _parser().parse_args(argv)
    retain_freed_memory()
    torch.set_num_threads(options.threads)
    overrides = {"batch": options.batch, "rate": options.rate, "precision": options.precision}
    run_options = RunOptions(
        save_every=options.save_every,
        test_phantoms=options.test_phantoms,
        workers=options.workers,
        threads=options.threads,
    )
    try:
        device = join_group(on_cpu=options.cpu).device
        recipe = adjust_recipe(RECIPES[options.recipe], device, overrides)
        config = read_config(options.config)
        protocol = Protocol(config, recipe, options.steps, run_options, device, options.layout)
        _run(options, protocol)
    except FormatError as error:
        sys.exit(f"The data cannot be used: {error}")
    except CheckpointError as error:
        sys.exit(f"The configuration cannot be used: {error}")
    except RunMismatch as error:
        sys.exit(f"{error}. Choose another folder.")
    sys.stdout.write((options.out / "ablation.md").read_text())
    return 0


def _run(options: argparse.Namespace, protocol: Protocol) -> None:
    specs, image_cache = options.data or ["phantom"], ImageCache()
    # Tables need the data of a single seed, to describe the sources.
    first = options.first_seed
    seeds = range(first, first + (1 if options.table else options.seeds))
    data = {seed: read_data(specs, seed=seed, image_cache=image_cache) for seed in seeds}
    if options.table:
        if not options.out.is_dir():
            raise RunMismatch(f"{options.out} is not a folder with trials")
        _write(options.out, protocol, data[first])
        return
    for _ in ablate(protocol, data, options.out, sys.stderr, options.only or ()):
        _write(options.out, protocol, data[first])


def _write(out: Path, protocol: Protocol, data: Data) -> None:
    """Write the tables of all finished trials, including those of other processes."""
    trials = read_trials(protocol, data, out)
    label = _caption(protocol, data.to_dict())
    out.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("ablation.csv", trials_csv(trials)),
        ("ablation.md", table_markdown(trials, label=label)),
    ):
        # Another process may read the table: replace it atomically.
        # The process number keeps several commands that share the folder apart.
        temporary = out / f"new-{os.getpid()}-{name}"
        temporary.write_text(text)
        temporary.replace(out / name)


def _caption(protocol: Protocol, data: dict[str, list[dict[str, object]]]) -> str:
    height, width = protocol.config.input_size
    sources = ", ".join(
        f"{source['images']} images of {Path(str(source['name'])).name}"
        if source["images"]
        else "phantoms"
        for source in data["sources"]
    )
    return (
        f"{protocol.config.name} at {height} x {width}, {protocol.steps} steps of "
        f"{protocol.recipe.batch} on {sources}, recipe {protocol.recipe.name} at a rate of "
        f"{protocol.recipe.rate:g}; 95 % confidence intervals over seeds."
    )


def _parser() -> argparse.ArgumentParser:
    defaults = RunOptions()
    parser = argparse.ArgumentParser(
        prog="python -m inference ablate",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--out", metavar="DIR", type=Path, required=True, help="folder for trials and tables")
    add("--data", metavar="SOURCE[:WEIGHT]", action="append", help="as for train (phantom)")
    add("--config", metavar="NAME", default=SMALL.name, help="as for train (%(default)s)")
    add("--recipe", choices=list(RECIPES), default="averaged", help="training recipe (%(default)s)")
    add("--steps", metavar="N", type=positive, default=1000, help="steps per trial (%(default)s)")
    add("--seeds", metavar="N", type=positive, default=3, help="seeds per network (%(default)s)")
    add("--first-seed", metavar="S", type=natural, default=0, help="first seed (%(default)s)")
    add("--only", nargs="+", choices=[WHOLE, *CHANGES], metavar="NETWORK", help="networks (all)")
    add("--batch", metavar="N", type=positive, help="examples per step")
    add("--rate", metavar="R", type=above_zero, help="learning rate")
    add("--precision", choices=get_args(Precision), help="number format of the computation")
    add(
        "--test-phantoms",
        metavar="N",
        type=positive,
        default=50,
        help="for evaluation (%(default)s)",
    )
    add(
        "--save-every",
        metavar="N",
        type=positive,
        default=defaults.save_every,
        help="steps between saved states (%(default)s)",
    )
    add(
        "--workers",
        metavar="N",
        type=natural,
        default=defaults.workers,
        help="processes for examples (%(default)s)",
    )
    add(
        "--threads",
        metavar="N",
        type=positive,
        default=defaults.threads,
        help="processor threads (%(default)s)",
    )
    add("--layout", choices=list(LAYOUTS), default="channels-last", help="memory layout of maps")
    add("--cpu", action="store_true", help="do not use a GPU")
    add("--table", action="store_true", help="train nothing; write tables of finished trials")
    return parser
