"""Vectors with which server and browser check that they measure alike.

`write_vectors` draws the seeded cases again after a deliberate change of the method:
``python -m tests.sessions.measuring.vectors``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from studies.sessions.measuring.grades import measure_traces

PATH = Path(__file__).with_name("vectors.json")
SIZES = ((0.25, 0.25), (0.35, 0.7), (1.0, 1.25))


def draw_input(rng: np.random.Generator) -> dict[str, Any]:
    """Draw the traces and boundaries of one reading, some of them missing or unusual."""
    height = rng.uniform(20, 60)
    slope = rng.uniform(-0.5, 0.5)
    boundaries = []
    for number in range(5):
        middle = 40 + number * height + rng.normal(0, 0.1 * height)
        tilt = rng.normal(0, 8)
        line = [[100.0, middle - tilt], [200.0, middle + tilt]]
        boundaries.append(None if rng.random() < 0.06 else line)
    traces = []
    for _ in range(rng.integers(0, 6)):
        wall = str(rng.choice(["anterior", "posterior"]))
        top, length = rng.uniform(0, 6 * height), rng.uniform(0, 2 * height)
        along = np.linspace(top, top + length, rng.integers(2, 7))
        offset = 150 if wall == "posterior" else 190
        across = offset + slope * along + rng.normal(0, 2, len(along))
        traces.append({"wall": wall, "points": np.column_stack([across, along]).tolist()})
    return {"traces": traces, "boundaries": boundaries}


def write_vectors(count: int = 60) -> None:
    """Write the seeded cases with what the server measures."""
    rng = np.random.default_rng(4711)
    vectors = []
    for number in range(count):
        drawn = draw_input(rng)
        across, down = SIZES[number % len(SIZES)]
        rule = ("lower", "upper")[number % 2]
        expected = measure_traces(**drawn, across=across, down=down, rule=rule)
        vectors.append(
            {**drawn, "across": across, "down": down, "rule": rule, "expected": expected}
        )
    PATH.write_text(json.dumps(vectors) + "\n")


if __name__ == "__main__":
    write_vectors()
