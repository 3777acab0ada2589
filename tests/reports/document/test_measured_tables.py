"""Tables of AAC-8 and of measured reading, in the report."""

from __future__ import annotations

import numpy as np
import pytest

from studies.reports.document.document import make_document
from studies.reports.document.shown_pairs import lowest_pairs
from studies.reports.document.tables.aac8_table import aac8_table
from studies.reports.document.tables.measured_tables import (
    length_table,
    measured_pair_table,
    overriding_table,
)
from tests.reports.measured_study import measured_study
from tests.reports.study import study

ROWS, SUMMARY, TABLE, RESULTS = measured_study()


def test_number_and_share_of_overridden_grades_are_stated_for_each_reader() -> None:
    rows = overriding_table(RESULTS, weights="linear").rows
    assert [row[:2] for row in rows] == [("Measured", f"R{number}") for number in (1, 2, 3)]
    for row in rows:
        cells = [
            line
            for line in ROWS
            if (line["reader"], line["arm"]) == (row[1], "measured") and line["level"] != "all"
        ]
        overridden = sum(line["score"] != line["measured_score"] for line in cells)
        assert row[2:4] == (
            str(len(cells)),
            f"{overridden} ({100 * overridden / len(cells):.1f} %)",
        )


def test_agreement_of_measured_grades_is_beside_that_of_final_grades() -> None:
    table = measured_pair_table(RESULTS, weights="linear")
    assert [row[:2] for row in table.rows] == [
        (pair, "Measured") for pair in ("R1 – R2", "R1 – R3", "R2 – R3")
    ]
    # Overriding at random lowers agreement.
    measured, final = (
        np.mean([float(row[column].split()[0]) for row in table.rows]) for column in (3, 4)
    )
    assert measured > final


def test_lengths_are_compared_for_the_listed_pairs_alone() -> None:
    pairs = [("R1", "R3")]
    (row,) = length_table(TABLE, RESULTS, pairs=pairs).rows
    assert row[:3] == ("R1 – R3", "Measured", "12")
    assert float(row[5].split()[0]) > 0.9


def test_aac8_table_has_total_walls_and_group_of_every_arm() -> None:
    rows = aac8_table(RESULTS, weights="linear").rows
    assert len(rows) == 4 * 2
    assert rows[0][0] == "AAC-8 total (0–8)"
    assert rows[-1][0] == "AAC-8 group (0 to 2, 3 to 8)"
    # The group has a kappa and no ICC.
    assert rows[-1][4] == "–"
    assert all(row[4] != "–" for row in rows[:6])


@pytest.mark.parametrize("has_both", [True, False])
def test_report_has_the_sections_of_studies_that_need_them(has_both: bool) -> None:
    _, summary, table, results = measured_study() if has_both else study()
    sections = {
        section["key"]: section
        for section in make_document(summary, table, results).content["sections"]
    }
    assert ("aac8" in sections) == ("measured" in sections) == has_both
    if has_both:
        assert len(sections["measured"]["blocks"]) == 3
        assert "AAC-8" in str(sections["methods"]["blocks"])


def test_pairs_of_a_large_study_are_limited() -> None:
    shown = lowest_pairs(RESULTS, outcome="cells", weights="linear")
    assert len(measured_pair_table(RESULTS, weights="linear", shown=shown).rows) == 3
