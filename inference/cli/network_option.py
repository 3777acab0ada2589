"""Define the options that select a network and how it is run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from inference.cli.option_types import positive
from inference.network.weights_header import CheckpointError, read_header
from inference.pipeline import LandmarkPredictor
from inference.predictor import SHIPPED_WEIGHTS, Predictor
from inference.runtime.session import RuntimeUnavailable


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--weights``, ``--precision`` and ``--threads``."""
    parser.add_argument(
        "--weights", metavar="PATH", type=Path, help="weights to use (default: the bundled ones)"
    )
    parser.add_argument(
        "--precision",
        choices=["f32", "bf16"],
        default="f32",
        help="number format of the computation (f32); bf16 is faster and moves corners slightly",
    )
    parser.add_argument("--threads", metavar="N", type=positive, help="processor threads to use")


def read_checksum(options: argparse.Namespace) -> str:
    """Return the checksum of the selected weights; exit with a message if they cannot be used."""
    try:
        return read_header(options.weights or SHIPPED_WEIGHTS).checksum
    except (CheckpointError, OSError) as error:
        sys.exit(f"The weights cannot be used: {error}")


def load_network(options: argparse.Namespace) -> LandmarkPredictor:
    """Return the network that the options select; exit with a message if it cannot be used.

    On a terminal, the runtime is printed.
    """
    return load_predictor(options)


def load_predictor(options: argparse.Namespace) -> Predictor:
    """Return the network as `load_network` does, with access to what it detects."""
    try:
        predictor = Predictor.load(
            options.weights, threads=options.threads, precision=options.precision
        )
    except (CheckpointError, RuntimeUnavailable, OSError) as error:
        sys.exit(f"The weights cannot be used: {error}")
    # The runtime affects speed and rounding; scripts do not need the message.
    if sys.stderr.isatty():
        sys.stderr.write(f"{predictor.model.name}, running on {predictor.runtime}\n")
    return predictor
