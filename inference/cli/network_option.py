"""The network that a command is asked to use: which weights, how computed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from inference.cli.option_types import positive
from inference.network.weights_header import CheckpointError
from inference.pipeline import LandmarkPredictor
from inference.predictor import Predictor
from inference.runtime.session import RuntimeUnavailable


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """``--weights``, ``--precision`` and ``--threads``."""
    parser.add_argument(
        "--weights", metavar="PATH", type=Path, help="weights to use (default: those that ship)"
    )
    parser.add_argument(
        "--precision",
        choices=["f32", "bf16"],
        default="f32",
        help="numbers to compute with (f32); bf16 is faster and moves corners by a little",
    )
    parser.add_argument("--threads", metavar="N", type=positive, help="processor threads to use")


def load_network(options: argparse.Namespace) -> LandmarkPredictor:
    """A warm network by these options; one that cannot be used ends the program with one line.

    A person at a terminal is told what computes.
    """
    try:
        predictor = Predictor.load(
            options.weights, threads=options.threads, precision=options.precision
        )
    except (CheckpointError, RuntimeUnavailable, OSError) as error:
        sys.exit(f"The weights cannot be used: {error}")
    if sys.stderr.isatty():
        sys.stderr.write(f"{predictor.model.name}, computed by {predictor.runtime}\n")
    return predictor
