"""Define the options of ``python -m inference train``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import get_args

from inference.cli.option_types import above_zero, natural, positive, share
from inference.network.configuration import LITE, SMALL, VERTENET
from inference.training.recipes import RECIPES, Precision
from inference.training.trainer import LAYOUTS
from inference.training.training_run import RunOptions

HELP = """Train a network, or continue from trained weights.

Data are phantoms, drawn during training, and marked images: a makesense CSV or a COCO keypoint file
with its images, a JSON as written by predict, or a folder of these. Several --data are mixed by
weight. Of the patients with marked images, 70 % are used for training, 15 % for selecting the best
weights and 15 % for the table of the model card; without patient codes, images are split instead.
The same --seed gives the same split."""
EPILOG = """An interrupted run continues from its last saved step if the same command is repeated,
and ends with the same weights. Several processes can share a run:
  torchrun --nproc-per-node 2 -m inference train ...

in --out DIR:
  best.safetensors   the weights to use, as VERTEREAD_WEIGHTS or --weights
  MODEL_CARD.md      what they were trained on and how accurate they are
  log.csv, log.png   loss and validation error     last.safetensors, state.pt   for continuing

examples:
  python -m inference train --data export --start weights.safetensors --out tuned
  python -m inference train --config vertenet --data labels.csv --out own
  python -m inference train --data phantom:3 --data labels.csv:1 --out mixed"""

COMPLETE_CONFIGS = (VERTENET.name, LITE.name, SMALL.name)


def _size(text: str) -> tuple[int, int]:
    """Return height and width from a text such as "1024x512"."""
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is not a size. Expected HEIGHTxWIDTH.")
    return int(match[1]), int(match[2])


def train_parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    defaults = RunOptions()
    parser = argparse.ArgumentParser(
        prog="python -m inference train",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--data",
        metavar="SOURCE[:WEIGHT]",
        action="append",
        help="phantom, a file of marked images or a folder; can be repeated (phantom)",
    )
    add("--out", metavar="DIR", type=Path, default=Path("var/training"), help="(%(default)s)")
    add("--start", metavar="FILE", type=Path, help="weights to continue from")
    add(
        "--config",
        metavar="NAME",
        help=f"{', '.join(COMPLETE_CONFIGS)}, a baseline such as vertenet-vld, or a JSON file "
        f"({LITE.name})",
    )
    add(
        "--recipe",
        choices=list(RECIPES),
        help="training recipe (default: depends on the configuration)",
    )
    add("--seed", metavar="S", type=natural, default=0, help="random seed (0)")
    add(
        "--validation",
        metavar="PATH",
        nargs="+",
        type=Path,
        help="images for selecting the best weights",
    )
    add("--encoder", metavar="SOURCE", help="imagenet, none, or a file of encoder weights")
    add("--size", metavar="HxW", type=_size, help="another input size, such as 1024x512")
    _add_changes(parser)
    run_options = parser.add_argument_group("during training")
    for name, description in (
        ("save-every", "steps between saved states"),
        ("log-every", "steps between rows of the log"),
        ("validation-phantoms", "phantoms for validation, if there are no validation images"),
        ("test-phantoms", "phantoms for the model card"),
        ("workers", "processes that draw or read examples"),
        ("threads", "processor threads"),
    ):
        default = getattr(defaults, name.replace("-", "_"))
        kind = natural if name == "workers" else positive
        run_options.add_argument(
            f"--{name}",
            metavar="N",
            type=kind,
            default=default,
            help=f"{description} (%(default)s)",
        )
    run_options.add_argument(
        "--validate-every",
        metavar="N",
        type=positive,
        help=f"steps between validations ({defaults.validate_every}, or a tenth of a shorter run)",
    )
    run_options.add_argument(
        "--layout",
        choices=list(LAYOUTS),
        default="channels-last",
        help="memory layout of maps; a GPU may be faster with either (%(default)s)",
    )
    run_options.add_argument("--cpu", action="store_true", help="do not use a GPU")
    return parser


def _add_changes(parser: argparse.ArgumentParser) -> None:
    changes = parser.add_argument_group("changes to the recipe")
    changes.add_argument(
        "--steps", metavar="N", type=positive, help="steps instead of whole epochs"
    )
    changes.add_argument("--epochs", metavar="N", type=positive, help="number of epochs")
    changes.add_argument("--epoch", metavar="N", type=positive, help="examples per epoch")
    changes.add_argument("--batch", metavar="N", type=positive, help="examples per step")
    changes.add_argument("--rate", metavar="R", type=above_zero, help="learning rate")
    changes.add_argument(
        "--demanding",
        metavar="SHARE",
        type=share,
        help="share of phantoms with subtracted soft tissue, degenerative spines, limited fields "
        "or altered exports (0.4)",
    )
    changes.add_argument("--precision", choices=get_args(Precision), help="number format")
    changes.add_argument(
        "--minutes",
        metavar="M",
        type=above_zero,
        help="end after this time; the rate follows the clock, so runs are not reproducible",
    )
