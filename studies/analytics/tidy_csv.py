"""Reads the tidy long CSV (one row a reader x case x cell) into a ReadingTable.

The file is read line by line: a million rows fit into 200 MB with everything around them. Every
complaint names the row and the column as a spreadsheet shows them, and what to do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final

from studies.analytics.gathering import Gathering
from studies.analytics.scale import DEFAULT_GROUP_LIMITS
from studies.analytics.table import ReadingTable
from studies.analytics.tidy_values import TableError

NEEDED: Final = ("reader", "case", "level", "wall", "score")
DELIMITERS: Final = (",", ";", "\t")


def read_csv(path: Path, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read a tidy long CSV file: UTF-8 with or without a byte order mark, any usual separator."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return table_from_rows(_numbered_rows(lines), group_limits=group_limits)
    except OSError as problem:
        raise TableError(f"{path} cannot be opened: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise TableError(
            f"Row {_first_row_not_utf8(path)} contains a character that is not UTF-8. "
            'Save the file again as "CSV UTF-8 (comma delimited)".'
        ) from problem


def parse_csv(text: str, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read the text of a tidy long CSV file.

    Examples
    --------
    >>> table = parse_csv("reader,case,level,wall,score\\nA,1,L1,anterior,2\\nB,1,L1,anterior,3")
    >>> table.readers, table.outcome("L1_anterior").tolist()
    (('A', 'B'), [2, 3])
    """
    lines = io.StringIO(text, newline="")
    return table_from_rows(_numbered_rows(lines), group_limits=group_limits)


def table_from_rows(
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    *,
    group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS,
) -> ReadingTable:
    """Build a table from numbered rows of the tidy long form.

    Parameters
    ----------
    rows
        Pairs of the row's number, for messages, and its values by column name. ``reader, case,
        level, wall, score`` are needed; an empty score is missing.
    group_limits
        Lowest totals of the moderate and of the high group.

    Raises
    ------
    TableError
        A value is not what its column takes, or a cell stands there twice.
    """
    gathered = Gathering()
    for number, row in rows:
        gathered.add(number, row)
    if not len(gathered):
        raise TableError("The file has a header but no readings. Add at least one row.")
    return gathered.table(group_limits)


def _first_row_not_utf8(path: Path) -> int:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _numbered_rows(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, str]]]:
    start: list[str] = []
    for line in lines:
        start.append(line)
        if line.strip():
            break
    delimiter = max(DELIMITERS, key=start[-1].count) if start else ","
    reader = csv.reader(chain(start, lines), delimiter=delimiter, strict=True)
    try:
        header = next((row for row in reader if any(name.strip() for name in row)), [])
        names = [name.strip().lower() for name in header]
        _check_header(names)
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(names):
                raise TableError(
                    f"Row {reader.line_num} has {len(values)} values, but the header has "
                    f"{len(names)}. Put text that contains a separator in double quotes."
                )
            yield reader.line_num, dict(zip(names, values, strict=True))
    except csv.Error as problem:
        raise TableError(
            f"Row {reader.line_num} is not valid CSV ({problem}). Check its quotation marks."
        ) from problem


def _check_header(names: list[str]) -> None:
    if not any(names):
        raise TableError(
            f"The file is empty. Its first row must name the columns: {', '.join(NEEDED)}."
        )
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise TableError(
            f"Row 1 lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            f"The first row must name at least: {', '.join(NEEDED)}."
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableError(f"Row 1 names the column {twice[0]} twice. Keep one of them.")
