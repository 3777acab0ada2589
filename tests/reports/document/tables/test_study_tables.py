"""Hidden repeats are counted separately, and tables of first readings say that they omit them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from studies.analytics.io.tidy_csv import table_from_rows
from studies.reports.document.checklist.coverage import covered_items
from studies.reports.document.tables import case_tables, study_tables
from tests.analytics.rows import simulated_rows
from tests.reports.study import FACTS, study

EXCLUDED = "Hidden repeats are not included."


def first_readings_only(table):
    """Return the captions of the tables of first readings."""
    return [
        study_tables.readability_table(table).caption,
        study_tables.time_table(table, None).caption,
        case_tables.missing_table(table).caption,
        case_tables.burden_table(table).caption,
    ]


@pytest.fixture(scope="module")
def rows():
    return simulated_rows()


@pytest.fixture(scope="module")
def table(rows):
    return table_from_rows(enumerate(rows, start=2))


def test_reader_table_counts_hidden_repeats_in_a_separate_column(rows, table) -> None:
    # Each reading has eight rows, one per cell.
    cells = Counter(
        (row["reader"], "Hidden repeats" if int(row["replicate"]) > 1 else row["arm"].capitalize())
        for row in rows
    )
    shown = study_tables.reader_table(FACTS, table)
    assert shown.header == ("Reader", "Site", *table_arms(table), "Hidden repeats")
    assert "first readings by arm, and of hidden repeats" in shown.caption
    for reader, _, *numbers in shown.rows:
        assert numbers == [str(cells[reader, name] // 8) for name in shown.header[2:]]


def table_arms(table) -> list[str]:
    return [arm.capitalize() for arm in table.arms]


def test_tables_of_first_readings_state_that_repeats_are_left_out(table) -> None:
    for caption in first_readings_only(table):
        assert caption.endswith(EXCLUDED)


def test_characteristics_state_the_number_of_repeats_among_the_readings(rows, table) -> None:
    repeats = sum(int(row["replicate"]) > 1 for row in rows) // 8
    summary = replace(FACTS, readings_assigned=len(table), readings_submitted=len(table))
    characteristics = dict(study_tables.study_characteristics(summary, table))
    assert characteristics["Readings"].endswith(f", including {repeats} hidden repeats")


def test_study_without_repeats_does_not_mention_them() -> None:
    _, summary, table, _ = study(cases=4)
    shown = study_tables.reader_table(summary, table)
    assert shown.header == ("Reader", "Site", *table_arms(table))
    assert shown.caption == "Readers, their sites and number of submitted readings."
    assert not any("repeat" in caption for caption in first_readings_only(table))
    assert "repeat" not in dict(study_tables.study_characteristics(summary, table))["Readings"]


def test_checklist_requires_the_number_of_replicate_observations() -> None:
    (item,) = (row for row in covered_items({"flow", "readers"}) if row["number"] == "11")
    assert item["missing"] == "replicate observations"
    (item,) = (
        row for row in covered_items({"flow", "readers", "replicates"}) if row["number"] == "11"
    )
    assert item["missing"] == ""
