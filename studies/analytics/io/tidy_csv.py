"""Reads the tidy long CSV (one row a reader x case x cell) into a ReadingTable.

The file is read line by line: a million rows fit into 200 MB with everything around them. Every
complaint names the column and the row, counted in lines of the file, and what to do.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from studies.analytics.io.field_parsing import TableError
from studies.analytics.io.lines import numbered_rows, open_csv
from studies.analytics.io.table_builder import TableBuilder
from studies.analytics.scale import DEFAULT_GROUP_LIMITS
from studies.analytics.table import ReadingTable


def read_csv(path: Path, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read a tidy long CSV file: UTF-8 with or without a byte order mark, any usual separator."""
    with open_csv(path) as lines:
        return _table_of(lines, group_limits)


def parse_csv(text: str, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read the text of a tidy long CSV file.

    Examples
    --------
    >>> table = parse_csv("reader,case,level,wall,score\\nA,1,L1,anterior,2\\nB,1,L1,anterior,3")
    >>> table.readers, table.outcome("L1_anterior").tolist()
    (('A', 'B'), [2, 3])
    """
    return _table_of(io.StringIO(text, newline=""), group_limits)


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
    builder = TableBuilder()
    for number, row in rows:
        builder.add(number, row)
    if not len(builder):
        raise TableError("The file has a header but no readings. Add at least one row.")
    return builder.table(group_limits)


def table_from_readings(
    readings: Iterable[tuple[int, Mapping[str, Any], Sequence[Mapping[str, Any]]]],
    *,
    group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS,
) -> ReadingTable:
    """Build a table from whole readings, as `table_from_rows` does from their rows.

    Parameters
    ----------
    readings
        The number of the first row, for messages; the columns that the reading's rows share; and
        ``score``, ``validity`` and ``reference`` of its cells in the order of `scale.CELLS`.
    """
    builder = TableBuilder()
    for number, shared, cells in readings:
        builder.add_reading(number, shared, cells)
    if not len(builder):
        raise TableError("There are no readings.")
    return builder.table(group_limits)


def _table_of(lines: Iterable[str], group_limits: tuple[int, int]) -> ReadingTable:
    notes: list[str] = []
    table = table_from_rows(numbered_rows(lines, notes), group_limits=group_limits)
    return replace(table, warnings=(*notes, *table.warnings)) if notes else table
