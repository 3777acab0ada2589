"""The JSON of all statistics: what it selects, and that long ones need little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from studies.analytics.study.agreement import agreement
from studies.errors import StudyError
from studies.reports.files import statistics
from studies.reports.files.statistics import StatisticsScope, parse_scope, statistics_pieces
from studies.reports.snapshot import Snapshot
from tests.reports.study import CONDUCT, study

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    _, summary, table, results = study(readers=3, cases=12)
    return Snapshot("key", summary, table, results)


def document(snapshot: Snapshot, text: str = "") -> dict:
    scope = parse_scope(text, snapshot.table, snapshot.results)
    return json.loads(
        b"".join(statistics_pieces(snapshot.summary, snapshot.table, snapshot.results, scope))
    )


def test_study_with_few_pairs_has_every_record_in_the_order_of_agreement(snapshot) -> None:
    records = agreement(snapshot.table, detail=True).records()
    assert document(snapshot)["results"] == json.loads(json.dumps(records))
    assert document(snapshot)["selection"] == "full"
    assert document(snapshot, "all") == document(snapshot)


def test_summary_of_many_pairs_has_pairs_only_in_the_primary_outcome(snapshot, monkeypatch) -> None:
    monkeypatch.setattr(statistics, "MAX_PAIRS", 2)
    short, whole = document(snapshot), document(snapshot, "all")
    assert short["selection"] == "summary"
    pairs = {
        record["outcome"] for record in short["results"] if record["statistic"] == "cohen_kappa"
    }
    means = {
        record["outcome"] for record in short["results"] if record["statistic"] == "light_kappa"
    }
    assert pairs == {snapshot.summary.outcome}
    assert means == set(snapshot.table.outcomes)
    assert all(record in whole["results"] for record in short["results"])
    assert len(whole["results"]) > 5 * len(short["results"])


def test_selected_outcomes_have_every_statistic_and_the_others_none(snapshot) -> None:
    selected, whole = document(snapshot, "L1, aac24"), document(snapshot)
    assert selected["outcomes"] == ["L1", "aac24"]
    of_these = [record for record in whole["results"] if record["outcome"] in ("L1", "aac24")]
    assert [
        record for record in selected["results"] if record["outcome"] in ("L1", "aac24")
    ] == of_these
    rest = {record["outcome"] for record in selected["results"]} - {"L1", "aac24"}
    assert not rest & set(snapshot.table.outcomes)


def test_unknown_outcome_is_rejected_with_a_list_of_outcomes(snapshot) -> None:
    with pytest.raises(StudyError, match=r"Unknown outcome: L9\. Use cells"):
        parse_scope("L1,L9", snapshot.table, snapshot.results)


def test_pieces_are_small_and_made_one_by_one(snapshot) -> None:
    pieces = statistics_pieces(
        snapshot.summary, snapshot.table, snapshot.results, StatisticsScope()
    )
    sizes = [len(next(pieces)) for _ in range(3)]
    assert all(64_000 < size < 80_000 for size in sizes)


# Not ru_maxrss, which starts with the peak of the process that starts this one.
MEMORY = """
from pathlib import Path
from studies.reports.snapshot import Snapshot
from studies.reports.files.statistics import StatisticsScope, statistics_pieces
from tests.reports.study import CONDUCT, study

_, summary, table, results = study(readers=14, cases=15)
snapshot = Snapshot("key", summary, table, results)
peak = lambda: int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
before, size = peak(), 0
scope = StatisticsScope(("cells", "L1", "aac24"))
for piece in statistics_pieces(snapshot.summary, snapshot.table, snapshot.results, scope):
    size += len(piece)
print(size, (peak() - before) * 1024)
"""


@pytest.mark.slow
def test_document_is_streamed_in_less_memory_than_its_length() -> None:
    code = "import django; django.setup()\n" + MEMORY
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    size, grown = map(int, done.stdout.split())
    assert size > 5_000_000
    assert grown < size / 2


def test_amendments_interruptions_and_reopenings_are_records(snapshot) -> None:
    conduct = document(replace(snapshot, summary=replace(snapshot.summary, **CONDUCT)))["conduct"]
    assert conduct["amendments"] == [
        {"number": 2, "dated": "2026-10-05", "change": "name", "reason": "Sponsor changed"}
    ]
    assert [event["text"] for event in conduct["events"]] == [
        "Reading paused",
        "2 cases of reader R3 reassigned to R2",
    ]
    (reopening,) = conduct["study_reopenings"]
    assert reopening["confirmed_by"] == "S01 (statistician)"
    assert reopening["reopened_at"] == "2026-11-21T10:00:00+00:00"
