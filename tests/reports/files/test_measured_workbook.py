"""The workbook of a study with AAC-8 and measured readings."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from studies.reports.files.workbook import write_workbook
from studies.reports.files.workbook_columns import (
    AAC8_COLUMNS,
    MEASURED_COLUMNS,
    reading_columns,
)
from tests.reports.measured_study import measured_study
from tests.reports.study import study


def cells_of(path: Path, sheet: int) -> list[list[str]]:
    """Return the written cells of each row as text."""
    with zipfile.ZipFile(path) as book:
        text = book.read(f"xl/worksheets/sheet{sheet}.xml").decode()
    rows = re.findall(r"<row [^>]*>(.*?)</row>", text, re.DOTALL)
    pattern = r"<c [^>]*>(?:<is><t[^>]*>(.*?)</t></is>|<v>(.*?)</v>)</c>"
    return [[text or number for text, number in re.findall(pattern, row)] for row in rows]


def test_workbook_has_entered_and_measured_aac8_and_the_overridden_grades(tmp_path: Path) -> None:
    rows, summary, table, results = measured_study(cases=4)
    path = tmp_path / "study.xlsx"
    write_workbook(path, rows=rows, summary=summary, results=results)
    readings = cells_of(path, 1)
    assert readings[0] == list(reading_columns(aac8=True, measured=True))
    assert len(readings) == len(table) + 1
    explained = {row[1] for row in cells_of(path, 3)}
    assert {*AAC8_COLUMNS, *MEASURED_COLUMNS} <= explained
    statistics = {(row[0], row[1]) for row in cells_of(path, 4)}
    assert {
        ("agreement_with_measured", "cells"),
        ("cohen_kappa", "measured_cells"),
        ("bland_altman_bias", "calcified_mm"),
        ("icc_a_1", "aac8"),
        ("cohen_kappa", "aac8_group"),
    } <= statistics


def test_study_of_aac24_alone_has_no_further_columns(tmp_path: Path) -> None:
    rows, summary, _, results = study(cases=4)
    path = tmp_path / "study.xlsx"
    write_workbook(path, rows=rows, summary=summary, results=results)
    assert cells_of(path, 1)[0] == list(reading_columns(aac8=False, measured=False))
