"""Names: which spellings are merged, which stay separate, and the warnings about both."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.names import Spellings, clean_text
from studies.analytics.study.agreement import agreement
from studies.analytics.study.contrasts import contrast_table
from tests.analytics.rows import crossover

TEXT = crossover(readers=2, cases=6)


def difference(text: str) -> float:
    table = parse_csv(text)
    analysis = agreement(table, weights=["linear"], outcomes=["cells"])
    (mean,) = analysis.find("mean_kappa_difference")
    return mean.estimate.value


@pytest.mark.parametrize(
    ("unguided", "guided"),
    [
        ("Unguided", "Guided"),
        ("UNGUIDED", "guided"),
        ("unguided", "gu\u00adided"),
        ("unguided\u00a0", "\ufeffguided"),
    ],
)
def test_arms_are_recognised_in_any_case(unguided: str, guided: str) -> None:
    text = TEXT.replace(",unguided,", f",{unguided},").replace(",guided,", f",{guided},")
    assert parse_csv(text).arms == ("unguided", "guided")
    assert difference(text) == difference(TEXT)


def test_arm_spelt_in_two_cases_is_one_arm_without_a_warning() -> None:
    lines = TEXT.splitlines()
    mixed = [line.replace("guided", "Guided") if k % 2 else line for k, line in enumerate(lines)]
    table = parse_csv("\n".join([lines[0], *mixed[1:]]))
    assert table.arms == ("unguided", "guided")
    assert not table.warnings


@pytest.mark.parametrize("compare", [("Guided", "UNGUIDED"), ("guided ", "unguided")])
def test_arms_to_compare_may_be_named_in_any_case(compare: tuple[str, str]) -> None:
    table = parse_csv(TEXT)
    assert contrast_table(table, compare) is table
    analysis = agreement(table, weights=["linear"], outcomes=["cells"], compare=compare)
    assert analysis.compared == ("guided", "unguided")
    assert len(contrast_table(table, ("Guided Period 1", "UNGUIDED period 1"))) == len(table)


@pytest.mark.parametrize(
    "spelling",
    [
        unicodedata.normalize("NFD", "José Núñez"),
        "José\u200b Núñez",
        "José\u00a0Núñez",
        "José  Núñez",
        "\u202aJosé Núñez\u202c",
        "José Núñez\u2009",
        "\ufeffJosé Núñez",
        "José\u00ad Núñez",
        "José Nú\u2060ñez",
    ],
)
@pytest.mark.parametrize("column", ["reader", "case", "patient", "case_site", "scanner"])
def test_spellings_that_look_the_same_are_one_name(spelling: str, column: str) -> None:
    row = {"reader": "R1", "case": "C1", "patient": "P1", "case_site": "S", "scanner": "X"}
    rows = [row | {column: name} for name in ("José Núñez", spelling)]
    lines = [
        ",".join([*values.values(), level, "anterior", "1"])
        for values, level in zip(rows, ("L1", "L2"), strict=True)
    ]
    table = parse_csv("\n".join([",".join([*row, "level", "wall", "score"]), *lines]))
    assert len(table) == 1
    names = {
        "reader": table.readers,
        "case": table.cases,
        "patient": table.patients,
        "case_site": table.case_site,
        "scanner": table.case_scanner,
    }
    assert names[column] == ("José Núñez",)
    if spelling.strip() != "José Núñez":
        (warning,) = table.warnings
        assert warning.startswith(
            f"Column {column}: names that differ only in invisible characters"
        )
        assert "(row 2)" in warning
        assert "(row 3)" in warning


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("R1", "r1"),
        ("R1", "R01"),
        ("7", "007"),
        ("7", "7.0"),
        ("R 1", "R1"),
        ("AB-1", "AB–1"),
        ("AB_1", "AB-1"),
        ("CAB", "\u0421AB"),
        ("R1", "R\uff11"),
        ("O'Neill", "O’Neill"),
    ],
)
def test_names_that_differ_slightly_remain_different_with_a_warning(
    first: str, second: str
) -> None:
    rows = [f"{name},1,L1,anterior,1" for name in (first, second)]
    table = parse_csv("\n".join(["reader,case,level,wall,score", *rows]))
    assert set(table.readers) == {first, second}
    (warning,) = table.warnings
    assert f'"{first}" (row 2) and "{second}" (row 3)' in warning


@pytest.mark.parametrize(
    ("first", "second"), [("R1", "R10"), ("R1", "R2"), ("100", "1000"), ("A", "Á"), ("1", "1.5")]
)
def test_clearly_different_names_give_no_warning(first: str, second: str) -> None:
    rows = [f"{name},1,L1,anterior,1" for name in (first, second)]
    assert not parse_csv("\n".join(["reader,case,level,wall,score", *rows])).warnings


def test_long_lists_of_names_are_truncated_and_counted() -> None:
    names = Spellings("case")
    for number in range(1, 13):
        names.name_of(number, f"C{number}")
        names.name_of(number, f"c{number}")
    (warning,) = names.warnings()
    assert warning.count(" and ") == 6
    assert "and 7 more" in warning


@given(st.text(max_size=20))
def test_clean_text_is_idempotent(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_words_for_missing_values_are_not_names() -> None:
    text = "reader,case,patient,arm,level,wall,score\n" + "".join(
        f"A,{case},{patient},nan,L1,anterior,1\n"
        for case, patient in enumerate(["NA", "NaN", "", "null"])
    )
    table = parse_csv(text)
    assert table.patients == ("0", "1", "2", "3")
    assert table.arms == (None,)
    with pytest.raises(ValueError, match="Row 2, column reader: empty"):
        parse_csv("reader,case,level,wall,score\nnan,1,L1,anterior,1\n")


def test_site_of_a_case_may_be_given_in_one_of_its_rows() -> None:
    text = (
        "reader,case,patient,case_site,scanner,level,wall,score\n"
        "A,1,,,,L1,anterior,1\nB,1,P,North,iDXA,L1,anterior,1\n"
    )
    table = parse_csv(text)
    assert (table.patients, table.case_site, table.case_scanner) == (("P",), ("North",), ("iDXA",))


def test_two_sites_of_one_case_give_a_warning() -> None:
    text = (
        "reader,case,case_site,level,wall,score\nA,1,North,L1,anterior,1\nB,1,South,L1,anterior,1\n"
    )
    (warning,) = parse_csv(text).warnings
    assert 'Column case_site: more than one value for the same case: 1 has "North" (row 2)' in (
        warning
    )
