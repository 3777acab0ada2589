from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from xlsxwriter.utility import xl_col_to_name

from studies.reports.files.workbook import write_workbook
from studies.reports.files.workbook_columns import (
    AGREEMENT_COLUMNS,
    READING_COLUMNS,
    SESSION_SHEET_COLUMNS,
)
from tests.reports.study import CONDUCT, CONDUCT_TEXTS, study


def sheet(path: Path, number: int) -> str:
    with zipfile.ZipFile(path) as book:
        return book.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_workbook_has_one_row_per_reading_and_explains_every_column(tmp_path: Path) -> None:
    rows, summary, table, results = study(cases=6)
    rows[0]["reader_site"] = "=1+1"
    path = tmp_path / "study.xlsx"
    write_workbook(path, rows=rows, summary=summary, results=results)
    readings = sheet(path, 1)
    assert readings.count("<row ") == len(table) + 1
    assert "<f>" not in readings
    assert 'state="frozen"' in readings
    explained = sheet(path, 3)
    columns = (READING_COLUMNS, SESSION_SHEET_COLUMNS, AGREEMENT_COLUMNS)
    assert explained.count("<row ") == 1 + sum(map(len, columns))
    with zipfile.ZipFile(path) as book:
        names = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode())
    assert names == ["Readings", "Sessions", "Codebook", "Agreement", "Study"]


def test_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    rows, summary, _, results = study(cases=4)
    paths = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for path in paths:
        write_workbook(path, rows=rows, summary=summary, results=results)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_sum_is_empty_if_a_cell_is_not_readable(tmp_path: Path) -> None:
    rows, summary, _, results = study(readers=2, cases=2, unreadable=0.0)
    rows[0] |= {"score": None, "validity": 4, "reason": "cut off"}
    path = tmp_path / "study.xlsx"
    write_workbook(path, rows=rows, summary=summary, results=results)
    first = re.search(r'<row r="2".*?</row>', sheet(path, 1), re.DOTALL)
    assert first is not None
    assert "outside the scanned area: cut off" in first.group()
    columns = list(READING_COLUMNS)
    total = columns.index("aac24")
    letter = chr(65 + total) if total < 26 else "A" + chr(65 + total - 26)
    assert f'r="{letter}2"' not in first.group()
    assert f'r="{letter}3"' in sheet(path, 1)


def test_one_row_per_session_with_lengths_as_durations_of_excel(tmp_path: Path) -> None:
    rows, summary, _, results = study(readers=2, cases=2)
    session = {"reader": "R1", "reading_session": 1, "length_ms": 1_830_000, "ended_by": "idle"}
    path = tmp_path / "study.xlsx"
    write_workbook(path, rows=rows, summary=summary, results=results, sessions=[session])
    sessions = sheet(path, 2)
    assert sessions.count("<row ") == 2
    column = chr(65 + list(SESSION_SHEET_COLUMNS).index("length (min:s)"))
    cell = re.search(rf'<c r="{column}2"[^>]*><v>([\d.]+)</v>', sessions)
    assert cell is not None
    assert float(cell[1]) * 24 * 60 == pytest.approx(30.5)
    assert formatted_as(path, cell[0]) == "[m]:ss"
    assert not any(name.endswith("_ms") for name in SESSION_SHEET_COLUMNS)


def formatted_as(path: Path, cell: str) -> str:
    """Return the number format of a cell of the file."""
    style = re.search(r' s="(\d+)"', cell)
    assert style is not None
    with zipfile.ZipFile(path) as book:
        styles = book.read("xl/styles.xml").decode()
    formats = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    cells = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)
    assert cells is not None
    return formats[re.findall(r'numFmtId="(\d+)"', cells[0])[int(style[1])]]


def test_reading_times_are_durations_of_excel_and_headers_name_the_unit(tmp_path: Path) -> None:
    rows, summary, _, results = study(readers=2, cases=2)
    for row in rows:
        row["active_ms"] = 4_065_000
    path = tmp_path / "study.xlsx"
    write_workbook(path, rows=rows, summary=summary, results=results)
    column = xl_col_to_name(list(READING_COLUMNS).index("active (min:s)"))
    cell = re.search(rf'<c r="{column}2"[^>]*><v>([\d.]+)</v>', sheet(path, 1))
    assert cell is not None
    # 67 minutes 45 seconds, shown as 67:45.
    assert float(cell[1]) == pytest.approx((67 * 60 + 45) / 86_400)
    assert formatted_as(path, cell[0]) == "[m]:ss"


def test_workbook_lists_amendments_interruptions_and_reopenings(tmp_path: Path) -> None:
    rows, summary, _, results = study(readers=2, cases=2)
    path = tmp_path / "study.xlsx"
    write_workbook(path, rows=rows, summary=replace(summary, **CONDUCT), results=results)
    texts = sheet(path, 5)
    for text in CONDUCT_TEXTS:
        assert text in texts
    write_workbook(path, rows=rows, summary=summary, results=results)
    assert "reopenings of the database" in sheet(path, 5)
