"""``python -m inference train``: weights from phantoms, marked images, or both."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import torch

from inference.annotations.marked_images import FormatError
from inference.cli.option_types import above_zero, natural, positive
from inference.network.checkpoint import load_checkpoint
from inference.network.configuration import CONFIGS, LITE, SMALL, VERTENET, Config
from inference.network.vertenet.network import VerteNet, build
from inference.network.vertenet.precision import benefits_from_bf16
from inference.network.weights_header import CheckpointError
from inference.training.data.sources import read_data
from inference.training.data.split import describe_split
from inference.training.distributed import Group, join_group, leave_group
from inference.training.initialization import (
    default_encoder_source,
    initialize_encoder,
    initialize_heads,
    replace_infinite_variances,
)
from inference.training.malloc_tuning import retain_freed_memory
from inference.training.recipes import RECIPES, Precision, TrainingRecipe, default_recipe
from inference.training.settings import Settings, epoch_size
from inference.training.trainer import LAYOUTS, RunMismatch, Trainer
from inference.training.training_run import RunOptions, train

HELP = """Train a network, or go on from trained weights.

Data are phantoms drawn as it learns, and marked images: a makesense CSV or a COCO keypoint file
with its images, a JSON as predict writes it, or a folder of these. Several --data are mixed by
weight. Of the patients who are marked 70 % are trained on, 15 % choose the best weights and 15 %
give the table of the model card; where a file names no patients, of the images. The same --seed
splits them alike."""
EPILOG = """A run that was stopped goes on from its last saved step when the same command is given
again, and ends with the same weights. Several processes share a run:
  torchrun --nproc-per-node 2 -m inference train ...

in --out DIR:
  best.safetensors   the weights to use, as VERTEREAD_WEIGHTS or --weights
  MODEL_CARD.md      what they were trained on and how accurate they are
  log.csv, log.png   loss and validation error     last.safetensors, state.pt   to go on from

examples:
  python -m inference train --data export --start weights.safetensors --out tuned
  python -m inference train --config vertenet --data labels.csv --out own
  python -m inference train --data phantom:3 --data labels.csv:1 --out mixed"""

VALIDATIONS = 10
"""How often at least a run's weights are measured, as far as it has steps, to choose the best."""
WHOLE_CONFIGS = (VERTENET.name, LITE.name, SMALL.name)


def main(argv: Sequence[str]) -> int:
    """Train; what cannot be used ends the program with one line."""
    parser = _parser()
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
        sys.exit(f"{error}: choose another folder")
    finally:
        leave_group()


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser, group: Group) -> int:
    torch.manual_seed(options.seed)
    network, origin = _network(options)
    data = read_data(
        options.data or ["phantom"],
        seed=options.seed,
        validation=options.validation or (),
        report_counts=lambda count, unmarked: _say_reading(count, unmarked, group),
    )
    if group.is_leader and (words := describe_split(data.to_dict())):
        sys.stderr.write(f"{words}\n")
    recipe = _recipe(options, network.config, group.device)
    if recipe.batch % group.world:
        parser.error(f"a batch of {recipe.batch} cannot be shared by {group.world} processes")
    epoch = epoch_size(recipe, data)
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
    train(trainer, data, options.out, _habits(options, steps))
    return 0


def _network(options: argparse.Namespace) -> tuple[VerteNet, dict[str, Any]]:
    """What is trained, and where its weights come from."""
    if options.start is not None:
        checkpoint = load_checkpoint(options.start)
        start = {
            "name": options.start.name,
            "sha256": checkpoint.checksum,
            "trained_on": str(checkpoint.about.get("trained_on", "unknown data")),
        }
        replace_infinite_variances(checkpoint.network)
        return checkpoint.network, {"start": start, "encoder": "the same weights"}
    config = read_config(options.config or LITE.name)
    if options.size is not None:
        config = replace(config, input_size=options.size)
        if any(side % config.size_step for side in options.size):
            raise CheckpointError(
                f"{config.name} takes heights and widths that are multiples of {config.size_step}"
            )
    network = build(config)
    initialize_heads(network)
    encoder = options.encoder or default_encoder_source(config.encoder)
    return network, {"encoder": initialize_encoder(network, encoder)}


def read_config(name: str) -> Config:
    """A configuration by its name, or from a JSON file as ``settings.json`` holds one.

    Raises
    ------
    CheckpointError
        Where there is neither.
    """
    if name in CONFIGS:
        return CONFIGS[name]
    if not Path(name).is_file():
        raise CheckpointError(f"{name} is no file and none of {', '.join(CONFIGS)}")
    try:
        found = json.loads(Path(name).read_text())
        return Config.from_dict(found.get("config", found))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{name} is no configuration ({error})") from error


def fitted(recipe: TrainingRecipe, device: torch.device, told: Mapping[str, Any]) -> TrainingRecipe:
    """A recipe with what was told of it; its bf16 becomes 32 bits where that saves no time."""
    if recipe.precision == "bf16" and not benefits_from_bf16(device):
        recipe = replace(recipe, precision="f32")
    return replace(recipe, **{name: value for name, value in told.items() if value is not None})


def _recipe(options: argparse.Namespace, config: Config, device: torch.device) -> TrainingRecipe:
    recipe = default_recipe(config, started=options.start is not None)
    if options.recipe is not None:
        recipe = RECIPES[options.recipe]
    told = {
        "batch": options.batch,
        "rate": options.rate,
        "epochs": options.epochs,
        "epoch": options.epoch,
        "precision": options.precision,
    }
    return fitted(recipe, device, told)


def _habits(options: argparse.Namespace, steps: int) -> RunOptions:
    told = {name: getattr(options, name) for name in RunOptions.__dataclass_fields__}
    if told["validate_every"] is None:
        told["validate_every"] = min(RunOptions().validate_every, max(1, steps // VALIDATIONS))
    return RunOptions(**told)


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if options.start is not None and (options.config or options.size or options.encoder):
        parser.error("--start brings its own configuration, size and encoder")
    if options.out.exists() and not options.out.is_dir():
        parser.error(f"--out {options.out} is a file: name a folder")


def _say_reading(count: int, unmarked: int, group: Group) -> None:
    left_out = f"; {unmarked} without a mark are left out" if unmarked else ""
    if count and group.is_leader:
        sys.stderr.write(f"reading {count} marked images once{left_out}\n")


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is no size: expected HEIGHTxWIDTH")
    return int(found[1]), int(found[2])


def _parser() -> argparse.ArgumentParser:
    usual = RunOptions()
    parser = argparse.ArgumentParser(
        prog="python -m inference train",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--data",
        metavar="WHAT[:WEIGHT]",
        action="append",
        help="phantom, a truth file or a folder of them; may be given several times (phantom)",
    )
    add("--out", metavar="DIR", type=Path, default=Path("var/training"), help="(%(default)s)")
    add("--start", metavar="FILE", type=Path, help="weights to go on from")
    add(
        "--config",
        metavar="NAME",
        help=f"{', '.join(WHOLE_CONFIGS)}, a baseline such as vertenet-vld, or a JSON file "
        f"({LITE.name})",
    )
    add("--recipe", choices=list(RECIPES), help="how to train (what suits the configuration)")
    add("--seed", metavar="S", type=natural, default=0, help="of everything drawn by chance (0)")
    add("--validation", metavar="PATH", nargs="+", type=Path, help="choose the best weights here")
    add("--encoder", metavar="WHAT", help="imagenet, none, or a file of the encoder's weights")
    add("--size", metavar="HxW", type=_size, help="another input size, such as 1024x512")
    _add_changes(parser)
    run_options = parser.add_argument_group("on the way")
    for name, words in (
        ("save-every", "steps between saved states"),
        ("log-every", "steps between rows of the log"),
        ("validation-phantoms", "phantoms to choose by, where no images are held back"),
        ("test-phantoms", "phantoms in the model card"),
        ("workers", "processes that draw and read examples"),
        ("threads", "of the processor"),
    ):
        default = getattr(usual, name.replace("-", "_"))
        kind = natural if name == "workers" else positive
        run_options.add_argument(
            f"--{name}", metavar="N", type=kind, default=default, help=f"{words} (%(default)s)"
        )
    run_options.add_argument(
        "--validate-every",
        metavar="N",
        type=positive,
        help=f"steps between validations ({usual.validate_every}, or a tenth of a shorter run)",
    )
    run_options.add_argument(
        "--layout",
        choices=list(LAYOUTS),
        default="channels-last",
        help="of maps in memory; a GPU may be faster with either (%(default)s)",
    )
    run_options.add_argument("--cpu", action="store_true", help="use no GPU")
    return parser


def _add_changes(parser: argparse.ArgumentParser) -> None:
    changes = parser.add_argument_group("changes to the recipe")
    changes.add_argument("--steps", metavar="N", type=positive, help="in place of whole epochs")
    changes.add_argument("--epochs", metavar="N", type=positive)
    changes.add_argument("--epoch", metavar="N", type=positive, help="examples in an epoch")
    changes.add_argument("--batch", metavar="N", type=positive, help="examples a step")
    changes.add_argument("--rate", metavar="R", type=above_zero, help="learning rate")
    changes.add_argument("--precision", choices=get_args(Precision))
    changes.add_argument(
        "--minutes",
        metavar="M",
        type=above_zero,
        help="end after so much training; the rate follows the clock, so nothing repeats exactly",
    )
