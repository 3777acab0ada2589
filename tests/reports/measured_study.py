"""A study of measured readings with AAC-8: as tidy rows, and submitted in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.results import Agreement
from studies.analytics.scale import CELLS, LEVELS, WALLS, cells_to_score
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.summary.study import StudySummary
from studies.sessions.models import Measurement, Reading, Score
from tests.make import Cast
from tests.reports.study import FACTS

LEVEL_MM = 40.0
ARMS = ("unguided", "measured")


def results_of(shares: np.ndarray) -> dict[str, Any]:
    """Return the results of a measurement from the calcified share of each cell."""
    cells = {
        cell: {
            "calcified": round(share * LEVEL_MM, 2),
            "wall": LEVEL_MM,
            "grade": int(np.digitize(share, [1e-9, 1 / 3, 2 / 3])),
        }
        for cell, share in zip(CELLS, shares.tolist(), strict=True)
    }
    heights = {
        wall: sum(cells[f"{level}_{wall}"]["calcified"] for level in LEVELS) / LEVEL_MM
        for wall in WALLS
    }
    aac8 = {wall: int(np.digitize(height, [1e-9, 1, 2, 3])) for wall, height in heights.items()}
    return {"cells": cells, "aac8": aac8, "unit": "mm"}


def measured_rows(*, cases: int = 12, readers: tuple[str, ...] = ("R1", "R2", "R3")) -> Any:
    """Yield tidy rows: one grade in ten is overridden, and AAC-8 is entered in both arms."""
    rng = np.random.default_rng(15)
    for case in range(cases):
        true = np.clip(rng.uniform(-0.3, 1, 8), 0, 1)
        for reader in readers:
            results = results_of(np.clip(true + rng.normal(0, 0.05, 8) * (true > 0), 0, 1))
            for period, arm in enumerate(ARMS, start=1):
                shared = {"study": "guides", "reader": reader, "case": f"C{case:02}", "arm": arm}
                shared |= {"patient": f"P{case:02}", "period": period, "replicate": 1}
                for cell in cells_to_score(aac8=True):
                    yield shared | _scored(cell, results, arm, bool(rng.random() < 0.1))


def _scored(cell: str, results: dict[str, Any], arm: str, overridden: bool) -> dict[str, Any]:
    level, wall = cell.split("_")
    row = {"level": level, "wall": wall, "validity": 0, "reason": ""}
    if level == "all":
        proposed, highest, length = results["aac8"][wall], 4, None
    else:
        proposed, highest = results["cells"][cell]["grade"], 3
        length = results["cells"][cell]["calcified"]
    row["score"] = highest - proposed if overridden else proposed
    in_arm = arm == "measured"
    return row | {
        "measured_score": proposed if in_arm else None,
        "calcified_mm": length if in_arm else None,
        "measured_aac8": results["aac8"][wall] if in_arm else None,
    }


def measured_study(
    **options: Any,
) -> tuple[list[dict[str, Any]], StudySummary, ReadingTable, Agreement]:
    """Return rows, summary, table and agreement of the study."""
    rows = list(measured_rows(**options))
    table = table_from_rows(enumerate(rows, start=2))
    summary = replace(FACTS, arms=ARMS, aac8=True)
    return rows, summary, table, agreement(table, compare=("measured", "unguided"))


def submit_measured(cast: Cast) -> None:
    """Submit every reading of a study of measured readings that scores AAC-8."""
    rng = np.random.default_rng(9)
    now = timezone.now()
    for reading in Reading.objects.filter(reading_list__study=cast.study).order_by("pk"):
        results = results_of(np.clip(rng.uniform(-0.3, 1, 8), 0, 1))
        if reading.measured:
            Measurement.objects.create(reading=reading, results=results)
        scores = {cell: lengths["grade"] for cell, lengths in results["cells"].items()}
        scores |= {f"all_{wall}": score for wall, score in results["aac8"].items()}
        scores["L1_posterior"] = 3 - scores["L1_posterior"]
        Score.objects.bulk_create(
            Score(reading=reading, cell=cell, score=score, validity=0)
            for cell, score in scores.items()
        )
        reading.state, reading.active_ms = Reading.State.SUBMITTED, 240_000
        reading.opened_at, reading.submitted_at = now - timedelta(minutes=7), now
        reading.save()
