"""The JSON of all statistics: what it selects, and that long ones need little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from studies.analytics.study.agreement import agreement
from studies.errors import StudyError
from studies.reports.files import statistics
from studies.reports.files.statistics import Selection, selection_from, statistics_pieces
from studies.reports.snapshot import Cut
from tests.reports.study import study

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def cut() -> Cut:
    _, facts, table, found = study(readers=3, cases=12)
    return Cut("key", facts, table, found)


def document(cut: Cut, text: str = "") -> dict:
    return json.loads(b"".join(statistics_pieces(cut, selection_from(text, cut))))


def test_study_with_few_pairs_has_every_record_in_the_order_of_agreement(cut) -> None:
    records = agreement(cut.table, detail=True).records()
    assert document(cut)["results"] == json.loads(json.dumps(records))
    assert document(cut)["selection"] == "full"
    assert document(cut, "all") == document(cut)


def test_summary_of_many_pairs_has_pairs_in_the_primary_outcome_alone(cut, monkeypatch) -> None:
    monkeypatch.setattr(statistics, "MOST_PAIRS", 2)
    short, whole = document(cut), document(cut, "all")
    assert short["selection"] == "summary"
    pairs = {each["outcome"] for each in short["results"] if each["statistic"] == "cohen_kappa"}
    means = {each["outcome"] for each in short["results"] if each["statistic"] == "light_kappa"}
    assert pairs == {cut.facts.outcome}
    assert means == set(cut.table.outcomes)
    assert all(record in whole["results"] for record in short["results"])
    assert len(whole["results"]) > 5 * len(short["results"])


def test_chosen_outcomes_have_every_statistic_and_the_others_none(cut) -> None:
    made, whole = document(cut, "L1, aac24"), document(cut)
    assert made["outcomes"] == ["L1", "aac24"]
    of_these = [each for each in whole["results"] if each["outcome"] in ("L1", "aac24")]
    assert [each for each in made["results"] if each["outcome"] in ("L1", "aac24")] == of_these
    rest = {each["outcome"] for each in made["results"]} - {"L1", "aac24"}
    assert not rest & set(cut.table.outcomes)


def test_unknown_outcome_is_named_with_those_there_are(cut) -> None:
    with pytest.raises(StudyError, match=r"no outcome L9\. Choose from cells"):
        selection_from("L1,L9", cut)


def test_pieces_are_small_and_made_one_by_one(cut) -> None:
    pieces = statistics_pieces(cut, Selection())
    sizes = [len(next(pieces)) for _ in range(3)]
    assert all(64_000 < size < 80_000 for size in sizes)


MEMORY = """
import resource, sys
from studies.reports.snapshot import Cut
from studies.reports.files.statistics import Selection, statistics_pieces
from tests.reports.study import study

_, facts, table, found = study(readers=14, cases=15)
cut = Cut("key", facts, table, found)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before, size = peak(), 0
for piece in statistics_pieces(cut, Selection(("cells", "L1", "aac24"))):
    size += len(piece)
print(size, (peak() - before) * 1024)
"""


def test_document_is_written_in_far_less_memory_than_it_is_long() -> None:
    code = "import django; django.setup()\n" + MEMORY
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    size, grown = map(int, done.stdout.split())
    assert size > 5_000_000
    assert grown < size / 2
