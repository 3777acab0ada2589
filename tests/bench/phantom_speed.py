"""Time the drawing of training phantoms with the code of two checkouts, in turns.

    git worktree add ../before COMMIT
    python -m tests.bench.phantom_speed ../before --rounds 5

prints the images per second of processor time on one core, and the ratio of the two.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[2]
# Processor time, so that other programs on the machine change the figures little.
DRAW = """
import json, sys, time
from inference.training.data.samples import PhantomRecipe, draw_example
first, count, options = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
recipe = PhantomRecipe(**options)
draw_example(first - 100, recipe)
before = time.process_time()
for seed in range(first, first + count):
    draw_example(seed, recipe)
print(count / (time.process_time() - before))
"""


def images_per_second(
    checkout: Path, *, first: int, count: int, options: dict[str, float]
) -> float:
    """Return the training examples that the code of a checkout draws per second, on one core."""
    single = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    command = [sys.executable, "-c", DRAW, str(first), str(count), json.dumps(options)]
    answer = subprocess.run(
        command,
        cwd=checkout,
        env={**os.environ, **single, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(answer.stdout)


def main() -> None:
    """Time both checkouts in turns and print rates and ratio."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.phantom_speed")
    parser.add_argument("before", type=Path, help="checkout with the code to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=60, help="examples per round (%(default)s)")
    parser.add_argument("--uses", type=int, default=1, help="examples per subject (%(default)s)")
    parser.add_argument("--classic", action="store_true", help="draw classic families only")
    options = parser.parse_args()
    recipe: dict[str, float] = {"uses": options.uses}
    rates: dict[str, list[float]] = {"before": [], "now": []}
    for turn in range(options.rounds):
        first = 10_000_000 + 1000 * turn
        rates["before"].append(
            images_per_second(
                options.before.resolve(), first=first, count=options.count, options=recipe
            )
        )
        changes = {**recipe, "demanding": 0.0} if options.classic else recipe
        rates["now"].append(
            images_per_second(HERE, first=first, count=options.count, options=changes)
        )
    ratios = [now / before for before, now in zip(*rates.values(), strict=True)]
    for name, values in {**rates, "ratio": ratios}.items():
        unit = "" if name == "ratio" else " images/s"
        low, middle, high = min(values), statistics.median(values), max(values)
        sys.stdout.write(f"{name:<7}{middle:6.2f}{unit} (from {low:.2f} to {high:.2f})\n")


if __name__ == "__main__":
    main()
