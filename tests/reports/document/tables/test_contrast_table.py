"""The contrasts of the ICC in reports, against an independent computation."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.scale import MISSING
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.formats.numbers import decimal
from studies.reports.document.document import make_document
from tests.reports.study import FACTS, tidy_rows

GROUPS = {"unguided": ("R1", "R2", "R3"), "guided": ("R4", "R5")}


def table_of(*, parallel: bool) -> ReadingTable:
    rows = tidy_rows(readers=5, cases=14)
    if parallel:
        rows = [row for row in rows if row["reader"] in GROUPS[row["arm"]]]
    return table_from_rows(enumerate(rows, start=2))


def totals_of(table: ReadingTable, arm: str) -> dict[str, dict[str, int]]:
    """Return the totals of each reader by case, without missing ones."""
    totals: dict[str, dict[str, int]] = {}
    for row, total in enumerate(table.outcome("aac24")):
        if table.arms[table.arm[row]] == arm and total != MISSING:
            reader, case = table.readers[table.reader[row]], table.cases[table.case[row]]
            totals.setdefault(reader, {})[case] = int(total)
    return totals


def icc_of_two(scores: np.ndarray) -> float:
    """Return ICC(A,1) of scores (cases, 2) from the mean squares of a two-way layout."""
    n, k = scores.shape
    rows, columns, mean = scores.mean(axis=1), scores.mean(axis=0), scores.mean()
    ms_rows = k * ((rows - mean) ** 2).sum() / (n - 1)
    ms_columns = n * ((columns - mean) ** 2).sum() / (k - 1)
    residuals = scores - rows[:, None] - columns + mean
    ms_error = (residuals**2).sum() / ((n - 1) * (k - 1))
    return float(
        (ms_rows - ms_error) / (ms_rows + (k - 1) * ms_error + k / n * (ms_columns - ms_error))
    )


def mean_icc(table: ReadingTable, arm: str) -> float:
    totals = totals_of(table, arm)
    iccs = []
    for first, second in combinations(sorted(totals), 2):
        cases = sorted(set(totals[first]) & set(totals[second]))
        scores = [[totals[first][case], totals[second][case]] for case in cases]
        iccs.append(icc_of_two(np.array(scores, float)))
    return float(np.mean(iccs))


@pytest.mark.parametrize("parallel", [False, True])
def test_report_has_the_difference_of_the_mean_iccs_of_both_arms(parallel: bool) -> None:
    table = table_of(parallel=parallel)
    summary = replace(FACTS, design="parallel" if parallel else "crossover")
    content = make_document(summary, table, agreement(table)).content
    (block,) = (
        block
        for section in content["sections"]
        if section["key"] == "totals"
        for block in section["blocks"]
        if block.get("title") == "Contrasts of the ICC between arms"
    )
    (cells,) = block["rows"]
    row = dict(zip(block["header"], cells, strict=True))
    guided, unguided = mean_icc(table, "guided"), mean_icc(table, "unguided")
    assert row["Contrast"] == "Guided − unguided"
    assert row["ICC(A,1)"] == f"{decimal(guided)} / {decimal(unguided)}"
    assert row["Difference"].split(" (")[0] == decimal(guided - unguided)
    assert " to " in row["Expanded percentile"]
