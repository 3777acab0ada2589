"""Readings in the coding of the NHANES AAC file (DXXAAC_H), one row per reading, and codebook.

Reference: NHANES 2013-2014 Data Documentation, Codebook and Frequencies, DXXAAC_H.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from studies.analytics.scale import HIGHEST_AAC8, LEVELS, VALIDITY_LABELS, WALLS, sum_grades
from studies.reports.files.tidy import plain
from studies.reports.files.tidy_columns import COLUMNS
from studies.spreadsheets import escape_formula

KEY: Final = ("study", "arm", "period", "reader", "replicate", "patient", "case")
SCORES: Final = {
    **{f"DXXA{level}": (level, "posterior") for level in LEVELS},
    **{f"DXXA{level}AN": (level, "anterior") for level in LEVELS},
}
AAC8_OF_WALL: Final = {"posterior": "DXXAC8PO", "anterior": "DXXAC8AN"}
AAC8_ORIGIN: Final = (
    "As entered by the reader where the study scores AAC-8, and empty if not readable; otherwise "
    "computed from the traces of a measured reading. Empty in studies and arms with neither: AAC-8 "
    "is not derived from the AAC-24 grades."
)
CODES: Final = "; ".join(f"{int(code)} {label.lower()}" for code, label in VALIDITY_LABELS.items())

NHANES_COLUMNS: Final[dict[str, str]] = {
    **{name: COLUMNS[name] for name in KEY},
    **{
        name: f"AAC-24 grade 0 to 3, {wall} wall at {level}. Empty where not readable."
        for name, (level, wall) in SCORES.items()
    },
    **{
        f"DXXA{level}CC": (
            f"Validity of {level}: code of the anterior wall if it was not readable, otherwise of "
            f"the posterior wall: {CODES}."
        )
        for level in LEVELS
    },
    "DXXAAC24": "AAC-24 total, 0 to 24. Empty if any grade is missing.",
    "DXXAAC8": (
        f"AAC-8 total, 0 to {HIGHEST_AAC8}: sum of both walls. Empty if one is missing. "
        f"{AAC8_ORIGIN}"
    ),
    "DXXAC8AN": "AAC-8 of the anterior wall, 0 to 4. Origin: see DXXAAC8.",
    "DXXAC8PO": "AAC-8 of the posterior wall, 0 to 4. Origin: see DXXAAC8.",
    "DXXAACTV": (
        "Validity of the total: 0 if all four levels were valid, otherwise the code of the first "
        "level from L1 to L4 that was not. Empty if a cell had neither a score nor a reason."
    ),
}


def nhanes_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the CSV line by line, header first.

    Parameters
    ----------
    rows
        Tidy rows with the rows of a reading next to each other, and with the columns of measured
        reading where the study has them.
    """
    yield _line(NHANES_COLUMNS)
    for key, cells in groupby(rows, key=lambda row: tuple(row.get(name) for name in KEY)):
        coded = {**dict(zip(KEY, key, strict=True)), **nhanes_codes(cells)}
        yield _line(_text(coded.get(name)) for name in NHANES_COLUMNS)


def nhanes_codes(cells: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """Return the values of one reading under the NHANES variable names.

    Examples
    --------
    >>> cells = [{"level": "L1", "wall": wall, "score": None, "validity": code}
    ...          for wall, code in (("anterior", 4), ("posterior", 3))]
    >>> nhanes_codes(cells)["DXXAL1CC"]
    4
    """
    by_position = {(cell["level"], cell["wall"]): cell for cell in cells}
    coded: dict[str, int | None] = {}
    for name, position in SCORES.items():
        cell = by_position.get(position, {})
        coded[name] = _number(cell.get("score")) if not _number(cell.get("validity")) else None
    for level in LEVELS:
        codes = {
            wall: _number(by_position.get((level, wall), {}).get("validity")) for wall in WALLS
        }
        # Code 0, valid, is false in Python: the posterior code counts only if the anterior wall was
        # valid.
        coded[f"DXXA{level}CC"] = codes["anterior"] or codes["posterior"]
        # A level with a cell that was not scored at all has no validity code.
        if None in codes.values() and not coded[f"DXXA{level}CC"]:
            coded[f"DXXA{level}CC"] = None
    coded["DXXAAC24"] = sum_grades(coded[name] for name in SCORES)
    for wall, name in AAC8_OF_WALL.items():
        coded[name] = _aac8_of_wall(by_position, wall)
    coded["DXXAAC8"] = sum_grades(coded[name] for name in AAC8_OF_WALL.values())
    levels = [coded[f"DXXA{level}CC"] for level in LEVELS]
    first = next((code for code in levels if code), 0)
    coded["DXXAACTV"] = first if first or None not in levels else None
    return coded


def _aac8_of_wall(
    by_position: Mapping[tuple[str, str], Mapping[str, Any]], wall: str
) -> int | None:
    """Return the AAC-8 score of a wall: the entered one if the reader was asked for it."""
    entered = by_position.get(("all", wall))
    if entered is not None:
        return None if _number(entered.get("validity")) else _number(entered.get("score"))
    # The same value in all levels.
    return _number(by_position.get((LEVELS[0], wall), {}).get("measured_aac8"))


def nhanes_codebook_lines() -> Iterator[str]:
    """Yield the codebook as CSV, one row per column: name and meaning."""
    yield _line(("column", "meaning"))
    for name, meaning in NHANES_COLUMNS.items():
        yield _line((name, meaning))


def _number(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


def _text(value: Any) -> str:
    return escape_formula(plain(value)) if isinstance(value, str) else plain(value)


def _line(values: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(list(values))
    return buffer.getvalue()
