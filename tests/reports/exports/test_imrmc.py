"""The iMRMC file, read as iMRMC reads it: header, truth rows, then one row per score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studies.analytics.scale import MISSING
from studies.analytics.table import ReadingTable
from studies.reports.exports.imrmc import NoTruth, imrmc_lines
from tests.reports.study import study


@pytest.fixture(scope="module")
def table() -> ReadingTable:
    """Readings of cases of which the first has no reference standard."""
    _, _, table, _ = study(cases=12)
    grades = np.random.default_rng(1).integers(0, 3, (len(table.cases), 8))
    grades[0], grades[1], grades[2] = MISSING, 0, 3
    return replace(table, reference=grades, _first={})


def parse(text: str) -> tuple[dict[str, int], list[tuple[str, str, str, float]]]:
    """Read a file as the manual describes it; cells of a row are separated by commas."""
    header, _, data = text.partition("BEGIN DATA:\n")
    numbers = dict(
        line.split(": ") for line in header.splitlines() if line[:2] in ("N0", "N1", "NR", "NM")
    )
    rows = []
    for line in data.splitlines():
        reader, case, modality, score = line.split(",")
        rows.append((reader, case, modality, float(score)))
    return {name: int(value) for name, value in numbers.items()}, rows


def test_header_counts_what_the_rows_contain(table: ReadingTable) -> None:
    header, rows = parse("".join(imrmc_lines(table, study="guides", cut=6)))
    truth = {case: score for reader, case, modality, score in rows if reader == "-1"}
    assert {modality for reader, _, modality, _ in rows if reader == "-1"} == {"0"}
    assert header == {
        "N0": list(truth.values()).count(0),
        "N1": list(truth.values()).count(1),
        "NR": len({reader for reader, *_ in rows} - {"-1"}),
        "NM": len({modality for _, _, modality, _ in rows} - {"0"}),
    }
    totals = table.reference_ratings("aac24")
    assert truth == {
        case: float(total >= 6)
        for case, total in zip(table.cases, totals, strict=True)
        if total != MISSING
    }
    assert len(truth) == len(table.cases) - 1


def test_each_score_is_the_total_of_a_first_reading_of_a_case_with_a_truth(
    table: ReadingTable,
) -> None:
    _, rows = parse("".join(imrmc_lines(table, study="guides", cut=6)))
    scores = {row[:3]: row[3] for row in rows if row[0] != "-1"}
    assert len(scores) == len(rows) - (len(table.cases) - 1)
    expected = {
        (reader, case, arm): float(total)
        for arm in table.arms
        for reader, totals in zip(table.readers, table.ratings("aac24", arm), strict=True)
        for case, total in zip(table.cases, totals, strict=True)
        if total != MISSING and case != table.cases[0]
    }
    assert scores == expected


@pytest.mark.parametrize(
    ("cut", "reason"),
    [(0, "whole number from 1 to 24"), (25, "whole number from 1 to 24")],
)
def test_impossible_cut_is_explained(table: ReadingTable, cut: int, reason: str) -> None:
    with pytest.raises(NoTruth, match=reason):
        imrmc_lines(table, study="guides", cut=cut)


def test_cut_with_all_cases_on_one_side_is_explained(table: ReadingTable) -> None:
    low = replace(table, reference=np.zeros((len(table.cases), 8), int), _first={})
    with pytest.raises(NoTruth, match=r"every case is below 6\. Choose another threshold"):
        imrmc_lines(low, study="guides", cut=6)


def test_study_without_a_reference_standard_is_explained() -> None:
    _, _, table, _ = study(cases=4)
    with pytest.raises(NoTruth, match="no case of this study has one"):
        imrmc_lines(table, study="guides", cut=6)
