"""A small simulated study as plain data, for everything that reports are made from."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.summary.conduct import (
    AmendmentSummary,
    ConductEvent,
    InterimLookSummary,
    StudyReopeningSummary,
)
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

CONDUCT: dict[str, Any] = {
    "amendments": (AmendmentSummary(2, date(2026, 10, 5), "name", "Sponsor changed"),),
    "events": (
        ConductEvent(datetime(2026, 11, 2, 9, tzinfo=UTC), "Reading paused"),
        ConductEvent(datetime(2026, 11, 3, 9, tzinfo=UTC), "2 cases of reader R3 reassigned to R2"),
    ),
    "study_reopenings": (
        StudyReopeningSummary(
            at=datetime(2026, 11, 21, 10, tzinfo=UTC),
            requested_by="CO01 (coordinator)",
            requested_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
            confirmed_by="S01 (statistician)",
            locked_at=datetime(2026, 11, 19, 10, tzinfo=UTC),
            reason="Image of another patient",
        ),
    ),
}
CONDUCT_TEXTS = (
    "5 Oct 2026: name. Reason: Sponsor changed",
    "2 Nov 2026, 09:00 UTC: Reading paused",
    "2 cases of reader R3 reassigned to R2",
    (
        "Requested by CO01 (coordinator), 20 Nov 2026, 10:00 UTC. Reopened by S01 (statistician), "
        "21 Nov 2026, 10:00 UTC. Reason: Image of another patient"
    ),
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


def table_of_groups(groups: dict[str, tuple[str, ...]], **options: Any) -> ReadingTable:
    """Return readings in which each arm has only the readings of these readers."""
    rows = tidy_rows(readers=len({name for group in groups.values() for name in group}), **options)
    selected = [row for row in rows if row["reader"] in groups[row["arm"]]]
    return table_from_rows(enumerate(selected, start=2))


def study(**options: Any) -> tuple[list[dict[str, Any]], StudySummary, ReadingTable, Agreement]:
    rows = tidy_rows(**options)
    digest = hashlib.sha256()
    table = table_from_rows(enumerate(hashed(rows, digest), start=2))
    return rows, replace(FACTS, data_hash=digest.hexdigest()), table, agreement(table)
