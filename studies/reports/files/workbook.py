"""The Excel file: a row a reading, a sheet that explains every column, the agreement, the study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from studies.analytics.results import Agreement, Result
from studies.analytics.scale import (
    CELLS,
    LEVELS,
    VALIDITY_LABELS,
    WALLS,
    Validity,
    group_of,
    sum_grades,
    summed_cells,
)
from studies.reports.document.study_summary import StudyFacts
from studies.reports.files.tidy import COLUMNS

MOST_PAIRS: Final = 45
"""Up to so many pairs of readers (10 readers), the sheet Agreement has every pair of everything."""

_KEY: Final = ("reader", "arm", "period", "case", "replicate")
_MINUTES: Final = {"active_min": "active_ms", "idle_min": "idle_ms", "wall_min": "wall_ms"}

READING_COLUMNS: Final[dict[str, str]] = {
    **{
        name: COLUMNS[name]
        for name in (
            "reader", "reader_site", "arm", "period", "replicate", "position",
            "case", "patient", "case_site", "scanner",
        )
    },
    **{
        cell: f"AAC-24 grade 0 to 3 of the {cell.split('_')[1]} wall at {cell.split('_')[0]}. "
        "Empty where not readable."
        for cell in CELLS
    },
    "not_readable": "Which cells could not be read, and why.",
    "comment": "What the reader wrote about the case.",
    **{level: f"Sum of both walls at {level}, 0 to 6. Empty if a part is." for level in LEVELS},
    **{wall: f"Sum of the {wall} wall, L1 to L4, 0 to 12. Empty if a part is." for wall in WALLS},
    "aac24": "Sum of the eight cells, 0 to 24. Empty if a cell is.",
    "aac_group": "low, moderate or high by the limits on the sheet Study. Empty if the total is.",
    "started_at": "When the reading was opened, UTC.",
    "submitted_at": "When the reading was submitted, UTC.",
    "active_min": "Minutes at work: image in view, gaps of at most 60 s.",
    "idle_min": "Minutes in longer gaps or with the image out of view.",
    "wall_min": "Minutes from opening to submission by the server's clock.",
    **{
        name: COLUMNS[name]
        for name in ("guides_shown", "landmark_set", "simulated", "app_version", "model_version")
    },
}  # fmt: skip

AGREEMENT_COLUMNS: Final[dict[str, str]] = {
    "statistic": "Which number this row holds.",
    "outcome": "What was compared: a cell, a sum, cells = the eight pooled, aac24 = the total.",
    "weights": "Weights of the kappa: none, linear or quadratic.",
    "arm": "unguided or guided; guided-unguided is the difference between them.",
    "readers": "Between whom.",
    "value": "The number. Empty where undefined: the note says why.",
    "se": "Its standard error.",
    "ci_low": "Lower end of the 95 % confidence interval.",
    "ci_high": "Upper end of the 95 % confidence interval.",
    "n": "How many items entered: cases, or cells where cells are pooled.",
    "note": "Why a number is missing or says little.",
    "method": "How it was computed.",
}

_WIDE: Final = {
    "scanner": 20, "not_readable": 34, "comment": 40, "started_at": 17, "submitted_at": 17,
    "model_version": 30,
    "statistic": 24, "readers": 16, "note": 40, "method": 80, "landmark_set": 12, "aac_group": 11,
    "arm": 11,
}  # fmt: skip


def write_workbook(
    path: Path, *, rows: Iterable[Mapping[str, Any]], facts: StudyFacts, found: Agreement
) -> None:
    """Write the workbook; rows of one reading stand together, as the tidy export gives them."""
    with workbook(path, facts) as book:
        book.write_readings(rows, facts.group_limits)
        book.write_summary(facts, found)


@contextmanager
def workbook(path: Path, facts: StudyFacts) -> Iterator[Book]:
    """Open a workbook that is complete when the block ends; memory holds one row of it."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}
    with xlsxwriter.Workbook(str(path), options) as file:
        created = facts.data_cut.astimezone(UTC).replace(tzinfo=None)
        title = f"{facts.name}: readings" + (" (simulated data)" if facts.simulated else "")
        file.set_properties({"title": title, "author": "VerteRead", "created": created})
        yield Book(file)


class Book:
    """The sheets of a workbook: the readings first, then what is known once they are written."""

    def __init__(self, file: xlsxwriter.Workbook) -> None:
        self._file, self._styles = file, _Styles(file)

    def write_readings(
        self,
        rows: Iterable[Mapping[str, Any]],
        limits: tuple[int, int],
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Write one row per reading; ``progress`` is called with the number of each."""
        self._sheet("Readings", tuple(READING_COLUMNS), _reading_rows(rows, limits, progress))

    def write_summary(self, facts: StudyFacts, found: Agreement) -> None:
        meanings = [
            *(("Readings", *pair) for pair in READING_COLUMNS.items()),
            *(("Agreement", *pair) for pair in AGREEMENT_COLUMNS.items()),
        ]
        self._sheet("Columns", ("sheet", "column", "meaning"), meanings)
        self._sheet("Agreement", tuple(AGREEMENT_COLUMNS), _agreement(facts, found))
        self._sheet("Study", ("what", "value"), _study(facts, found))

    def _sheet(self, name: str, columns: tuple[str, ...], rows: Iterable[Iterable[Any]]) -> None:
        _sheet(self._file.add_worksheet(name), self._styles, columns, rows)


class _Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header = book.add_format(
            {"bold": True, "bg_color": "#E6EEF4", "bottom": 1, "valign": "top"}
        )
        self.minutes = book.add_format({"num_format": "0.0"})
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
    """Write a value by its kind; text is never taken as a formula."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None))
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif isinstance(value, float):
        style = styles.minutes if name.endswith("_min") else styles.number
        sheet.write_number(row, column, value, style)
    else:
        wrap = styles.text if name in ("meaning", "value") else None
        sheet.write_string(row, column, str(value), wrap)


def _width(name: str) -> float:
    if name in ("meaning", "value", "what"):
        return 90 if name == "meaning" else 44
    return _WIDE.get(name, max(7.0, len(name) + 3.0))


def _readings(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    for _, group in groupby(rows, key=lambda row: tuple(row.get(name) for name in _KEY)):
        yield list(group)


def _reading_rows(
    rows: Iterable[Mapping[str, Any]],
    limits: tuple[int, int],
    progress: Callable[[int], None] | None,
) -> Iterator[Iterator[Any]]:
    for number, group in enumerate(_readings(rows), start=1):
        yield _reading(group, limits)
        if progress:
            progress(number)


def _reading(cells: list[Mapping[str, Any]], limits: tuple[int, int]) -> Iterator[Any]:
    first = cells[0]
    scores = {f"{cell['level']}_{cell['wall']}": cell.get("score") for cell in cells}
    sums = {
        outcome: sum_grades(scores.get(cell) for cell in summed_cells(outcome))
        for outcome in (*CELLS, *LEVELS, *WALLS, "aac24")
    }
    derived: dict[str, Any] = {
        **sums,
        "not_readable": "; ".join(filter(None, (_why(cell) for cell in cells))),
        "aac_group": group_of(sums["aac24"], limits),
    }
    for name, milliseconds in _MINUTES.items():
        spent = first.get(milliseconds)
        derived[name] = None if spent is None else float(spent) / 60_000
    for name in READING_COLUMNS:
        yield derived[name] if name in derived else first.get(name)


def _why(cell: Mapping[str, Any]) -> str:
    code = cell.get("validity")
    if code in (None, "", Validity.VALID):
        return ""
    words = VALIDITY_LABELS[Validity(int(str(code)))].lower()
    more = f": {cell['reason']}" if cell.get("reason") else ""
    return f"{cell['level']} {cell['wall']} ({words}{more})"


def _agreement(facts: StudyFacts, found: Agreement) -> Iterator[tuple[Any, ...]]:
    few = _pair_count(found) <= MOST_PAIRS
    for result in found.results:
        if not few and not _on_sheet(facts, result):
            continue
        estimate = result.estimate
        low, high = estimate.ci or (None, None)
        yield (
            result.statistic, result.outcome, result.weights, result.arm,
            ", ".join(result.readers), estimate.value, estimate.se, low, high, estimate.n,
            estimate.note, estimate.method,
        )  # fmt: skip


def _on_sheet(facts: StudyFacts, result: Result) -> bool:
    """Whether a result is on the sheet although there are many pairs of readers."""
    if len(result.readers) != 2:
        return True
    if result.outcome == "aac24" and result.weights is None:
        return True
    return result.outcome == facts.outcome and result.weights in (facts.weights, None)


def _pair_count(found: Agreement) -> int:
    return len({pair for pairs in found.pairs.values() for pair in pairs})


def _study(facts: StudyFacts, found: Agreement) -> Iterator[tuple[str, Any]]:
    moderate, high = facts.group_limits
    yield "study", facts.name
    if facts.simulated:
        yield "simulated data", "Made by a computer: no person read anything here."
    yield "arms", ", ".join(facts.arms)
    yield "readers per case", facts.readers_per_case
    yield "washout", f"{facts.washout_days} days"
    yield "primary outcome", f"{facts.outcome}, kappa weights {facts.weights}"
    yield "groups", f"low below {moderate}, moderate {moderate} to {high - 1}, high from {high}"
    yield "exactly 1/3 or 2/3", f"belongs to the {facts.boundary} grade"
    yield "seed of the lists", facts.seed
    yield "locked", facts.locked_at.isoformat() if facts.locked_at else "not locked: interim look"
    yield "data cut", facts.data_cut.isoformat()
    yield "SHA-256 of the tidy CSV", facts.data_hash
    yield "VerteRead", facts.app_version
    if (pairs := _pair_count(found)) > MOST_PAIRS:
        part = f"Of the {pairs:,} pairs of readers, only the primary outcome and the AAC-24 total."
        yield "sheet Agreement", f"{part} All statistics (JSON) has every outcome of every pair."
    for model in facts.models:
        yield "network", f"{model.name}, {model.checksum[:12]}: {model.training_note}"
    yield "use", "For research, not for diagnosis."
