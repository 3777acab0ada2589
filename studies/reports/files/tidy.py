"""Tidy long CSV with one row per cell or AAC-8 score, safe for spreadsheets, and its codebook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain, tee
from typing import Any, Final

from studies.reports.files.tidy_columns import (
    CHANGED,
    COLUMNS,
    MEASURED,
    OPTIONAL,
    REFERENCE,
    STARTED,
)
from studies.spreadsheets import escape_formula

END: Final = "\r\n"

NEEDS_QUOTES: Final = re.compile(r'["\r\n]')
"""Characters, besides the separator, for which the csv module quotes a field."""


def plain(value: Any) -> str:
    """Return a value as text: times in ISO 8601 and UTC, true or false, "" for None.

    Examples
    --------
    >>> plain(None), plain(True), plain(3), plain(datetime(2026, 11, 23, 8, 5, tzinfo=UTC))
    ('', 'true', '3', '2026-11-23T08:05:00Z')
    """
    if value is None:
        return ""
    # Before the other types: a bool is also an int and would be printed as True.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def csv_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the CSV line by line, header first, in the order of COLUMNS.

    Parameters
    ----------
    rows
        One mapping per cell, by column name; missing values are left empty. The columns of
        `OPTIONAL` are added if the first row has them.
    """
    rows = iter(rows)
    first = next(rows, None)
    # The first row decides, because the header is written before the other rows are known.
    names = (*COLUMNS, *(name for name in OPTIONAL if first and name in first))
    yield from lines_of_columns(names, chain(() if first is None else (first,), rows))


def lines_of_columns(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a CSV with these columns line by line, header first; missing values are left empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=END)
    yield _line(writer, buffer, names)
    for row in rows:
        yield _line(writer, buffer, (_field(row.get(name)) for name in names))


class ReadingLines:
    """Formats the lines of whole readings, with the values shared by their cells formatted once.

    Parameters
    ----------
    reference
        Whether to add the column ``reference``.
    measured
        Whether to add the columns of measured reading.
    changed
        Whether to add the columns of first values, revisions and reopenings.
    started
        Whether to add the columns of the scores with which second readings started.
    """

    def __init__(
        self,
        *,
        reference: bool,
        measured: bool = False,
        changed: bool = False,
        started: bool = False,
    ) -> None:
        names = list(COLUMNS)
        # Values before and after those of a cell are the same in all lines of a reading.
        self._before = names[: names.index("level")]
        self._after = names[names.index("reason") + 1 :]
        self._reference = reference
        self._more = (
            *(MEASURED if measured else ()),
            *(CHANGED if changed else ()),
            *(STARTED if started else ()),
        )
        self._none = [None] * len(self._more)
        # Few combinations of cell, score and validity occur, so each is formatted once.
        self._cells: dict[tuple[str, int | None, int | None], str] = {}
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator=END)

    @property
    def header(self) -> str:
        """Return the header line."""
        reference = REFERENCE if self._reference else ()
        return ",".join([*COLUMNS, *reference, *self._more]) + END

    def of(
        self,
        shared: Mapping[str, Any],
        cells: Iterable[tuple[str, int | None, int | None, str]],
        reference: Mapping[str, Any],
        more: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> str:
        """Return the lines of one reading, equal to those of `csv_lines` for its rows.

        Parameters
        ----------
        shared
            Columns that are equal in all cells.
        cells
            Cell, score, validity and reason of each cell.
        reference
            Reference grades of the case by cell.
        more
            Columns of measured, of changed and of second readings by cell.
        """
        before = self._joined(map(shared.get, self._before))
        after = self._joined(map(shared.get, self._after))
        no_more = "," * len(self._more)
        lines = []
        for cell, score, validity, reason in cells:
            written = self._cells.get((cell, score, validity))
            if written is None:
                written = f"{cell.replace('_', ',')},{plain(score)},{plain(validity)},"
                self._cells[cell, score, validity] = written
            # Joined with an empty field, the reason ends with the separator.
            comment = self._joined((reason, "")) if reason else ","
            last = f",{plain(reference.get(cell))}" if self._reference else ""
            of_cell = more.get(cell) if more and self._more else None
            values = [of_cell.get(name) for name in self._more] if of_cell else ()
            # Most cells of a study with measured arms were not measured.
            if values == self._none or not values:
                last += no_more
            else:
                # The reason of the first submission is text, which may need quotes.
                last += f",{self._joined(values)}"
            lines.append(f"{before},{written}{comment}{after}{last}{END}")
        return "".join(lines)

    def _joined(self, values: Iterable[Any]) -> str:
        fields = [_FORMATS.get(type(value), _field)(value) for value in values]
        text = ",".join(fields)
        # The writer is only needed where a field has to be quoted, which is rare.
        if text.count(",") < len(fields) and NEEDS_QUOTES.search(text) is None:
            return text
        return _line(self._writer, self._buffer, fields).removesuffix(END)


def codebook_lines(
    *,
    reference: bool = False,
    measured: bool = False,
    changed: bool = False,
    started: bool = False,
) -> Iterator[str]:
    """Yield the codebook of the tidy CSV as CSV, one row per column: name and meaning."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=END)
    yield _line(writer, buffer, ("column", "meaning"))
    more = (REFERENCE if reference else {}) | (MEASURED if measured else {})
    more |= (CHANGED if changed else {}) | (STARTED if started else {})
    for name, meaning in (COLUMNS | more).items():
        yield _line(writer, buffer, (name, meaning))


def _field(value: Any) -> str:
    # The most frequent values first: a study of 10,000 cases has tens of millions of fields.
    if value is None:
        return ""
    return escape_formula(value) if isinstance(value, str) else plain(value)


_FORMATS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "",
    str: escape_formula,
    int: str,
}
"""Formatters of the most frequent types, with the results of `_field` but faster."""


def _line(writer: Any, buffer: io.StringIO, values: Iterable[str]) -> str:
    # The buffer is emptied after each line, so that it holds one line at most.
    writer.writerow(list(values))
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line


def hashed(rows: Iterable[Mapping[str, Any]], digest: Any) -> Iterator[Mapping[str, Any]]:
    """Pass the rows on, adding the line of each in the tidy CSV to the digest.

    The digest of all rows is the SHA-256 of the CSV file, which itself is never written.
    """
    # Both iterators advance together, so that `tee` holds one row at most.
    passed_on, hashed_rows = tee(rows)
    lines = csv_lines(hashed_rows)
    digest.update(next(lines).encode())
    for row, line in zip(passed_on, lines, strict=True):
        digest.update(line.encode())
        yield row
