"""Time and peak memory of writing and of reading a million tidy rows, in separate processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studies.analytics.io.tidy_csv import read_csv
from studies.analytics.scale import CELLS
from studies.reports.files.tidy import csv_lines

READERS, CASES = 25, 2500


def rows() -> Iterator[dict[str, Any]]:
    opened = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    shared = {
        "study": "large",
        "reader_site": "A",
        "scanner": "Lunar iDXA",
        "replicate": 1,
        "started_at": opened,
        "submitted_at": opened,
        "active_ms": 120_000,
        "idle_ms": 3000,
        "wall_ms": 123_000,
        "guides_shown": True,
        "simulated": True,
        "app_version": "1",
        "model_version": "VerteNet@0123456789ab",
    }
    for period, arm in enumerate(("guided", "unguided"), start=1):
        for reader in range(READERS):
            for case in range(CASES):
                reading = {
                    **shared,
                    "arm": arm,
                    "period": period,
                    "reader": f"R{reader:02d}",
                    "patient": f"P{case:04d}",
                    "case": f"C{case:04d}",
                    "case_site": "ABC"[case % 3],
                    "position": case + 1,
                    "landmark_set": f"C{case:04d}-v1",
                }
                for column, cell in enumerate(CELLS):
                    level, wall = cell.split("_")
                    score = (case + column + reader % 3) % 4
                    yield {**reading, "level": level, "wall": wall, "score": score, "validity": 0}


def write(path: str) -> None:
    begun = time.process_time()
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(rows()))
    _say(2 * READERS * CASES * len(CELLS), begun)


def read(path: str) -> None:
    begun = time.process_time()
    table = read_csv(Path(path))
    _say(len(table) * len(CELLS), begun)


def _say(count: int, begun: float) -> None:
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(count, time.process_time() - begun, peak)  # noqa: T201
