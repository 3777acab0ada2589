"""Define the options of commands that fit constants to phantoms and judge them on others."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from inference.cli.option_types import natural, positive

T = TypeVar("T")


def add_fitting_options(
    parser: argparse.ArgumentParser, *, fit: tuple[int, int], test: tuple[int, int]
) -> None:
    """Add ``--out``, ``--constants``, and number and first seed of the phantoms.

    Parameters
    ----------
    parser
        The parser.
    fit, test
        Default number and default first seed of the phantoms for fitting and for judging.
    """
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for results")
    parser.add_argument(
        "--constants",
        metavar="FILE",
        type=Path,
        help="judge the constants in FILE instead of fitting new ones",
    )
    for name, (count, first), purpose in (
        ("fit", fit, "phantoms for fitting"),
        ("test", test, "held-out phantoms for judging"),
    ):
        parser.add_argument(
            f"--{name}", metavar="N", type=positive, default=count, help=f"{purpose} (%(default)s)"
        )
        parser.add_argument(
            f"--{name}-seed",
            metavar="S",
            type=natural,
            default=first,
            help="first seed of these (%(default)s)",
        )


def read_constants(path: Path, read: Callable[[Path], T]) -> T:
    """Return the constants in a file; exit with a message if they cannot be read."""
    try:
        return read(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        sys.exit(f"The constants in {path} cannot be read: {reason}")
