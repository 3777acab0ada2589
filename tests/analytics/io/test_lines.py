"""CSV files as spreadsheets and statistics programs save them."""

from __future__ import annotations

import pytest

from studies.analytics.io.field_parsing import TableError
from studies.analytics.io.tidy_csv import parse_csv, read_csv
from tests.analytics.rows import crossover

HEADER = "reader,case,level,wall,score"
ROW = "A,1,L1,anterior,2"


@pytest.mark.parametrize("mark", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;;;", "\ufeffsep=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_that_names_the_separator_is_respected(tmp_path, mark: str, end: str) -> None:
    path = tmp_path / "readings.csv"
    lines = [mark, *crossover(cases=3).replace(",", ";").splitlines()]
    path.write_bytes(end.join(lines).encode())
    assert len(read_csv(path)) == len(parse_csv(crossover(cases=3))) == 18


def test_named_separator_may_be_any_character() -> None:
    text = f"sep=|\n{HEADER}\n{ROW}\n".replace(",", "|")
    assert parse_csv(text).readers == ("A",)


def test_rows_are_counted_in_lines_of_the_file_also_after_the_separator() -> None:
    with pytest.raises(TableError, match='Row 3, column score: "9"'):
        parse_csv(f"sep=,\n{HEADER}\n{ROW[:-1]}9\n")
    with pytest.raises(TableError, match="Row 2 lacks the column score"):
        parse_csv("sep=,\nreader,case,level,wall\n")


@pytest.mark.parametrize(
    "header",
    [
        "Reader,CASE,Level,Wall,Score",
        " reader , case,level,wall,score\u00a0",
        '"reader","case","level","wall","score"',
        "\ufeffreader,case,level,wall,score",
        '\ufeff"reader",case,level,wall,score',
        "rea\u200bder,case,level,wall,score",
    ],
)
def test_headers_are_recognised_in_any_spelling(header: str) -> None:
    assert parse_csv(f"{header}\n{ROW}\n").readers == ("A",)


def test_words_of_a_header_may_be_joined_by_spaces() -> None:
    text = f"{HEADER},Case site,ACTIVE-MS\n{ROW},North,60000\n"
    table = parse_csv(text)
    assert (table.case_site, table.active_ms.tolist()) == (("North",), [60000.0])


@pytest.mark.parametrize("second", ["Reader", " reader", "reader\u200b", '"reader"'])
def test_header_that_names_a_column_twice_is_rejected(second: str) -> None:
    with pytest.raises(TableError, match="names the column reader twice"):
        parse_csv(f"{HEADER},{second}\n{ROW},B\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_row_that_is_not_utf8_is_named_whatever_the_line_ends(tmp_path, end: str) -> None:
    path = tmp_path / "readings.csv"
    path.write_bytes(end.join([HEADER, ROW, "M\xfcller,1,L1,anterior,2"]).encode("latin-1"))
    with pytest.raises(TableError, match="Row 3 contains a character that is not UTF-8"):
        read_csv(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), "the file is UTF-16"),
        (b"\xfe\xff" + f"{HEADER}\n{ROW}\n".encode("utf-16-be"), "the file is UTF-16"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16-le"), "Row 1 contains NUL characters"),
        (f"{HEADER}\n{ROW}\nB\0,1,L1,anterior,2\n".encode(), "Row 3 contains NUL characters"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        (b"\xd0\xcf\x11\xe0rest of a workbook", "Excel workbook"),
    ],
)
def test_file_of_another_kind_is_rejected_with_instructions(tmp_path, content, sentence) -> None:
    path = tmp_path / "readings.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=sentence) as caught:
        read_csv(path)
    assert "CSV UTF-8 (comma delimited)" in str(caught.value)


@pytest.mark.parametrize("row", ["A,1,L1,anterior", "A,1,L1,anterior,2,3", "A,1,L1,anterior,1,5"])
def test_row_with_a_wrong_number_of_values_is_rejected(row: str) -> None:
    with pytest.raises(TableError, match=r"Row 3 has \d values, but the header has 5"):
        parse_csv(f"{HEADER}\n{ROW}\n{row}\n")


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("patient_id", "patient"),
        ("scaner", "scanner"),
        ("study arm", 'study" or "arm'),
        ("replicat", "repl"),
    ],
)
def test_column_with_nearly_the_right_name_gives_a_warning(column: str, meant: str) -> None:
    (warning,) = parse_csv(f"{HEADER},{column}\n{ROW},x\n").warnings
    assert "was not used" in warning
    assert f'name it "{meant}' in warning


def test_columns_of_exports_and_other_columns_give_no_warning() -> None:
    assert not parse_csv(f"{HEADER},reason,submitted_at,hospital\n{ROW},a,b,c\n").warnings


@pytest.mark.parametrize("score", ["1", "2"])
def test_repeated_cell_is_rejected_after_names_are_merged(score: str) -> None:
    text = f"{HEADER}\nJosé,1,L1,anterior,1\nJose\u0301,1,L1,anterior,{score}\n"
    with pytest.raises(TableError, match="Rows 2 and 3 both contain L1 anterior of reader José"):
        parse_csv(text)
