"""Reading time: active minutes of every reader in each arm, and their ratio between the arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from studies.analytics.estimate import Estimate
from studies.analytics.study.time_and_order_effects import time_results
from studies.analytics.table import FloatArray, ReadingTable
from studies.reports.document.formatting import NOTHING, number_text
from studies.reports.document.plots.columns import Columns, mark, name_arms
from studies.reports.document.plots.forest import forest_size
from studies.reports.document.plots.style import ARM_MARKERS, INK, SOFT, arm_colour, as_svg, figure

TAILS = (5, 25, 50, 75, 95)
MOST_READERS = 29
"""So many rows and that of all readers fit on a page of the report."""


@dataclass(frozen=True)
class TimeRow:
    """One reader or all of them: percentiles of the minutes of each arm, and the ratio of arms."""

    label: str
    minutes: tuple[FloatArray | None, ...]
    ratio: Estimate | None
    strong: bool = False


def time_rows(table: ReadingTable, compared: tuple[str, str] | None) -> list[TimeRow]:
    """Return all readers, then each; empty where no reading has a time."""
    ratios = {
        each.readers: each.estimate
        for each in time_results(table, compared)
        if each.statistic == "time_ratio"
    }
    together = max(ratios, key=len, default=())
    rows = [TimeRow("All readers", _percentiles(table, None), ratios.get(together), strong=True)]
    for place, name in enumerate(table.readers):
        rows.append(TimeRow(name, _percentiles(table, place), ratios.get((name,))))
    return [row for row in rows if any(each is not None for each in row.minutes)]


def longest_rows(rows: Sequence[TimeRow]) -> list[TimeRow]:
    """Return all readers together and, of more than MOST_READERS, those with the longest medians.

    A reader's longer median of the two arms counts; the readers stay in their order.
    """
    if len(rows) <= 1 + MOST_READERS:
        return list(rows)

    def median(row: TimeRow) -> float:
        return max(float(each[TAILS.index(50)]) for each in row.minutes if each is not None)

    longest = sorted(rows[1:], key=median, reverse=True)[:MOST_READERS]
    return [rows[0], *(row for row in rows[1:] if row in longest)]


def time_plot(
    rows: Sequence[TimeRow], *, arms: Sequence[str | None], compared: tuple[str, str] | None
) -> bytes:
    """Draw medians, quartiles and the middle 90 % of active minutes, and ratios, as SVG."""
    both = compared is not None and any(row.ratio for row in rows)
    height = forest_size(len(rows))[1]
    with figure(height) as made:
        columns = Columns(made, height, len(rows), both)
        _minutes(columns, rows, arms)
        columns.main.set_xlabel("active minutes a reading")
        if compared and columns.comparison:
            _ratios(columns, columns.comparison, rows)
            columns.head_comparison("ratio")
            columns.comparison.set_xlabel(f"{compared[0]} / {compared[1]}, 95 % CI")
        return as_svg(made)


def _minutes(columns: Columns, rows: Sequence[TimeRow], arms: Sequence[str | None]) -> None:
    axes = columns.main
    longest = max(float(each[-1]) for row in rows for each in row.minutes if each is not None)
    axes.set_xlim(0, max(longest, 0.1) * 1.05)
    for each, row in enumerate(rows):
        size = 7.5 * min(1.0, 22 / len(row.label))
        weight = "bold" if row.strong else "normal"
        columns.write(columns.left, each, row.label, weight=weight, size=size)
        for place, (arm, found) in enumerate(zip(arms, row.minutes, strict=False)):
            y = each + (place - (len(row.minutes) - 1) / 2) * 0.36
            colour = arm_colour(arm)
            text = NOTHING if found is None else _text(found)
            columns.write(columns.main_text, y, text, size=6.4, color=colour)
            if found is not None:
                axes.plot(found[[0, 4]], [y, y], color=colour, lw=0.8, solid_capstyle="butt")
                axes.plot(found[[1, 3]], [y, y], color=colour, lw=3.2, alpha=0.45,
                          solid_capstyle="butt")  # fmt: skip
                axes.plot(found[[2]], [y], marker=ARM_MARKERS.get(arm or "", "s"), color=colour,
                          ms=4.2, mec="white", mew=0.5)  # fmt: skip
        if row.strong and len(rows) > 1:
            columns.shade(each, len(rows))
    name_arms(columns, arms)


def _ratios(columns: Columns, axes: Axes, rows: Sequence[TimeRow]) -> None:
    bounds = [bound for row in rows if row.ratio for bound in row.ratio.ci or (row.ratio.value,)]
    reach = max([max(bound, 1 / bound) for bound in bounds if bound] + [1.25]) * 1.05
    axes.set_xscale("log")
    axes.set_xlim(1 / reach, reach)
    step = max(each for each in (1.2, 1.5, 2.0, 4.0) if each < reach)
    axes.minorticks_off()
    axes.set_xticks([1 / step, 1, step], [f"{1 / step:.2f}", "1", f"{step:g}"])
    axes.axvline(1, color=SOFT, lw=0.8, zorder=0)
    for each, row in enumerate(rows):
        mark(axes, each, row.ratio, INK, "D")
        columns.write_comparison(each, number_text(row.ratio), strong=row.strong)


def _percentiles(table: ReadingTable, reader: int | None) -> tuple[FloatArray | None, ...]:
    found: list[FloatArray | None] = []
    for place in range(len(table.arms[:2])):
        rows = (table.arm == place) & (table.replicate == 1) & np.isfinite(table.active_ms)
        if reader is not None:
            rows &= table.reader == reader
        minutes = table.active_ms[rows] / 60_000
        found.append(np.percentile(minutes, TAILS) if len(minutes) else None)
    return tuple(found)


def _text(found: FloatArray) -> str:
    return f"{found[2]:.1f} ({found[1]:.1f} to {found[3]:.1f})"
