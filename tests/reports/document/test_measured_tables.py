"""Tables of AAC-8 and of measured reading, in the report."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.scale import WALLS
from studies.analytics.study.agreement import agreement
from studies.reports.document.document import make_document
from studies.reports.document.shown_pairs import lowest_pairs
from studies.reports.document.tables.aac8_table import aac8_table
from studies.reports.document.tables.measured_tables import (
    length_table,
    measured_pair_table,
    overriding_tables,
)
from tests.reports.measured_study import measured_study
from tests.reports.study import study

ROWS, SUMMARY, TABLE, RESULTS = measured_study()


def test_number_and_share_of_overridden_grades_are_stated_for_each_reader() -> None:
    grades, _ = overriding_tables(TABLE, RESULTS, weights="linear")
    rows = grades.rows
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


def test_entered_and_measured_aac8_are_compared_for_each_reader_and_wall() -> None:
    _, aac8 = overriding_tables(TABLE, RESULTS, weights="linear")
    expected = []
    for reader in ("R1", "R2", "R3"):
        for wall in WALLS:
            scores = [
                (line["score"], line["measured_score"])
                for line in ROWS
                if (line["reader"], line["arm"], line["level"], line["wall"])
                == (reader, "measured", "all", wall)
            ]
            overridden = sum(entered != measured for entered, measured in scores)
            share = f"{overridden} ({100 * overridden / len(scores):.1f} %)"
            kappa = cohen_kappa_score(*zip(*scores, strict=True), labels=range(5), weights="linear")
            expected.append(("Measured", reader, wall, "12", share, f"{kappa:.2f}"))
    assert [(*row[:5], row[5].split()[0]) for row in aac8.rows] == expected
    assert {row[4] for row in aac8.rows} != {"0 (0.0 %)"}
    assert "entered against measured AAC-8 of the same reader" in aac8.method


def test_measured_aac8_is_compared_only_where_it_was_also_entered() -> None:
    rows = [row for row in ROWS if row["level"] != "all"]
    table = table_from_rows(enumerate(rows, start=2))
    assert table.measured_aac8 is None
    assert len(list(overriding_tables(table, agreement(table), weights="linear"))) == 1


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
        assert len(sections["measured"]["blocks"]) == 4
        assert "AAC-8" in str(sections["methods"]["blocks"])


def test_pairs_of_a_large_study_are_limited() -> None:
    shown = lowest_pairs(RESULTS, outcome="cells", weights="linear")
    assert len(measured_pair_table(RESULTS, weights="linear", shown=shown).rows) == 3
