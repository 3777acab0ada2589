"""Rows of the workbook's sheet of readings, one per reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from studies.analytics.scale import (
    CELLS,
    LEVELS,
    VALIDITY_LABELS,
    WALLS,
    Validity,
    aac8_group_of,
    group_of,
    sum_grades,
    summed_cells,
)
from studies.reports.files.workbook_columns import READING_DURATIONS

_KEY: Final = ("reader", "arm", "period", "case", "replicate")
MS_PER_DAY: Final = 24 * 60 * 60 * 1000


def _readings(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    for _, group in groupby(rows, key=lambda row: tuple(row.get(name) for name in _KEY)):
        yield list(group)


def reading_rows(
    rows: Iterable[Mapping[str, Any]],
    names: tuple[str, ...],
    limits: tuple[int, int],
    progress: Callable[[int], None] | None,
) -> Iterator[Iterator[Any]]:
    """Yield the values of each reading in the order of the columns.

    ``limits`` are the lowest totals of the moderate and of the high group; ``progress`` is called
    with the number of readings.
    """
    for number, group in enumerate(_readings(rows), start=1):
        yield _reading(group, names, limits)
        if progress:
            progress(number)


def _reading(
    cells: list[Mapping[str, Any]], names: tuple[str, ...], limits: tuple[int, int]
) -> Iterator[Any]:
    first = cells[0]
    scores = {f"{cell['level']}_{cell['wall']}": cell.get("score") for cell in cells}
    sums = {
        outcome: sum_grades(scores.get(cell) for cell in summed_cells(outcome))
        for outcome in (*CELLS, *LEVELS, *WALLS, "aac24")
    }
    derived: dict[str, Any] = {
        **sums,
        "not_readable": "; ".join(filter(None, (_reason(cell) for cell in cells))),
        "aac_group": group_of(sums["aac24"], limits),
        "first_values": "; ".join(filter(None, map(_first_value, cells))),
        "first_aac24": sum_grades(
            cell.get("first_score") for cell in cells if cell["level"] in LEVELS
        ),
    }
    for milliseconds, name in READING_DURATIONS.items():
        derived[name] = days_of(first.get(milliseconds))
    derived |= _aac8(scores) | _measured(cells)
    for name in names:
        yield derived[name] if name in derived else first.get(name)


def days_of(duration_ms: Any) -> float | None:
    """Return a duration as a fraction of a day, the unit in which Excel stores durations."""
    return None if duration_ms is None else float(duration_ms) / MS_PER_DAY


def _aac8(scores: Mapping[str, Any]) -> dict[str, Any]:
    walls = {f"aac8_{wall}": scores.get(f"all_{wall}") for wall in WALLS}
    total = sum_grades(walls.values())
    return {**walls, "aac8": total, "aac8_group": aac8_group_of(total)}


def _measured(cells: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return measured grades, their overriding, and length and AAC-8 of the walls."""
    graded = [cell for cell in cells if cell["level"] in LEVELS]
    measured = {
        f"measured_{cell['level']}_{cell['wall']}": cell.get("measured_score") for cell in graded
    }
    both = [
        (cell.get("score"), cell.get("measured_score"))
        for cell in graded
        if cell.get("score") is not None and cell.get("measured_score") is not None
    ]
    lengths = [cell.get("calcified_mm") for cell in graded]
    known = [length for length in lengths if length is not None]
    walls = {f"measured_aac8_{cell['wall']}": cell.get("measured_aac8") for cell in graded}
    return {
        **measured,
        **walls,
        "overridden": sum(score != proposed for score, proposed in both) if both else None,
        "calcified_mm": float(sum(known)) if known and len(known) == len(lengths) else None,
    }


def _reason(cell: Mapping[str, Any]) -> str:
    """Return the cell and why it was not readable: "L1 anterior (noise: obesity)", or ""."""
    code = cell.get("validity")
    if code in (None, "", Validity.VALID):
        return ""
    label = VALIDITY_LABELS[Validity(int(str(code)))].lower()
    comment = f": {cell['reason']}" if cell.get("reason") else ""
    return f"{_cell_name(cell)} ({label}{comment})"


def _first_value(cell: Mapping[str, Any]) -> str:
    """Return a changed cell with its first value: "L1 anterior 2", or "" if it did not change."""
    score, validity = cell.get("first_score"), cell.get("first_validity")
    if validity is None or (score, validity) == (cell.get("score"), cell.get("validity")):
        return ""
    value = VALIDITY_LABELS[Validity(validity)].lower() if score is None else score
    return f"{_cell_name(cell)} {value}"


def _cell_name(cell: Mapping[str, Any]) -> str:
    level = "AAC-8" if cell["level"] == "all" else cell["level"]
    return f"{level} {cell['wall']}"
