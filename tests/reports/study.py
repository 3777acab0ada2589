"""A small simulated study as plain data, for everything that reports are made from."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.summary.conduct import InterimLookSummary
from studies.reports.document.summary.study import (
    CaseCount,
    ModelSummary,
    ReaderSummary,
    SiteSummary,
    StudySummary,
)
from studies.reports.files.tidy import hashed
from tests.analytics.rows import crossover

FACTS = StudySummary(
    name="Guides for AAC-24",
    slug="guides",
    arms=("unguided", "guided"),
    sites=(SiteSummary("A", "Aarhus"), SiteSummary("B", "Perth")),
    readers=(
        ReaderSummary("R1", "Aarhus"),
        ReaderSummary("R2", "Perth"),
        ReaderSummary("R3", "Perth"),
    ),
    readers_per_case=3,
    cases_uploaded=33,
    cases_assigned=30,
    cases_excluded=(CaseCount("rejected", "not a lateral spine", 3),),
    readings_assigned=180,
    readings_submitted=180,
    washout_days=28,
    seed=7,
    outcome="cells",
    weights="linear",
    group_limits=(2, 6),
    boundary="lower",
    interim_looks=(InterimLookSummary(datetime(2026, 11, 10, 14, tzinfo=UTC), "Ann", "Times"),),
    locked_at=datetime(2026, 11, 22, 14, 5, tzinfo=UTC),
    snapshot_at=datetime(2026, 11, 22, 14, 6, tzinfo=UTC),
    data_hash="",
    app_version="0.1.0",
    models=(ModelSummary("lite", "ab" * 32, "trained on synthetic images, for demonstration"),),
    simulated=True,
)


def tidy_rows(**options: Any) -> list[dict[str, Any]]:
    """Return rows as the database export gives them: numbers, times and truth values."""
    opened = datetime(2026, 11, 1, 8, tzinfo=UTC)
    numbers = ("period", "replicate", "score", "validity", "active_ms")
    return [
        {
            **row,
            **{name: int(row[name]) if row[name] else None for name in numbers},
            "study": "guides",
            "reader_site": "A",
            "case_site": "A",
            "scanner": "GE Lunar iDXA",
            "reason": "",
            "started_at": opened,
            "submitted_at": opened,
            "idle_ms": 1000,
            "wall_ms": 400_000,
            "guides_shown": row["arm"] == "guided",
            "simulated": True,
        }
        for row in csv.DictReader(io.StringIO(crossover(**options)))
    ]


def study(**options: Any) -> tuple[list[dict[str, Any]], StudySummary, ReadingTable, Agreement]:
    rows = tidy_rows(**options)
    digest = hashlib.sha256()
    table = table_from_rows(enumerate(hashed(rows, digest), start=2))
    return rows, replace(FACTS, data_hash=digest.hexdigest()), table, agreement(table)
