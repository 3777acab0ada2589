"""``python -m tests.bench.usefulness``: run the repetitions that are missing, and summarise."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from inference.runtime.selection import usable_threads
from tests.bench.usefulness.experiment import Size, read_results, repeat, summarise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=20, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("var/usefulness.jsonl"), metavar="FILE")
    parser.add_argument("--steps", type=int, default=Size.steps, metavar="N")
    parser.add_argument("--threads", type=int, default=usable_threads(), metavar="N")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    done = {int(row["repetition"]) for row in read_results(options.out)}
    for number in range(options.repetitions):
        if number in done:
            continue
        row = repeat(number, Size(steps=options.steps), threads=options.threads)
        # One line per repetition, so that an interrupted experiment continues with the next.
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        sys.stdout.write(f"{row}\n")
        sys.stdout.flush()
    sys.stdout.write(summarise(read_results(options.out)) + "\n")


if __name__ == "__main__":
    main()
