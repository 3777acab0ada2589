from __future__ import annotations

import csv

from studies.analytics.scale import CELLS
from studies.reports.files.nhanes import (
    NHANES_COLUMNS,
    nhanes_codebook_lines,
    nhanes_codes,
    nhanes_lines,
)
from tests.reports.study import tidy_rows


def cells(scores: list[int | None], codes: list[int]) -> list[dict]:
    return [
        {"level": name.split("_")[0], "wall": name.split("_")[1], "score": score, "validity": code}
        for name, score, code in zip(CELLS, scores, codes, strict=True)
    ]


def test_grades_have_the_variable_names_of_nhanes() -> None:
    coded = nhanes_codes(cells([0, 1, 2, 3, 1, 0, 2, 2], [0] * 8))
    assert [coded[f"DXXAL{n}"] for n in (1, 2, 3, 4)] == [0, 2, 1, 2]
    assert [coded[f"DXXAL{n}AN"] for n in (1, 2, 3, 4)] == [1, 3, 0, 2]
    assert (coded["DXXAAC24"], coded["DXXAACTV"], coded["DXXAL1CC"]) == (11, 0, 0)


def test_validity_of_a_level_is_the_anterior_code_if_unreadable_else_the_posterior() -> None:
    codes = nhanes_codes(cells([None, None, None, 3, 1, None, 2, 2], [3, 4, 5, 0, 0, 6, 0, 0]))
    assert [codes[f"DXXAL{n}CC"] for n in (1, 2, 3, 4)] == [4, 5, 6, 0]
    assert (codes["DXXAAC24"], codes["DXXAACTV"]) == (None, 4)
    assert codes["DXXAL2AN"] == 3


def test_nhanes_file_has_one_row_per_reading_and_no_formulas() -> None:
    rows = tidy_rows(cases=4)
    for row in rows[:8]:
        row["reader"] = "=cmd"
    lines = list(csv.DictReader(nhanes_lines(rows)))
    assert len(lines) == 24
    assert lines[0]["reader"] == "'=cmd"
    assert list(lines[0]) == list(NHANES_COLUMNS)
    total = sum(int(row["score"]) for row in rows[8:16] if row["score"] is not None)
    assert lines[1]["DXXAAC24"] in (str(total), "")


def test_codebook_explains_every_column() -> None:
    lines = list(csv.reader(nhanes_codebook_lines()))
    assert [line[0] for line in lines[1:]] == list(NHANES_COLUMNS)


def walls(posterior: tuple[int | None, int], anterior: tuple[int | None, int]) -> list[dict]:
    scores = {"posterior": posterior, "anterior": anterior}
    return [
        {"level": "all", "wall": wall, "score": score, "validity": code}
        for wall, (score, code) in scores.items()
    ]


def measured(posterior: int | None, anterior: int | None) -> list[dict]:
    proposed = {"posterior": posterior, "anterior": anterior}
    return [{**cell, "measured_aac8": proposed[cell["wall"]]} for cell in cells([0] * 8, [0] * 8)]


def aac8_of(rows: list[dict]) -> list[int | None]:
    coded = nhanes_codes(rows)
    return [coded[name] for name in ("DXXAC8PO", "DXXAC8AN", "DXXAAC8")]


def test_aac8_is_the_entered_one_where_the_reader_was_asked_for_it() -> None:
    assert aac8_of(measured(1, 1) + walls((4, 0), (2, 0))) == [4, 2, 6]
    # Not readable is an answer too: nothing is put in its place.
    assert aac8_of(measured(1, 1) + walls((4, 0), (None, 4))) == [4, None, None]


def test_aac8_is_the_measured_one_where_none_was_entered() -> None:
    assert aac8_of(measured(3, 0)) == [3, 0, 3]
    assert aac8_of(measured(3, None)) == [3, None, None]
    assert aac8_of(cells([3] * 8, [0] * 8)) == [None, None, None]
