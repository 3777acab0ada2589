"""Command ``python -m inference phantom``: generate synthetic scans."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from inference.cli.option_types import natural, positive
from inference.phantom.export import write_phantoms
from inference.phantom.families import FAMILIES

HELP = """Generate synthetic lateral-spine scans with a known reference standard.

Writes N DICOM files, each with a JSON of its reference standard. The same seed gives the same
files."""


def main(argv: Sequence[str]) -> int:
    """Write phantoms and print their folder."""
    parser = argparse.ArgumentParser(
        prog="python -m inference phantom",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--count", metavar="N", type=positive, default=10, help="number of scans (10)"
    )
    parser.add_argument("--seed", metavar="S", type=natural, default=0, help="first seed (0)")
    parser.add_argument(
        "--family",
        choices=list(FAMILIES),
        help="draw one family only (default: all, by their shares)",
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="folder for the files"
    )
    options = parser.parse_args(argv)
    paths = write_phantoms(options.count, options.seed, options.out, family=options.family)
    sys.stdout.write(f"{len(paths)} phantoms in {options.out}\n")
    return 0
