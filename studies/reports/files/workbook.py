"""Excel workbook: readings (one row per reading), sessions, codebook, agreement, study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.training_tables import (
    describe_refreshers,
    describe_training,
    refresher_table,
    training_table,
)
from studies.reports.files.conduct import conduct_items
from studies.reports.files.reference import reference_items
from studies.reports.files.sessions import SESSION_COLUMNS
from studies.reports.files.workbook_columns import (
    AGREEMENT_COLUMNS,
    DURATION_UNIT,
    SESSION_DURATIONS,
    SESSION_SHEET_COLUMNS,
    WIDTHS,
    reading_columns,
)
from studies.reports.files.workbook_rows import days_of, reading_rows

MAX_PAIRS: Final = 45
"""Up to this number of pairs (10 readers), the sheet Agreement has all statistics of all pairs."""


def write_workbook(
    path: Path,
    *,
    rows: Iterable[Mapping[str, Any]],
    summary: StudySummary,
    results: Agreement,
    sessions: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Write the workbook.

    Parameters
    ----------
    rows
        Tidy rows, one per cell, with the rows of a reading next to each other.
    sessions
        Reading sessions, with the columns of their CSV.
    """
    with workbook(path, summary) as book:
        book.write_readings(rows, summary.group_limits)
        book.write_sessions(sessions)
        book.write_summary(summary, results)


@contextmanager
def workbook(path: Path, summary: StudySummary) -> Iterator[Book]:
    """Open a workbook, which is complete when the block ends; one row is held in memory."""
    # Each row is written to disk once the next one begins, so rows must be written in order.
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}
    with xlsxwriter.Workbook(str(path), options) as file:
        # Excel stores times without a time zone; all times of the workbook are in UTC.
        created = summary.snapshot_at.astimezone(UTC).replace(tzinfo=None)
        title = f"{summary.name}: readings" + (" (simulated data)" if summary.simulated else "")
        file.set_properties({"title": title, "author": "VerteRead", "created": created})
        measured = any("measured" in arm for arm in summary.arms)
        yield Book(file, reading_columns(aac8=summary.aac8, measured=measured))


class Book:
    """The sheets of a workbook; the readings must be written before the summary.

    The summary depends on the readings: their hash and agreement are known once they are written.
    """

    def __init__(self, file: xlsxwriter.Workbook, columns: Mapping[str, str]) -> None:
        self._file, self._styles, self._columns = file, _Styles(file), columns

    def write_readings(
        self,
        rows: Iterable[Mapping[str, Any]],
        limits: tuple[int, int],
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Write one row per reading; ``progress`` is called with the number of readings written."""
        names = tuple(self._columns)
        self._sheet("Readings", names, reading_rows(rows, names, limits, progress))

    def write_sessions(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write one row per reading session."""
        self._sheet("Sessions", tuple(SESSION_SHEET_COLUMNS), map(_session, rows))

    def write_summary(self, summary: StudySummary, results: Agreement) -> None:
        # The codebook is made from the columns that were written, so it lacks none of them.
        meanings = [
            *(("Readings", *pair) for pair in self._columns.items()),
            *(("Sessions", *pair) for pair in SESSION_SHEET_COLUMNS.items()),
            *(("Agreement", *pair) for pair in AGREEMENT_COLUMNS.items()),
        ]
        self._sheet("Codebook", ("sheet", "column", "meaning"), meanings)
        self._sheet("Agreement", tuple(AGREEMENT_COLUMNS), _agreement(summary, results))
        self._sheet("Study", ("item", "value"), _study(summary, results))

    def _sheet(self, name: str, columns: tuple[str, ...], rows: Iterable[Iterable[Any]]) -> None:
        _sheet(self._file.add_worksheet(name), self._styles, columns, rows)


class _Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header = book.add_format(
            {"bold": True, "bg_color": "#E6EEF4", "bottom": 1, "valign": "top"}
        )
        # Excel stores durations as days; [m] does not start again at 60 minutes.
        self.duration = book.add_format({"num_format": "[m]:ss"})
        self.number = book.add_format({"num_format": "0.0000"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})


def _sheet(
    sheet: Worksheet, styles: _Styles, names: tuple[str, ...], rows: Iterable[Iterable[Any]]
) -> None:
    for column, name in enumerate(names):
        sheet.set_column(column, column, _width(name))
        sheet.write_string(0, column, name, styles.header)
    sheet.freeze_panes(1, 1)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, styles, last, column, names[column], value)
    sheet.autofilter(0, 0, max(last, 1), len(names) - 1)


def _write(sheet: Worksheet, styles: _Styles, row: int, column: int, name: str, value: Any) -> None:
    """Write a value with the format of its type; text is never interpreted as a formula."""
    if value is None or value == "":
        return
    # Before numbers, because a bool is an int in Python.
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None))
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif isinstance(value, float):
        style = styles.duration if name.endswith(DURATION_UNIT) else styles.number
        sheet.write_number(row, column, value, style)
    else:
        wrap = styles.text if name in ("meaning", "value") else None
        # The general method would turn text that begins with = into a formula.
        sheet.write_string(row, column, str(value), wrap)


def _width(name: str) -> float:
    if name in ("meaning", "value", "item"):
        return 90 if name == "meaning" else 44
    return WIDTHS.get(name, max(7.0, len(name) + 3.0))


def _session(row: Mapping[str, Any]) -> Iterator[Any]:
    for name in SESSION_COLUMNS:
        value = row.get(name)
        yield days_of(value) if name in SESSION_DURATIONS else value


def _agreement(summary: StudySummary, results: Agreement) -> Iterator[tuple[Any, ...]]:
    few = _pair_count(results) <= MAX_PAIRS
    for result in _of_sheet(results, summary, few=few):
        estimate = result.estimate
        low, high = estimate.ci or (None, None)
        yield (
            result.statistic, result.outcome, result.weights, result.arm,
            ", ".join(result.readers), estimate.value, estimate.se, low, high, estimate.n,
            estimate.note, estimate.method,
        )  # fmt: skip


def _of_sheet(results: Agreement, summary: StudySummary, *, few: bool) -> Iterator[Result]:
    """Yield the results that are listed; those of pairs in other outcomes are never computed."""
    listed = ("aac24", summary.outcome)
    for block in results.blocks:
        # A block with an outcome holds results of pairs.
        if few or block.where is None or block.where[0] in listed:
            yield from (result for result in block if few or _on_sheet(summary, result))


def _on_sheet(summary: StudySummary, result: Result) -> bool:
    """Return whether a result is listed although there are many pairs of readers."""
    if len(result.readers) != 2:
        return True
    if result.outcome == "aac24" and result.weights is None:
        return True
    return result.outcome == summary.outcome and result.weights in (summary.weights, None)


def _pair_count(results: Agreement) -> int:
    return len({pair for pairs in results.pairs.values() for pair in pairs})


def _study(summary: StudySummary, results: Agreement) -> Iterator[tuple[str, Any]]:
    moderate, high = summary.group_limits
    yield "study", summary.name
    if summary.simulated:
        yield "simulated data", "Images, readers and scores were generated by computer."
    yield "arms", ", ".join(summary.arms)
    yield "readers per case", summary.readers_per_case
    if summary.sequential:
        yield "design", "sequential: both readings of a case at once, without a washout"
    else:
        yield "washout period", f"{summary.washout_days} days"
    yield "primary outcome", f"{summary.outcome}; weights of kappa: {summary.weights}"
    yield "groups", f"low 0 to {moderate - 1}, moderate {moderate} to {high - 1}, high {high} to 24"
    yield "scores", "AAC-24 and AAC-8" if summary.aac8 else "AAC-24"
    yield "grade of exactly 1/3 or 2/3", f"{summary.boundary} grade"
    yield "seed of assignment", summary.seed
    yield (
        "locked",
        summary.locked_at.isoformat() if summary.locked_at else "not locked: interim look",
    )
    yield "data snapshot", summary.snapshot_at.isoformat()
    yield "SHA-256 of the tidy CSV", summary.data_hash
    yield "VerteRead version", summary.app_version
    if (pairs := _pair_count(results)) > MAX_PAIRS:
        yield (
            "sheet Agreement",
            (
                f"For the {pairs:,} pairs of readers, the sheet lists the primary outcome and the "
                "AAC-24 total only. The file All statistics (JSON) has every outcome of every pair."
            ),
        )
    for model in summary.models:
        yield "network", f"{model.name}, {model.checksum[:12]}: {model.training_note}"
    yield from reference_items(summary)
    yield from conduct_items(summary)
    yield from _training(summary)
    yield "use", "For research, not for diagnosis."


def _training(summary: StudySummary) -> Iterator[tuple[str, str]]:
    if summary.training is None:
        return
    yield "training of readers", describe_training(summary.training)
    table = training_table(summary.training)
    for label, *values in table.rows:
        named = zip(table.header[1:], values, strict=True)
        yield f"training of {label}", "; ".join(f"{name}: {value}" for name, value in named)
    if summary.training.refresher_interval is None:
        return
    refreshers = refresher_table(summary.training)
    yield "refreshers", describe_refreshers(summary.training)
    yield "drift over the refreshers", refreshers.note
    for label, *values in refreshers.rows:
        named = zip(refreshers.header[1:], values, strict=True)
        yield f"refresher of {label}", "; ".join(f"{name}: {value}" for name, value in named)
