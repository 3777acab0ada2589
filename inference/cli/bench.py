"""Command ``python -m inference bench``: compare the speed of runtimes and precisions."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from inference.bench.bench_run import bench
from inference.cli.option_types import positive

HELP = """Time every mode of the paper's network and of the bundled one, alternating within one run.

The reference is the paper's network as published (dense, eager, 32 bits) with its decoding, on an
image in memory. Other modes are reported as ratios to it, with the distance by which they move
landmarks. Absolute times depend on the machine and its load. On a busy machine, use the ratios of
processor time (cpu)."""


def main(argv: Sequence[str]) -> int:
    """Print the table, and write it as JSON with ``--out``."""
    parser = argparse.ArgumentParser(
        prog="python -m inference bench",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--rounds", metavar="N", type=positive, default=7, help="measured rounds (7)"
    )
    parser.add_argument(
        "--threads", metavar="N", type=positive, default=1, help="processor threads (1)"
    )
    parser.add_argument(
        "--phantoms",
        metavar="N",
        type=positive,
        default=20,
        help="phantoms for comparing landmarks (20)",
    )
    parser.add_argument(
        "--weights", metavar="PATH", type=Path, help="use these weights instead of the bundled ones"
    )
    parser.add_argument("--out", metavar="PATH", type=Path, help="also write the figures as JSON")
    options = parser.parse_args(argv)
    report = bench(
        rounds=options.rounds,
        threads=options.threads,
        phantoms=options.phantoms,
        weights=options.weights,
    )
    sys.stdout.write(report.to_text())
    if options.out is not None:
        options.out.write_text(json.dumps(report.to_dict(), indent=1) + "\n")
    return 0
