"""The readers' training as CSV: one row per round of practice or attempt at certification."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studies.reports.files.tidy import END, plain
from studies.spreadsheets import escape_formula


def training_lines(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> Iterator[str]:
    """Yield the CSV line by line, header first; missing values are left empty."""
    names = list(columns)
    yield _line(names)
    for row in rows:
        yield _line([_field(row.get(name)) for name in names])


def _line(fields: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=END).writerow(fields)
    return buffer.getvalue()


def _field(value: Any) -> str:
    return escape_formula(value) if isinstance(value, str) else plain(value)
