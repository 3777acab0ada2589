"""Parsing of single values of the tidy CSV, with error messages that name row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from studies.analytics.names import Spellings, clean_text, strip_formula_guard
from studies.analytics.scale import MISSING, Validity

# Larger numbers in a column of counts are errors, and would not fit into every integer array.
HIGHEST_COUNT: Final = 1_000_000_000

MISSING_WORDS: Final = frozenset({"", "na", "n/a", "nan", "none", "null", "."})

# Entries that mean "no name". NA is not one: it may be a person's initials or a site's code.
NO_NAME: Final = MISSING_WORDS - {"na"} | {"#n/a"}

# Fast path: nearly every score and validity code is a single digit.
_DIGITS: Final = {str(digit): digit for digit in range(10)}
_VALIDITIES: Final = frozenset(int(member) for member in Validity)
_DECIMAL: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPED: Final = re.compile(
    r"[+-]?(?P<whole>[1-9]\d{0,2}(?:[.,'’ _]\d{3})+)(?:[.,](?P<part>\d+))?", re.ASCII
)
"""Groups of three digits. Whether 1.234 has a thousands separator or decimals is ambiguous."""
_POINT_AND_ZEROS: Final = re.compile(r"[+-]?\d\.0+", re.ASCII)


class TableError(ValueError):
    """The file cannot be read as readings. The message says where, and what to do."""


def text_of(row: Mapping[str, Any], name: str) -> str:
    """Return a value as clean text, without the quote that protects it from spreadsheets."""
    value = row.get(name)
    return strip_formula_guard("" if value is None else clean_text(str(value)))


def name_in(number: int, row: Mapping[str, Any], names: Spellings) -> str:
    """Return the name that a row has in the column of ``names``, "" if it has none."""
    value = row.get(names.column)
    name = "" if value is None else names.name_of(number, str(value))
    return "" if name.lower() in NO_NAME else name


def required_name(number: int, row: Mapping[str, Any], names: Spellings) -> str:
    """Return the name that a row has in the column of ``names``; raise TableError without one."""
    name = name_in(number, row, names)
    if not name:
        column = names.column
        raise TableError(f"Row {number}, column {column}: empty. Every row needs a {column}.")
    return name


def one_of(number: int, row: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """Return a value that must be one of the allowed ones, ignoring case."""
    text = text_of(row, name)
    # A row of AAC-8 without a wall holds the total of both.
    if name == "wall" and "both" in allowed and text.lower() in {"", "all"}:
        return "both"
    for choice in allowed:
        if text.lower() == choice.lower():
            return choice
    raise TableError(
        f'Row {number}, column {name}: "{text}" is not one of {", ".join(allowed)}. Correct it.'
    )


def _number(number: int, row: Mapping[str, Any], name: str, text: str) -> float | None:
    """Return a text as a number, None if it is not a plain decimal number.

    Raises
    ------
    TableError
        If the text has groups of three digits: the separator may mark thousands or decimals, and
        the file cannot tell which.
    """
    value = row.get(name)
    # Values from the database are numbers already; a bool is an int in Python but no number here.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if grouped := _GROUPED.fullmatch(text):
        whole = "".join(re.findall(r"\d", grouped["whole"]))
        example = whole + (f".{grouped['part']}" if grouped["part"] else "")
        raise TableError(
            f'Row {number}, column {name}: "{text}" may contain a thousands separator. Write the '
            f"number without one, for example {example}."
        )
    # A comma is a decimal separator here: thousands were ruled out above.
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None


def whole_number(
    number: int, row: Mapping[str, Any], name: str, *, default: int, least: int
) -> int:
    """Return a whole number of at least ``least``, or ``default`` where the value is missing."""
    stored = row.get(name)
    # Fast path for values from the database.
    if type(stored) is int and least <= stored <= HIGHEST_COUNT:
        return stored
    text = text_of(row, name)
    if text.lower() in MISSING_WORDS:
        return default
    value = _number(number, row, name, text)
    if value is None or not value.is_integer() or not least <= value <= HIGHEST_COUNT:
        raise TableError(
            f'Row {number}, column {name}: "{text}" is not a whole number of at least {least}. '
            "Correct it, or leave it empty."
        )
    return int(value)


def milliseconds(number: int, row: Mapping[str, Any], name: str) -> float:
    """Return a time in milliseconds, NaN where missing."""
    return _amount(number, row, name, "a time in milliseconds")


def millimetres(number: int, row: Mapping[str, Any], name: str) -> float:
    """Return a length in mm, NaN where missing."""
    return _amount(number, row, name, "a length in mm")


def _amount(number: int, row: Mapping[str, Any], name: str, meaning: str) -> float:
    stored = row.get(name)
    # Fast path for values from the database.
    if type(stored) is int and stored >= 0:
        return float(stored)
    text = text_of(row, name)
    if text.lower() in MISSING_WORDS:
        return float("nan")
    value = _number(number, row, name, text)
    if value is None or not 0 <= value < float("inf"):
        raise TableError(
            f'Row {number}, column {name}: "{text}" is not {meaning}. '
            "Correct it, or leave it empty."
        )
    return value


def score_of(number: int, row: Mapping[str, Any], *, highest: int, name: str = "score") -> int:
    """Return a score from 0 to ``highest``, -1 where missing."""
    value = row.get(name, "")
    digit = value if type(value) is int else _DIGITS.get(value)
    if digit is not None and 0 <= digit <= highest:
        return digit
    text = text_of(row, name)
    if text.lower() in MISSING_WORDS:
        return MISSING
    # As a score, 2.000 can only be 2, although it looks like two thousand.
    small = bool(_POINT_AND_ZEROS.fullmatch(text))
    parsed = float(text) if small else _number(number, row, name, text)
    if parsed is None or not parsed.is_integer() or not 0 <= parsed <= highest:
        raise TableError(
            f'Row {number}, column {name}: "{text}" is not a whole number from 0 to {highest}. '
            "Correct it, or leave it empty if the cell was not scored."
        )
    return int(parsed)


def validity_of(number: int, row: Mapping[str, Any]) -> int:
    """Return a validity code of NHANES, -1 where missing."""
    value = row.get("validity", "")
    digit = value if type(value) is int else _DIGITS.get(value)
    if digit is not None and digit in _VALIDITIES:
        return digit
    code = whole_number(number, row, "validity", default=MISSING, least=0)
    if code != MISSING and code not in _VALIDITIES:
        raise TableError(
            f"Row {number}, column validity: {code} is not one of "
            f"{', '.join(map(str, sorted(_VALIDITIES)))} (0 is readable). Correct it."
        )
    return code
