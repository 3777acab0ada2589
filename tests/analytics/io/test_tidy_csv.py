from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.analytics.io.tidy_csv import TableError, parse_csv, read_csv, table_from_rows
from studies.analytics.scale import CELLS, MISSING
from tests.analytics.rows import crossover

HEADER = "reader,case,level,wall,score\n"


def reading(reader: str, case: str, scores: list[object]) -> str:
    lines = []
    for cell, score in zip(CELLS, scores, strict=True):
        level, wall = cell.split("_")
        lines.append(f"{reader},{case},{level},{wall},{score}")
    return "\n".join(lines) + "\n"


def test_sums_are_numbers_and_missing_when_a_part_is() -> None:
    text = (
        HEADER + reading("A", "1", [3, 3, 2, 2, 1, 1, 0, 0]) + reading("B", "1", [0, *[1] * 6, ""])
    )
    table = parse_csv(text)
    assert table.outcome("aac24").tolist() == [12, MISSING]
    assert table.outcome("aac_group").tolist() == [2, MISSING]
    assert table.outcome("L1").tolist() == [6, 1]
    assert table.outcome("L4").tolist() == [0, MISSING]
    assert table.outcome("posterior").tolist() == [6, 3]
    assert table.outcome("anterior").tolist() == [6, MISSING]


def test_group_limits_can_be_set() -> None:
    text = HEADER + reading("A", "1", [1, 1, 1, 1, 1, 0, 0, 0])
    assert parse_csv(text).outcome("aac_group").tolist() == [1]
    assert parse_csv(text, group_limits=(1, 5)).outcome("aac_group").tolist() == [2]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_separators_and_byte_order_mark_are_accepted(tmp_path, separator, encoding) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(crossover(cases=3).replace(",", separator), encoding=encoding)
    table = read_csv(path)
    assert len(table) == 18
    assert table.arms == ("unguided", "guided")
    assert table.active_ms.min() >= 90_000


def test_windows_line_ends_and_blank_lines_are_accepted() -> None:
    text = (
        "reader,case,level,wall,score\r\nA,1,L1,anterior,2\r\n\r\nB,1,l1,Anterior,2.0\r\n,,,,\r\n"
    )
    assert parse_csv(text).outcome("L1_anterior").tolist() == [2, 2]


def test_readable_follows_validity() -> None:
    text = (
        "reader,case,level,wall,score,validity\n"
        "A,1,L1,anterior,2,0\nA,1,L2,anterior,,4\nA,1,L3,anterior,,\nA,1,L4,anterior,1,\n"
    )
    table = parse_csv(text)
    readable = dict(zip(CELLS, table.outcome("readable")[0].tolist(), strict=True))
    assert [readable[f"L{level}_anterior"] for level in (1, 2, 3, 4)] == [1, 0, MISSING, 1]
    assert readable["L1_posterior"] == MISSING


def test_score_of_unreadable_cell_is_ignored_with_a_warning() -> None:
    table = parse_csv("reader,case,level,wall,score,validity\nA,1,L1,anterior,2,3\n")
    assert table.outcome("L1_anterior").tolist() == [MISSING]
    assert "1 cells have both" in table.warnings[0]


def test_aac8_rows_add_the_outcome() -> None:
    text = HEADER + "A,1,all,anterior,3\nA,1,all,posterior,2\nB,1,all,,5\nB,2,all,anterior,1\n"
    table = parse_csv(text)
    assert table.outcome("aac8").tolist() == [5, 5, MISSING]
    assert "aac8" in table.outcomes
    assert "aac8" not in parse_csv(crossover(cases=2)).outcomes


def test_formula_guards_are_removed_from_names() -> None:
    assert parse_csv(HEADER + "'=A1,'-1,L1,anterior,2\n").readers == ("=A1",)


def test_readers_are_compared_in_replicate_1_of_the_earliest_period() -> None:
    text = (
        "reader,case,arm,period,replicate,level,wall,score\n"
        "A,1,unguided,2,1,L1,anterior,2\nA,1,unguided,1,1,L1,anterior,1\n"
        "A,1,unguided,1,2,L1,anterior,3\n"
    )
    table = parse_csv(text)
    ratings = table.ratings("L1_anterior", "unguided")
    assert ratings.tolist() == [[1]]
    assert table.later_periods("unguided") == 1


FIELDS = st.sampled_from(
    ["", "1", "2", "A", "L1", "L4", "all", "anterior", "posterior", "both", "NaN", "1e30", "-1",
     "0", "3", "4.0", "inf", "'=A", '"', "a\nb", "\x00", "٣", "guided"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["reader", "case", "level", "wall", "score", "arm", "period", "replicate", "validity",
     "position", "patient", "active_ms", "reference", "study", "simulated", ""]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(NAMES, max_size=12),
    st.lists(st.lists(FIELDS, max_size=12), max_size=5),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
)
def test_any_text_gives_a_table_or_a_table_error(names, rows, separator, needed) -> None:
    header = ["reader", "case", "level", "wall", "score"] if needed else names
    lines = [separator.join(fields) for fields in (header, *rows)]
    with contextlib.suppress(TableError):
        assert len(parse_csv("\n".join(lines))) > 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NAMES.filter(bool), FIELDS), max_size=4))
def test_any_value_in_a_column_is_accepted_or_named_in_the_error(odd) -> None:
    row = {"reader": "A", "case": "1", "level": "L1", "wall": "anterior", "score": "1"} | dict(odd)
    try:
        table = table_from_rows([(2, row)])
    except TableError as problem:
        assert str(problem).startswith("Row 2, column ")
    else:
        assert len(table) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty"),
        ("reader,case,level,wall\nA,1,L1,anterior\n", "Row 1 lacks the column score"),
        ("reader,reader,case,level,wall,score\n", "names the column reader twice"),
        (HEADER, "no readings"),
        (HEADER + "A,1,L1,anterior,4\n", 'Row 2, column score: "4"'),
        (HEADER + "A,1,L1,anterior,1.5\n", 'Row 2, column score: "1.5"'),
        (HEADER + "A,1,L1,anterior,two\n", 'Row 2, column score: "two"'),
        (HEADER + "A,1,L1,anterior,inf\n", 'Row 2, column score: "inf"'),
        (HEADER + "A,1,L5,anterior,1\n", 'Row 2, column level: "L5"'),
        (HEADER + "A,1,L1,lateral,1\n", 'Row 2, column wall: "lateral"'),
        (HEADER + ",1,L1,anterior,1\n", "Row 2, column reader: empty"),
        (HEADER + "A,1,L1,anterior\n", "Row 2 has 4 values"),
        (HEADER + 'A,1,L1,anterior,"1\n', "not valid CSV"),
        (
            HEADER + "A,1,L1,anterior,1\nA,1,L1,anterior,1\n",
            "Rows 2 and 3 both contain L1",
        ),
        (
            "reader,case,level,wall,score,validity\nA,1,L1,anterior,,2\n",
            "Row 2, column validity: 2 is not one of",
        ),
        (
            "reader,case,patient,level,wall,score\nA,1,P,L1,anterior,1\nB,1,Q,L1,anterior,1\n",
            "Row 3, column patient: Q, but case 1 belongs to P",
        ),
        (
            "study,reader,case,level,wall,score\nS,A,1,L1,anterior,1\nT,A,2,L1,anterior,1\n",
            "Row 3, column study: T, but earlier rows have S",
        ),
        (
            "reader,case,period,level,wall,score\nA,1,first,L1,anterior,1\n",
            'Row 2, column period: "first"',
        ),
        (
            "reader,case,period,level,wall,score\nA,1,1e30,L1,anterior,1\n",
            'Row 2, column period: "1e30" is not a whole number of at least 1',
        ),
    ],
)
def test_invalid_input_is_reported_with_row_and_column(text: str, message: str) -> None:
    with pytest.raises(TableError) as caught:
        parse_csv(text)
    assert message in str(caught.value)


def test_file_in_another_encoding_says_how_to_save_it(tmp_path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(HEADER.encode() + "Müller,1,L1,anterior,2\n".encode("latin-1"))
    with pytest.raises(TableError, match=r"Row 2 contains a character.*CSV UTF-8"):
        read_csv(path)
    with pytest.raises(TableError, match="cannot be opened"):
        read_csv(tmp_path / "nothing.csv")
