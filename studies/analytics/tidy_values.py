"""Single values of the tidy long CSV, each with the complaint that a wrong one earns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from studies.analytics.scale import Validity
from studies.analytics.table import MISSING

HIGHEST_COUNT: Final = 1_000_000_000

MISSING_WORDS: Final = frozenset({"", "na", "n/a", "nan", "none", "null", "."})


class TableError(ValueError):
    """The file cannot be read as readings; the text says where and what to do."""


def text_of(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    text = "" if value is None else str(value).strip()
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text


def required(number: int, row: Mapping[str, Any], name: str) -> str:
    text = text_of(row, name)
    if not text:
        raise TableError(f"Row {number}, column {name} is empty. Every row needs a {name}.")
    return text


def one_of(number: int, row: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    text = text_of(row, name)
    if name == "wall" and "both" in allowed and text.lower() in {"", "all"}:
        return "both"
    for choice in allowed:
        if text.lower() == choice.lower():
            return choice
    raise TableError(
        f'Row {number}, column {name}: "{text}" is not one of {", ".join(allowed)}. Correct it.'
    )


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def whole_number(
    number: int, row: Mapping[str, Any], name: str, *, default: int, least: int
) -> int:
    text = text_of(row, name)
    if text.lower() in MISSING_WORDS:
        return default
    value = _number(text)
    if value is None or not value.is_integer() or not least <= value <= HIGHEST_COUNT:
        raise TableError(
            f'Row {number}, column {name}: "{text}" is not a whole number from {least} up. '
            "Correct it, or leave it empty."
        )
    return int(value)


def milliseconds(number: int, row: Mapping[str, Any], name: str) -> float:
    text = text_of(row, name)
    if text.lower() in MISSING_WORDS:
        return float("nan")
    value = _number(text)
    if value is None or not 0 <= value < float("inf"):
        raise TableError(
            f'Row {number}, column {name}: "{text}" is not a time in milliseconds. '
            "Correct it, or leave it empty."
        )
    return value


def score_of(number: int, row: Mapping[str, Any], *, highest: int, name: str = "score") -> int:
    text = text_of(row, name)
    if text.lower() in MISSING_WORDS:
        return MISSING
    value = _number(text)
    if value is None or not value.is_integer() or not 0 <= value <= highest:
        raise TableError(
            f'Row {number}, column {name}: "{text}" is not a whole number from 0 to {highest}. '
            "Correct it, or leave it empty if the cell was not scored."
        )
    return int(value)


def validity_of(number: int, row: Mapping[str, Any]) -> int:
    code = whole_number(number, row, "validity", default=MISSING, least=0)
    if code != MISSING and code not in {int(member) for member in Validity}:
        raise TableError(
            f"Row {number}, column validity: {code} is not one of "
            f"{', '.join(str(int(member)) for member in Validity)} (0 is readable). Correct it."
        )
    return code
