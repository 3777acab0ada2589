"""``python -m inference bench``: how long each way to compute takes, as ratios of one run."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from inference.bench.bench_run import bench
from inference.cli.option_types import positive

HELP = """Time every mode of the paper's network and of the shipped one, in one alternated run.

The reference is the paper's network as it is written, dense, eager, in 32 bits, with its decoding,
on an image in memory; the other modes are given as ratios to it, with how far they move landmarks.
Times by the clock mean nothing from one machine or hour to the next, and on a busy machine the
ratios of processor time (cpu) are the ones to read."""


def main(argv: Sequence[str]) -> int:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(
        prog="python -m inference bench",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--rounds", metavar="N", type=positive, default=7, help="measured rounds (7)"
    )
    parser.add_argument(
        "--threads", metavar="N", type=positive, default=1, help="of the processor (1)"
    )
    parser.add_argument(
        "--phantoms", metavar="N", type=positive, default=20, help="to compare landmarks on (20)"
    )
    parser.add_argument(
        "--weights", metavar="PATH", type=Path, help="in place of the weights that ship"
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
