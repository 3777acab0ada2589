"""Reads a tidy CSV (one row per reader x case x cell) into a `ReadingTable`.

The file is read line by line: a million rows need 200 MB in all. Error messages name the row,
counted in lines of the file, the column, and what to do.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from studies.analytics.io.field_parsing import TableError
from studies.analytics.io.lines import numbered_rows, open_csv
from studies.analytics.io.reading_collector import ReadingCollector
from studies.analytics.io.table_builder import build_table
from studies.analytics.scale import DEFAULT_GROUP_LIMITS
from studies.analytics.table import ReadingTable


def read_csv(path: Path, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read a tidy CSV file in UTF-8, separated by commas, semicolons or tabs.

    Parameters
    ----------
    path : Path
        The file; `table_from_rows` lists its columns.
    group_limits : (int, int)
        Lowest totals of the moderate and of the high group.

    Raises
    ------
    TableError
        If the file cannot be read as readings.
    """
    with open_csv(path) as lines:
        return _table_of(lines, group_limits)


def parse_csv(text: str, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read the text of a tidy CSV file, as `read_csv` does a file.

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
    """Build a table from numbered rows of the tidy form.

    Parameters
    ----------
    rows : iterable of (int, mapping)
        Number of the row, for messages, and its values by column name. ``reader``, ``case``,
        ``level``, ``wall`` and ``score`` are required; an empty score is missing.
    group_limits : (int, int)
        Lowest totals of the moderate and of the high group.

    Raises
    ------
    TableError
        If a value is not valid in its column, if a cell is repeated, or if there is no row.
    """
    collector = ReadingCollector()
    for number, row in rows:
        collector.add(number, row)
    if not len(collector):
        raise TableError("The file has a header but no readings. Add at least one row.")
    return build_table(collector, group_limits)


def table_from_readings(
    readings: Iterable[tuple[int, Mapping[str, Any], Sequence[Mapping[str, Any]]]],
    *,
    group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS,
) -> ReadingTable:
    """Build a table from whole readings, as `table_from_rows` does from their rows.

    Parameters
    ----------
    readings : iterable of (int, mapping, sequence of mapping)
        Number of the first row, for messages; the columns that the rows share; and ``score``,
        ``validity`` and ``reference`` of the cells in the order of `scale.CELLS`.
    group_limits : (int, int)
        Lowest totals of the moderate and of the high group.

    Raises
    ------
    TableError
        If a value is not valid in its column, or if there is no reading.
    """
    collector = ReadingCollector()
    for number, shared, cells in readings:
        collector.add_reading(number, shared, cells)
    if not len(collector):
        raise TableError("There are no readings to analyse.")
    return build_table(collector, group_limits)


def _table_of(lines: Iterable[str], group_limits: tuple[int, int]) -> ReadingTable:
    notes: list[str] = []
    table = table_from_rows(numbered_rows(lines, notes), group_limits=group_limits)
    return replace(table, warnings=(*notes, *table.warnings)) if notes else table
