"""Figure of active reading times by reader and arm, and their ratio between the arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from studies.analytics.estimate import Estimate
from studies.analytics.study.time_and_order_effects import time_results
from studies.analytics.table import FloatArray, ReadingTable
from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import minutes_seconds, number_text
from studies.reports.document.plots.columns import PlotColumns, mark, name_arms
from studies.reports.document.plots.forest import forest_size
from studies.reports.document.plots.style import (
    ARM_MARKERS,
    INK,
    SOFT,
    arm_colour,
    as_svg,
    figure,
    plotted_arms,
)

PERCENTILES = (5, 25, 50, 75, 95)
MAX_READERS = 29
"""Readers drawn at most: their rows and that of all readers fit on a page of the report."""


@dataclass(frozen=True)
class TimeRow:
    """One reader, or all: percentiles of active minutes in each arm, and the ratio of the arms."""

    label: str
    minutes: tuple[FloatArray | None, ...]
    ratio: Estimate | None
    strong: bool = False


def time_rows(table: ReadingTable, compared: tuple[str, str] | None) -> list[TimeRow]:
    """Return the rows of all readers together and of each reader; empty if no time is known."""
    arms = plotted_arms(table.arms, compared)
    ratios = {
        result.readers: result.estimate
        for result in time_results(table, compared)
        if result.statistic == "time_ratio"
    }
    # The ratio of all readers together is the one with the most readers.
    all_readers = max(ratios, key=len, default=())
    rows = [
        TimeRow(
            "All readers", _percentiles(table, arms, None), ratios.get(all_readers), strong=True
        )
    ]
    for number, name in enumerate(table.readers):
        rows.append(TimeRow(name, _percentiles(table, arms, number), ratios.get((name,))))
    return [row for row in rows if any(minutes is not None for minutes in row.minutes)]


def longest_rows(rows: Sequence[TimeRow]) -> list[TimeRow]:
    """Return the row of all readers and those of the MAX_READERS with the longest medians.

    Readers are ranked by the longer of their medians in the two arms and keep their order.
    """
    if len(rows) <= 1 + MAX_READERS:
        return list(rows)

    def median(row: TimeRow) -> float:
        middle = PERCENTILES.index(50)
        return max(float(minutes[middle]) for minutes in row.minutes if minutes is not None)

    longest = sorted(rows[1:], key=median, reverse=True)[:MAX_READERS]
    return [rows[0], *(row for row in rows[1:] if row in longest)]


def time_plot(
    rows: Sequence[TimeRow], *, arms: Sequence[str | None], compared: tuple[str, str] | None
) -> bytes:
    """Return the figure as SVG: median, quartiles, 5th to 95th percentile, and ratios."""
    both = compared is not None and any(row.ratio for row in rows)
    height = forest_size(len(rows))[1]
    with figure(height) as drawing:
        columns = PlotColumns(drawing, height, len(rows), both)
        _minutes(columns, rows, arms)
        columns.main.set_xlabel("active reading time, min:s")
        columns.main.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        columns.main.xaxis.set_major_formatter(lambda value, _: minutes_seconds(value))
        if compared and columns.comparison:
            _ratios(columns, columns.comparison, rows)
            columns.head_comparison("ratio")
            columns.comparison.set_xlabel(f"{compared[0]} / {compared[1]}, 95 % CI")
        return as_svg(drawing)


def _minutes(columns: PlotColumns, rows: Sequence[TimeRow], arms: Sequence[str | None]) -> None:
    axes = columns.main
    longest = max(
        float(minutes[-1]) for row in rows for minutes in row.minutes if minutes is not None
    )
    axes.set_xlim(0, max(longest, 0.1) * 1.05)
    for number, row in enumerate(rows):
        # Labels of more than 22 characters shrink to fit their column.
        size = 7.5 * min(1.0, 22 / len(row.label))
        weight = "bold" if row.strong else "normal"
        columns.write(columns.left, number, row.label, weight=weight, size=size)
        for index, (arm, minutes) in enumerate(zip(arms, row.minutes, strict=False)):
            y = number + (index - (len(row.minutes) - 1) / 2) * 0.36
            colour = arm_colour(arm)
            text = NO_VALUE if minutes is None else _text(minutes)
            columns.write(columns.main_text, y, text, size=6.4, color=colour)
            if minutes is not None:
                axes.plot(minutes[[0, 4]], [y, y], color=colour, lw=0.8, solid_capstyle="butt")
                axes.plot(minutes[[1, 3]], [y, y], color=colour, lw=3.2, alpha=0.45,
                          solid_capstyle="butt")  # fmt: skip
                axes.plot(minutes[[2]], [y], marker=ARM_MARKERS.get(arm or "", "s"), color=colour,
                          ms=4.2, mec="white", mew=0.5)  # fmt: skip
        if row.strong and len(rows) > 1:
            columns.shade(number, len(rows))
    name_arms(columns, arms)


def _ratios(columns: PlotColumns, axes: Axes, rows: Sequence[TimeRow]) -> None:
    bounds = [bound for row in rows if row.ratio for bound in row.ratio.ci or (row.ratio.value,)]
    reach = max([max(bound, 1 / bound) for bound in bounds if bound] + [1.25]) * 1.05
    axes.set_xscale("log")
    axes.set_xlim(1 / reach, reach)
    step = max(tick for tick in (1.2, 1.5, 2.0, 4.0) if tick < reach)
    axes.minorticks_off()
    axes.set_xticks([1 / step, 1, step], [f"{1 / step:.2f}", "1", f"{step:g}"])
    axes.axvline(1, color=SOFT, lw=0.8, zorder=0)
    for number, row in enumerate(rows):
        mark(axes, number, row.ratio, INK, "D")
        columns.write_comparison(number, number_text(row.ratio), strong=row.strong)


def _percentiles(
    table: ReadingTable, arms: Sequence[str | None], reader: int | None
) -> tuple[FloatArray | None, ...]:
    """Return the percentiles of active minutes in each arm, of one reader or of all for None."""
    percentiles: list[FloatArray | None] = []
    for arm in arms:
        rows = (
            (table.arm == table.arms.index(arm))
            & (table.replicate == 1)
            & np.isfinite(table.active_ms)
        )
        if reader is not None:
            rows &= table.reader == reader
        minutes = table.active_ms[rows] / 60_000
        percentiles.append(np.percentile(minutes, PERCENTILES) if len(minutes) else None)
    return tuple(percentiles)


def _text(minutes: FloatArray) -> str:
    """Return median and quartiles: "3:48 (3:06 to 4:36)"."""
    low, middle, high = (minutes_seconds(float(value)) for value in minutes[1:4])
    return f"{middle} ({low} to {high})"
