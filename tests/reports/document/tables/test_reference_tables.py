"""The caveat about an adjudicated reference standard accompanies every use of that standard."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from studies.reports.document.document import make_document
from studies.reports.document.methods.reference import CAVEAT
from studies.reports.document.summary.conduct import ReferenceSummary
from studies.reports.files.statistics import StatisticsScope, statistics_pieces
from studies.reports.files.workbook import write_workbook
from studies.reports.package.readme import readme
from tests.reports.study import study

REFERENCE = ReferenceSummary(
    version=2,
    created_at=datetime(2026, 11, 23, tzinfo=UTC),
    adjudicators=("AD01",),
    arm="unguided",
    rules=("any cell differed by 2 grades or more",),
    shows_scores=False,
    cases_adjudicated=4,
    cases_equal=3,
    cases_by_median=5,
)


@cache
def snapshot():
    rows, summary, table, results = study(cases=12)
    table = replace(table, reference=np.ones((len(table.cases), 8), np.int64), _first={})
    return rows, summary, table, results


def table_with_reference(summary) -> dict:
    """Return the block of the table that compares readers with the reference standard."""
    _, _, table, results = snapshot()
    (pairs,) = (
        section["blocks"]
        for section in make_document(summary, table, results).content["sections"]
        if section["key"] == "pairs"
    )
    # The caveat is not repeated below the table.
    assert not any(block.get("text") == CAVEAT for block in pairs)
    (block,) = (one for one in pairs if one.get("title") == "Agreement with the reference standard")
    return block


def statistics_of(summary) -> dict:
    _, _, table, results = snapshot()
    pieces = statistics_pieces(summary, table, results, StatisticsScope(summary=True))
    return json.loads(b"".join(pieces))


def test_caveat_is_the_footnote_of_the_table() -> None:
    summary = replace(snapshot()[1], reference=REFERENCE)
    assert table_with_reference(summary)["note"] == CAVEAT


def test_independent_reference_standard_has_no_caveat() -> None:
    _, summary, _, _ = snapshot()
    assert not table_with_reference(summary).get("note")
    assert statistics_of(summary)["reference_standard"] is None
    assert CAVEAT not in readme(summary, measured=False, readers_resampled=False)


def test_statistics_file_states_the_caveat_in_its_metadata() -> None:
    metadata = statistics_of(replace(snapshot()[1], reference=REFERENCE))
    record = metadata["reference_standard"]
    assert (record["version"], record["caveat"]) == (2, CAVEAT)
    assert "adjudicated by AD01" in record["description"]


def test_workbook_states_the_caveat_with_the_study(tmp_path: Path) -> None:
    rows, summary, _, results = snapshot()
    path = tmp_path / "study.xlsx"
    summary = replace(summary, reference=REFERENCE)
    write_workbook(path, rows=rows, summary=summary, results=results)
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet5.xml").decode()
    assert CAVEAT in re.sub(r"<[^>]+>", " ", sheet)


def test_readme_of_the_package_has_a_section_with_the_caveat() -> None:
    text = readme(
        replace(snapshot()[1], reference=REFERENCE), measured=False, readers_resampled=False
    )
    section = text.split("## Reference standard\n\n")[1].split("\n\n##")[0]
    assert section.endswith(CAVEAT)
    assert "Reference standard version 2" in section
