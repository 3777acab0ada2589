"""Intrareader agreement in the report and on the agreement page."""

from __future__ import annotations

import numpy as np
import pytest

from studies.analytics.coefficients.kappa import cohen_kappa
from studies.analytics.io.tidy_csv import parse_csv, table_from_rows
from studies.analytics.ratings import Ratings
from studies.analytics.study.agreement import agreement
from studies.formats.numbers import decimal
from studies.reports.document.document import make_document
from studies.reports.document.tables.intrareader_tables import (
    intrareader_tables,
    repeat_agreement,
)
from tests.analytics.rows import crossover, simulated_rows
from tests.reports.study import FACTS, study


@pytest.fixture(scope="module")
def table():
    return table_from_rows(enumerate(simulated_rows(), start=2))


@pytest.fixture(scope="module")
def results(table):
    return agreement(table)


def tables_of(table, results, outcome="cells"):
    repeats = repeat_agreement(table, results, outcome=outcome, weights="linear")
    return list(intrareader_tables(repeats, outcome=outcome, weights="linear"))


def test_pooled_table_has_kappa_icc_and_limits_of_the_hidden_repeats(table, results) -> None:
    pooled, _ = tables_of(table, results)
    rows = {row[0]: row[1:] for row in pooled.rows}
    assert list(rows) == [
        "Eight cells, pooled: linearly weighted kappa, mean of readers",
        "AAC-24 total: ICC(A,1), mean of readers",
        "AAC-24 total: bias, first minus repeat reading, points",
        "AAC-24 total: lower limit of agreement, points",
        "AAC-24 total: upper limit of agreement, points",
    ]
    again = table.ratings_of(table.repeat_readings("guided"), "aac24")
    first = Ratings(table, "aac24", "guided").values
    both = (first >= 0) & (again >= 0)
    bias = (first - again)[both].mean()
    column = pooled.header.index("Guided") - 1
    name = "AAC-24 total: bias, first minus repeat reading, points"
    assert rows[name][column].startswith(decimal(float(bias)))


def test_reader_table_has_the_kappa_of_each_readers_own_repeats(table, results) -> None:
    _, by_reader = tables_of(table, results)
    assert [row[0] for row in by_reader.rows] == ["R1", "R2", "R3"]
    first = Ratings(table, "cells", "unguided").values[0]
    again = table.ratings_of(table.repeat_readings("unguided"), "cells")[0]
    both = (first >= 0) & (again >= 0)
    expected = cohen_kappa(
        first[both].tolist(), again[both].tolist(), categories=[0, 1, 2, 3], weights="linear"
    )
    row = by_reader.rows[0]
    assert row[1].split(" / ")[0] == str(int(both.sum()))
    assert row[by_reader.header.index("Unguided")].startswith(decimal(expected.value))
    assert row[-1].split(" / ")[0] == f"{100 * np.mean(first[both] == again[both]):.0f} %"


def test_difference_between_arms_is_that_of_the_mean_intrareader_kappas(table, results) -> None:
    pooled, by_reader = tables_of(table, results)
    assert pooled.header[-1] == "Difference"
    (difference,) = agreement(table, outcomes=["cells"], detail=True).find(
        "mean_kappa_difference", outcome="cells", weights="linear", replicate=(1, 2)
    )
    assert pooled.rows[0][-1].startswith(decimal(difference.estimate.value))
    assert by_reader.header[-2:] == ("Difference", "Exact agreement")


def test_report_has_the_section_only_in_studies_with_repeats(table, results) -> None:
    content = make_document(FACTS, table, results).content
    (section,) = (one for one in content["sections"] if one["key"] == "intrareader")
    assert section["heading"] == "Intrareader agreement"
    assert content["title"].startswith("Interreader and intrareader agreement in scoring")
    assert "Intrareader agreement compares each hidden repeat" in str(content)
    assert "Bland JM, Altman DG. Agreement between methods of measurement with" in str(content)
    _, summary, without, others = study()
    content = make_document(summary, without, others).content
    assert content["title"].startswith("Interreader agreement in scoring")
    assert "ntrareader" not in str(content)


def test_no_table_without_repeats() -> None:
    table = parse_csv(crossover(cases=4))
    assert tables_of(table, agreement(table)) == []


def test_single_reader_with_repeats_in_both_arms_has_a_difference() -> None:
    rows = [row for row in simulated_rows() if row["reader"] == "R1"]
    table = table_from_rows(enumerate(rows, start=2))
    pooled, by_reader = tables_of(table, agreement(table))
    assert "Difference" in pooled.header and "Difference" in by_reader.header


def test_arm_without_repeats_is_not_called_unread() -> None:
    rows = [row for row in simulated_rows() if row["arm"] == "guided" or row["replicate"] != 2]
    table = table_from_rows(enumerate(rows, start=2))
    pooled, by_reader = tables_of(table, agreement(table))
    assert "–: no hidden repeats in this arm." in pooled.note
    assert "not read" not in pooled.note + by_reader.note
    assert "Difference" not in pooled.header
