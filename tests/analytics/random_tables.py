"""Random tables: missing cells and readings, single scores, several cases per patient."""

from __future__ import annotations

import numpy as np

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.scale import CELLS
from studies.analytics.table import ReadingTable


def random_table(seed: int, *, readers: int = 4, cases: int = 9) -> ReadingTable:
    """Return readings in both arms; every other seed has several cases of each patient."""
    rng = np.random.default_rng(seed)
    patients = cases if seed % 2 else max(2, cases // 3)
    lost, absent = rng.choice([0.0, 0.1, 0.5]), rng.choice([0.0, 0.3, 0.6])
    grades = rng.integers(0, 4, (cases, 8))
    lines = ["reader,case,patient,arm,period,level,wall,score,validity,active_ms"]
    for period, arm in enumerate(("unguided", "guided"), start=1):
        for reader in range(readers):
            one_score = rng.random() < 0.15
            for case in range(cases):
                if case > 1 and rng.random() < absent:
                    continue
                for cell_index, cell in enumerate(CELLS):
                    score = int(np.clip(grades[case, cell_index] + rng.integers(-1, 2), 0, 3))
                    score = 0 if one_score else score
                    missing = rng.random() < lost
                    lines.append(
                        f"R{reader + 1},C{case:02d},P{case % patients:02d},{arm},{period},"
                        f"{cell.replace('_', ',')},{'' if missing else score},"
                        f"{3 if missing else 0},200000"
                    )
    return parse_csv("\n".join(lines))
