"""Scripts that read the tidy CSV in R, Stata and SPSS, with types and labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Final

from studies.reports.exports.variables import Kind, Variable

SOURCE: Final = "readings.csv"
ABOUT: Final = "Reads readings.csv, the tidy table of VerteRead, with types and labels."
FOLDER: Final = "Save both files in one folder and make it the working directory."
R_CLASSES: Final[dict[Kind, str]] = {
    "text": "character",
    "whole": "integer",
    "number": "numeric",
    # Converted afterwards, because R reads neither form.
    "truth": "character",
    "time": "character",
}
SPSS_FORMATS: Final[dict[Kind, str]] = {
    "text": "A250",
    "whole": "F8.0",
    "number": "F14.4",
    "truth": "A5",
    "time": "A20",
}
LONG_TEXT: Final = ("reason", "first_reason")
LONG_FORMAT: Final = "A4000"


def r_syntax(variables: Sequence[Variable]) -> str:
    """Return a script in base R that creates the data frame ``readings``.

    Labels are the attributes ``label`` and ``labels``, as in the packages haven and labelled.
    """
    classes = ",\n".join(f'    {one.name} = "{R_CLASSES[one.kind]}"' for one in variables)
    lines = [
        f"# {ABOUT}",
        f"# {FOLDER}",
        "",
        "readings <- read.csv(",
        f'  "{SOURCE}", na.strings = "", encoding = "UTF-8", colClasses = c(',
        classes,
        "  )",
        ")",
    ]
    for one in variables:
        column = f"readings${one.name}"
        if one.kind == "truth":
            lines.append(f'{column} <- {column} == "true"')
        elif one.kind == "time":
            form = '"%Y-%m-%dT%H:%M:%SZ", tz = "UTC"'
            lines.append(f"{column} <- as.POSIXct({column}, format = {form})")
        lines.append(f'attr({column}, "label") <- {_r_text(one.label)}')
        if one.values:
            # Scores stay numbers: the codes of a factor would start from 1.
            codes = ", ".join(f"{_r_text(text)} = {code}" for code, text in one.values.items())
            lines.append(f'attr({column}, "labels") <- c(\n  {codes}\n)')
    return "\n".join(lines) + "\n"


def stata_syntax(variables: Sequence[Variable]) -> str:
    """Return a do-file for Stata 14 or later."""
    by_kind = _names_by_kind(variables)
    lines = [
        f"* {ABOUT}",
        f"* {FOLDER}",
        "",
        "version 14",
        "clear",
        f'import delimited using "{SOURCE}", varnames(1) case(preserve) encoding("UTF-8") ///',
        "    bindquote(strict) maxquotedrows(unlimited) stringcols(_all)",
        f"destring {_stata_names(by_kind['whole'] + by_kind['number'])}, replace",
        f"foreach name of varlist {' '.join(by_kind['truth'])} {{",
        '    generate byte converted = (`name\' == "true") if `name\' != ""',
        "    drop `name'",
        "    rename converted `name'",
        "}",
        f"foreach name of varlist {' '.join(by_kind['time'])} {{",
        '    replace `name\' = subinstr(substr(`name\', 1, 19), "T", " ", 1)',
        '    generate double converted = clock(`name\', "YMDhms")',
        "    format converted %tc",
        "    drop `name'",
        "    rename converted `name'",
        "}",
        f"order {_stata_names([one.name for one in variables])}",
        "",
        'label define truth_codes 0 "no" 1 "yes"',
    ]
    for one in variables:
        lines.append(f"label variable {one.name} {_stata_text(one.label)}")
        if one.kind == "truth":
            lines.append(f"label values {one.name} truth_codes")
        if one.values:
            codes = " ".join(f"{code} {_stata_text(text)}" for code, text in one.values.items())
            lines.append(f"label define {one.name}_codes {codes}")
            lines.append(f"label values {one.name} {one.name}_codes")
    return "\n".join(lines) + "\n"


def spss_syntax(variables: Sequence[Variable]) -> str:
    """Return syntax for SPSS Statistics 21 or later; times also become numeric variables."""
    formats = [
        f"    {one.name} {LONG_FORMAT if one.name in LONG_TEXT else SPSS_FORMATS[one.kind]}"
        for one in variables
    ]
    lines = [
        "* Encoding: UTF-8.",
        f"* {ABOUT}",
        f"* {FOLDER[:-1]}, for example with CD.",
        "",
        "GET DATA",
        "  /TYPE=TXT",
        f"  /FILE='{SOURCE}'",
        "  /ENCODING='UTF8'",
        "  /ARRANGEMENT=DELIMITED",
        '  /DELIMITERS=","',
        "  /QUALIFIER='\"'",
        "  /FIRSTCASE=2",
        "  /VARIABLES=",
        *formats,
        "    .",
        "DATASET NAME readings.",
    ]
    for name in _names_by_kind(variables)["time"]:
        parts = [_spss_part(name, *span) for span in ((9, 2), (6, 2), (1, 4), (12, 2), (15, 2))]
        seconds = _spss_part(name, 18, 2)
        day, time = ", ".join(parts[:3]), ", ".join([*parts[3:], seconds])
        lines += [
            f"COMPUTE {name}_utc = DATE.DMY({day}) +\n    TIME.HMS({time}).",
            f"FORMATS {name}_utc (DATETIME20).",
        ]
    labels = [f"{one.name} {_spss_text(one.label)}" for one in variables]
    lines += ["VARIABLE LABELS", "  " + "\n  /".join(labels) + "."]
    coded = [
        f"{one.name} " + " ".join(f"{code} {_spss_text(text)}" for code, text in one.values.items())
        for one in variables
        if one.values
    ]
    lines += ["VALUE LABELS", "  " + "\n  /".join(coded) + ".", "EXECUTE."]
    return "\n".join(lines) + "\n"


PROGRAMS: Final[dict[str, Callable[[Sequence[Variable]], str]]] = {
    "R": r_syntax,
    "do": stata_syntax,
    "sps": spss_syntax,
}
"""Syntax by the extension of its file."""


def _names_by_kind(variables: Sequence[Variable]) -> dict[Kind, list[str]]:
    return {kind: [one.name for one in variables if one.kind == kind] for kind in SPSS_FORMATS}


def _r_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _stata_names(names: Sequence[str]) -> str:
    """Return names separated by spaces, on lines that end with the mark of continuation."""
    return " ///\n    ".join(wrap(" ".join(names), 90))


def _stata_text(text: str) -> str:
    # Compound quotes may contain ordinary ones.
    return f'`"{text}"\''


def _spss_text(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _spss_part(name: str, start: int, length: int) -> str:
    return f"NUMBER(CHAR.SUBSTR({name}, {start}, {length}), F{length})"
