"""The programs that read the tidy CSV: run in R, checked against the rules of Stata and SPSS."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studies.analytics.scale import VALIDITY_LABELS
from studies.reports.exports.syntax import PROGRAMS
from studies.reports.exports.variables import KINDS, LONGEST_LABEL, Variable, variables
from studies.reports.files.tidy import csv_lines
from studies.reports.files.tidy_columns import COLUMNS, OPTIONAL
from tests.reports.package.unpacked import needs_r, run
from tests.reports.study import tidy_rows

ALL = list(variables(reference=True, measured=True, changed=True, started=True))
STATA_QUOTED = re.compile(r"`\"(.*?)\"'")


def test_variables_are_the_columns_of_the_codebook_with_labels_that_stata_accepts() -> None:
    meanings = COLUMNS | OPTIONAL
    assert {one.name for one in ALL} == set(meanings)
    assert set(KINDS) <= set(meanings)
    for one in ALL:
        assert 3 <= len(one.label) <= LONGEST_LABEL, one
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", one.name)
        codebook = re.sub(r"^true if", "Whether", meanings[one.name])
        assert codebook.startswith(one.label.removesuffix("..."))
    assert next(one for one in ALL if one.name == "validity").values == {
        int(code): label for code, label in VALIDITY_LABELS.items()
    }


def test_scores_have_no_labels_where_the_column_also_holds_aac8() -> None:
    def labelled(aac8: bool) -> set[str]:
        every = variables(reference=True, measured=True, changed=True, started=True, aac8=aac8)
        return {one.name for one in every if one.values}

    assert labelled(aac8=False) - labelled(aac8=True) == {
        "score",
        "first_score",
        "started_from_score",
        "measured_score",
    }


@needs_r
def test_r_reads_the_table_with_types_and_labels(tmp_path: Path) -> None:
    rows = tidy_rows(cases=4)
    rows[0]["reason"] = 'implant, "old"\nén'
    (tmp_path / "readings.csv").write_text("".join(csv_lines(rows)), "utf-8", newline="")
    (tmp_path / "readings.R").write_text(PROGRAMS["R"](list(variables())), "utf-8")
    program = """source("readings.R")
        cat(nrow(readings), sum(readings$score, na.rm = TRUE), sum(readings$guides_shown), "\\n")
        cat(readings$reason[1], "\\n")
        cat(format(readings$started_at[1], "%Y-%m-%d %H:%M:%S %Z"), "\\n")
        for (name in names(readings)) cat(class(readings[[name]])[1], name,
          attr(readings[[name]], "label"), "\\n", sep = "|")
        codes <- attr(readings$validity, "labels")
        cat(paste(codes, names(codes)), sep = "\\n")"""
    done = run(tmp_path, "Rscript", "--vanilla", "-e", program)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    known = [row["score"] for row in rows if row["score"] is not None]
    guided = sum(row["guides_shown"] for row in rows)
    assert lines[0].split() == [str(len(rows)), str(sum(known)), str(guided)]
    assert lines[1:3] == ['implant, "old"', "én "]
    started = datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert lines[3].strip() == f"{started:%Y-%m-%d %H:%M:%S} UTC"
    classes = {"text": "character", "whole": "integer", "number": "numeric"}
    classes |= {"truth": "logical", "time": "POSIXct"}
    described = [f"{classes[one.kind]}|{one.name}|{one.label}|" for one in variables()]
    assert lines[4 : 4 + len(described)] == described
    assert lines[-6:] == [f"{int(code)} {label}" for code, label in VALIDITY_LABELS.items()]


def stata_commands(text: str) -> list[str]:
    """Return the commands of a do-file without comments, with continued lines joined."""
    joined = re.sub(r" ///\n\s*", " ", text)
    return [line for line in joined.splitlines() if line and not line.startswith("*")]


def test_stata_converts_every_column_and_labels_it_as_the_codebook_does() -> None:
    text = PROGRAMS["do"](ALL)
    commands = stata_commands(text)
    known = ("version", "clear", "import", "destring", "foreach", "generate", "replace", "drop")
    known += ("rename", "}", "format", "order", "label")
    assert {command.split()[0] for command in commands} == set(known)
    assert text.count("{") == text.count("}")
    assert max(map(len, text.splitlines())) < 250
    labels = {
        command.split()[2]: unquoted(STATA_QUOTED, command)
        for command in commands
        if command.startswith("label variable")
    }
    assert labels == {one.name: one.label for one in ALL}
    (order,) = (command.split()[1:] for command in commands if command.startswith("order"))
    assert order == [one.name for one in ALL]
    (numeric,) = (command for command in commands if command.startswith("destring"))
    converted = set(numeric.removesuffix(", replace").split()[1:])
    assert converted == {one.name for one in ALL if one.kind in ("whole", "number")}
    for one in ALL:
        if one.values:
            (codes,) = (c for c in commands if c.startswith(f"label define {one.name}_codes "))
            assert values_of(codes.split("_codes ", 1)[1], STATA_QUOTED) == one.values
            assert f"label values {one.name} {one.name}_codes" in commands


def spss_commands(text: str) -> list[str]:
    """Return the commands of SPSS syntax, which end with a period at the end of a line."""
    ended = re.split(r"\.\n", text)
    assert ended.pop() == ""
    return [command.strip() for command in ended if not command.strip().startswith("*")]


def test_spss_declares_every_column_and_labels_it_as_the_codebook_does() -> None:
    text = PROGRAMS["sps"](ALL)
    commands = spss_commands(text)
    assert [command.split()[0] for command in commands] == [
        *("GET", "DATASET", "COMPUTE", "FORMATS", "COMPUTE", "FORMATS"),
        *("VARIABLE", "VALUE", "EXECUTE"),
    ]
    assert max(map(len, text.splitlines())) <= 256
    declared = re.findall(r"^    (\w+) ([AF][\d.]+)$", commands[0], re.MULTILINE)
    assert [name for name, _ in declared] == [one.name for one in ALL]
    for (name, form), one in zip(declared, ALL, strict=True):
        assert form.startswith("F" if one.kind in ("whole", "number") else "A"), name
    for command in commands:
        assert command.count("(") == command.count(")")
        assert command.count("'") % 2 == 0
    quoted = re.compile(r"'((?:[^']|'')*)'")
    labels = commands[6].removeprefix("VARIABLE LABELS").split("\n  /")
    assert {label.split()[0]: unquoted(quoted, label) for label in labels} == {
        one.name: one.label for one in ALL
    }
    coded = commands[7].removeprefix("VALUE LABELS").split("\n  /")
    assert {entry.split()[0]: values_of(entry, quoted) for entry in coded} == {
        one.name: one.values for one in ALL if one.values
    }


def unquoted(quoted: re.Pattern[str], text: str) -> str:
    match = quoted.search(text)
    assert match
    return match[1].replace("''", "'")


def values_of(text: str, quoted: re.Pattern[str]) -> dict[int, str]:
    pairs = re.finditer(rf"(\d+) {quoted.pattern}", text)
    return {int(match[1]): match[2].replace("''", "'") for match in pairs}


@pytest.mark.parametrize("program", PROGRAMS)
def test_quotes_in_a_label_stay_inside_it(program: str) -> None:
    text = PROGRAMS[program]([*ALL, Variable("planted", "whole", 'Reader\'s "own" \\ grade', {})])
    if program == "R":
        assert '"Reader\'s \\"own\\" \\\\ grade"' in text
    elif program == "do":
        assert '`"Reader\'s "own" \\ grade"\'' in text
    else:
        assert "'Reader''s \"own\" \\ grade'" in text
