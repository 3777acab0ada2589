"""Tidy rows for tests: a small crossover with one error rate per arm, also with repeats."""

from __future__ import annotations

import csv
import io

import numpy as np

from studies.analytics.scale import CELLS

HEADER = "reader,case,patient,arm,period,replicate,level,wall,score,validity,active_ms"


def crossover(
    *,
    readers: int = 3,
    cases: int = 30,
    errors: dict[str, float] | None = None,
    unreadable: float = 0.02,
    seed: int = 7,
) -> str:
    """Return readings of the same cases in every arm; a score is off by one at the arm's rate."""
    rng = np.random.default_rng(seed)
    burden = rng.choice([0, 0, 1, 2], size=cases)
    grades = np.clip(burden[:, None] + rng.integers(-1, 2, size=(cases, 8)), 0, 3)
    lines = [HEADER]
    for arm, rate in (errors or {"unguided": 0.5, "guided": 0.2}).items():
        for reader in range(readers):
            for case in range(cases):
                seconds = rng.integers(90, 400)
                for cell_index, cell in enumerate(CELLS):
                    slip = rng.choice([-1, 0, 1], p=[rate / 2, 1 - rate, rate / 2])
                    score: str | int = int(np.clip(grades[case, cell_index] + slip, 0, 3))
                    validity = 0
                    if rng.random() < unreadable:
                        score, validity = "", 3
                    level, wall = cell.split("_")
                    lines.append(
                        f"R{reader + 1},C{case + 1:03d},P{case + 1:03d},{arm},1,1,"
                        f"{level},{wall},{score},{validity},{seconds * 1000}"
                    )
    return "\n".join(lines) + "\n"


def simulated_rows() -> list[dict]:
    """Return a crossover with periods, positions and repeats of the first cases."""
    rng, rows, positions = np.random.default_rng(4), [], {}
    for row in csv.DictReader(io.StringIO(crossover(readers=3, cases=40))):
        number = int(row["case"][1:])
        key = (row["reader"], row["arm"], row["case"])
        position = positions.setdefault(key, int(rng.integers(1, 60)))
        guided_first = number % 2 == 0
        period = 1 if (row["arm"] == "guided") == guided_first else 2
        rows.append({**row, "period": period, "position": position, "case_site": "AB"[number % 2]})
        if number <= 12:
            score = row["score"] and str(min(3, int(row["score"]) + (rng.random() < 0.2)))
            again = {"replicate": 2, "position": 70, "score": score, "period": period}
            rows.append({**row, **again, "case_site": "AB"[number % 2]})
    return rows
