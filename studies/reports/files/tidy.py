"""The tidy long CSV: its columns, what each means, and its lines, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, Final

from studies.analytics.scale import VALIDITY_LABELS
from studies.spreadsheets import escape_formula

_CODES = "; ".join(f"{int(code)} {label.lower()}" for code, label in VALIDITY_LABELS.items())

COLUMNS: Final[dict[str, str]] = {
    "study": "Short name of the study.",
    "arm": "unguided or guided: whether the lines of the network were shown.",
    "period": "1 or 2: the reader's first or second pass of the crossover.",
    "reader": "Label of the reader in this study.",
    "reader_site": "Site at which the reader reads.",
    "patient": "Pseudonym of the patient within this study; the unit of clustering.",
    "case": "Label of the image within this study.",
    "case_site": "Site at which the image was made.",
    "scanner": "Maker and model of the scanner.",
    "replicate": "1, or 2 for a hidden repeat of the same reading.",
    "position": "Place of the reading in the reader's list, counted from 1 in each period.",
    "level": "L1 to L4: the vertebra behind the scored piece of aorta.",
    "wall": "anterior or posterior wall of the aorta.",
    "score": (
        "AAC-24 grade of the wall in this level: 0 none; 1 up to 1/3 of its length calcified; "
        "2 more than 1/3; 3 more than 2/3. Empty where not readable."
    ),
    "validity": f"Whether the cell could be read: {_CODES}.",
    "reason": "The reader's words on why a cell was not readable.",
    "started_at": "When the reading was opened, ISO 8601, UTC.",
    "submitted_at": "When the reading was submitted, ISO 8601, UTC.",
    "active_ms": "Milliseconds at work: image in view, gaps of at most 60 s. One value a reading.",
    "idle_ms": "Milliseconds in longer gaps or with the image out of view. One value a reading.",
    "wall_ms": "Milliseconds from opening to submission, server's clock. One value a reading.",
    "guides_shown": "true where the guides were in view at any time of the reading.",
    "landmark_set": "Which version of the case's landmarks was shown.",
    "simulated": "true where no person made the reading.",
    "app_version": "Version of VerteRead that wrote the file.",
    "model_version": "Name and checksum of the network that found the landmarks.",
}

END: Final = "\r\n"

REFERENCE: Final = {
    "reference": (
        "True grade of the cell, 0 to 3, as phantoms have one. Empty where it is not known."
    )
}


def plain(value: Any) -> str:
    """Return a value as text: ISO 8601 in UTC, true or false, "" for nothing.

    Examples
    --------
    >>> plain(None), plain(True), plain(3), plain(datetime(2026, 11, 23, 8, 5, tzinfo=UTC))
    ('', 'true', '3', '2026-11-23T08:05:00Z')
    """
    if value is None:
        return ""
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
        One mapping a cell, by column name; what is missing stays empty. The column ``reference``
        follows where the first row has it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=END)
    rows = iter(rows)
    first = next(rows, None)
    names = [*COLUMNS, *(name for name in REFERENCE if first and name in first)]
    yield _line(writer, buffer, names)
    for row in chain(() if first is None else (first,), rows):
        yield _line(writer, buffer, (_field(row.get(name)) for name in names))


class ReadingLines:
    """Writes the lines of whole readings: what the cells of a reading share is written once.

    Parameters
    ----------
    reference
        Whether the column ``reference`` follows.
    """

    def __init__(self, *, reference: bool) -> None:
        names = list(COLUMNS)
        self._before = names[: names.index("level")]
        self._after = names[names.index("reason") + 1 :]
        self._reference = reference
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator=END)

    @property
    def header(self) -> str:
        return ",".join([*COLUMNS, *(REFERENCE if self._reference else ())]) + END

    def of(
        self,
        shared: Mapping[str, Any],
        cells: Iterable[tuple[str, int | None, int | None, str]],
        reference: Mapping[str, Any],
    ) -> str:
        """Return the lines of one reading, as `csv_lines` yields them of its rows.

        Parameters
        ----------
        shared
            The columns that all its cells share.
        cells
            Cell, score, validity and reason of each cell.
        reference
            The true grades of the case by cell.
        """
        before = self._joined(shared.get(name) for name in self._before)
        after = self._joined(shared.get(name) for name in self._after)
        lines = []
        for cell, score, validity, reason in cells:
            words = self._joined((reason, "")) if reason else ","
            own = f"{cell.replace('_', ',')},{plain(score)},{plain(validity)},{words}"
            last = f",{plain(reference.get(cell))}" if self._reference else ""
            lines.append(f"{before},{own}{after}{last}{END}")
        return "".join(lines)

    def _joined(self, values: Iterable[Any]) -> str:
        return _line(self._writer, self._buffer, map(_field, values)).removesuffix(END)


def code_book_lines(*, reference: bool = False) -> Iterator[str]:
    """Yield a CSV with a row a column of the tidy CSV: its name and what it holds."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=END)
    yield _line(writer, buffer, ("column", "meaning"))
    for name, meaning in (COLUMNS | (REFERENCE if reference else {})).items():
        yield _line(writer, buffer, (name, meaning))


def _field(value: Any) -> str:
    return escape_formula(value) if isinstance(value, str) else plain(value)


def _line(writer: Any, buffer: io.StringIO, values: Iterable[str]) -> str:
    writer.writerow(list(values))
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line
