"""Numbers as people and spreadsheets write them: read with certainty, or rejected."""

from __future__ import annotations

import math

import pytest

from studies.analytics.io.field_parsing import TableError
from studies.analytics.io.tidy_csv import parse_csv, table_from_rows

HEADER = "reader;case;level;wall;score;active_ms;period\n"


def row(score: str = "1", active: str = "", period: str = "1") -> str:
    return f"{HEADER}A;1;L1;anterior;{score};{active};{period}\n"


@pytest.mark.parametrize(
    "text",
    ["95,000", "95.000", "95 000", "95\u00a0000", "95\u202f000", "95'000", "95’000", "95_000",
     "1,095,000", "1.095.000,5", "95,000.25"],
)  # fmt: skip
def test_thousands_separator_is_rejected_with_the_number_to_write(text: str) -> None:
    with pytest.raises(TableError, match=r"Row 2, column active_ms: .* thousands separator"):
        parse_csv(row(active=text))
    with pytest.raises(TableError, match="Row 2, column period"):
        parse_csv(row(period=text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("95000", 95000.0),
        ("95000.0", 95000.0),
        ("95000,5", 95000.5),
        ("95000,125", 95000.125),
        ("0,125", 0.125),
        ("9.5E+04", 95000.0),
        (" 95000\u00a0", 95000.0),
        ("95000\u200b", 95000.0),
    ],
)
def test_unambiguous_number_is_read(text: str, value: float) -> None:
    assert parse_csv(row(active=text)).active_ms.tolist() == [value]


@pytest.mark.parametrize(
    "text", ["95 s", "1:35", "1,00,000", "95,0,0", "inf", "-1", "0x10", "٩٥", "#N/A", "####"]
)
def test_text_that_is_not_a_number_is_rejected(text: str) -> None:
    with pytest.raises(TableError, match=r"Row 2, column active_ms: .* not a time in milliseconds"):
        parse_csv(row(active=text))


@pytest.mark.parametrize(
    ("text", "score"), [("2", 2), ("2.0", 2), ("2,0", 2), ("02", 2), ("2.000", 2), ("+2", 2)]
)
def test_whole_score_is_read(text: str, score: int) -> None:
    assert parse_csv(row(score=text)).outcome("L1_anterior").tolist() == [score]


@pytest.mark.parametrize("text", ["1,5", "1.5", "2,000", "1/2", "½", "²", "1_0", "1 000", "2.001"])
def test_score_that_is_not_a_whole_number_is_rejected(text: str) -> None:
    with pytest.raises(TableError, match="Row 2, column score"):
        parse_csv(row(score=text))


@pytest.mark.parametrize("text", ["3", "3.0", "3,0", "03"])
def test_validity_is_parsed_like_scores(text: str) -> None:
    table = parse_csv(f"reader;case;level;wall;score;validity\nA;1;L1;anterior;;{text}\n")
    assert table.validity[0].tolist().count(3) == 1


def test_numeric_values_are_accepted_as_they_are() -> None:
    base = {"reader": "A", "case": 1, "level": "L1", "wall": "anterior", "score": 1}
    table = table_from_rows([(2, base | {"active_ms": 95.125})])
    assert table.active_ms.tolist() == [95.125]


def test_time_may_be_given_in_any_row_of_a_reading_but_only_once() -> None:
    text = "reader,case,level,wall,score,active_ms\nA,1,L1,anterior,1,\nA,1,L2,anterior,1,90000\n"
    assert parse_csv(text).active_ms.tolist() == [90000.0]
    table = parse_csv(text + "A,1,L3,anterior,1,95000\n")
    assert table.active_ms.tolist() == [90000.0]
    assert any("time changes within a reading (row 4)" in warning for warning in table.warnings)


def test_times_in_seconds_give_a_warning() -> None:
    table = parse_csv(row(active="95"))
    assert "milliseconds; if these are seconds" in table.warnings[0]
    assert math.isclose(table.active_ms[0], 95.0)
