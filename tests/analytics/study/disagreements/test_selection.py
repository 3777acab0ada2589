"""Selection of cases for adjudication, and the grades of the other cases."""

from __future__ import annotations

import pytest

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.scale import CELLS
from studies.analytics.study.disagreements.selection import (
    SelectionRules,
    agreed_grades,
    select_cases,
)

HEADER = "reader,case,patient,level,wall,score,validity"
READINGS = {
    # Alike; one grade apart; two grades apart in one cell; groups apart; one cell unreadable.
    "C1": ([1] * 8, [1] * 8),
    "C2": ([2] * 8, [2] * 7 + [1]),
    "C3": ([3] * 8, [3] * 7 + [1]),
    "C4": ([1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]),
    "C5": ([0] * 8, [0] * 7 + [None]),
}


def table_of(readings: dict[str, tuple[list[int | None], ...]]):
    lines = [HEADER]
    for case, by_reader in readings.items():
        for number, grades in enumerate(by_reader, start=1):
            for cell, grade in zip(CELLS, grades, strict=True):
                score, validity = ("", 3) if grade is None else (grade, 0)
                lines.append(f"R{number},{case},{case},{cell.replace('_', ',')},{score},{validity}")
    return parse_csv("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (SelectionRules(cell_differs_by=2), {"C3": ("cell",)}),
        (SelectionRules(cell_differs_by=1), dict.fromkeys(("C2", "C3", "C4"), ("cell",))),
        (SelectionRules(total_differs_by=2), {"C3": ("total",)}),
        (SelectionRules(group_differs=True), {"C4": ("group",)}),
        (SelectionRules(readability_differs=True), {"C5": ("readability",)}),
        (
            SelectionRules(group_differs=True, total_differs_by=1),
            {"C2": ("total",), "C3": ("total",), "C4": ("group", "total")},
        ),
        (SelectionRules(), {}),
    ],
)
def test_each_rule_selects_the_cases_it_describes(rules, expected):
    assert select_cases(table_of(READINGS), None, rules) == expected


def test_a_case_with_one_reading_is_never_selected_and_has_no_grades():
    table = table_of({"C1": ([0] * 8, [3] * 8), "C2": ([3] * 8,)})
    assert set(select_cases(table, None, SelectionRules(cell_differs_by=1))) == {"C1"}
    assert set(agreed_grades(table, None)) == {"C1"}


def test_other_cases_have_the_lower_median_of_each_cell():
    agreed = agreed_grades(table_of(READINGS), None)
    assert agreed["C1"] == ((1,) * 8, True)
    assert agreed["C2"] == ((2,) * 7 + (1,), False)
    # A cell that only one reader could read has no grade.
    assert agreed["C5"] == ((0,) * 7 + (-1,), False)


def test_three_readers_give_the_middle_grade():
    table = table_of({"C1": ([0] * 8, [3] * 8, [2] * 8)})
    assert agreed_grades(table, None)["C1"] == ((2,) * 8, False)
