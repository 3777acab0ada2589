"""Tables and texts on the conduct of the study: flow, readers, readability, reading time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studies.analytics.result import Result
from studies.analytics.scale import CELLS, LEVELS, MISSING, Validity
from studies.analytics.study.time_and_order_effects import time_results
from studies.analytics.table import ReadingTable
from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import (
    arm_name,
    as_sentence,
    counted,
    kappa_name,
    minutes_seconds,
    number_text,
    outcome_name,
    when,
)
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.text_table import TextTable

SHORT_REASONS = {
    Validity.OBJECT: "Object",
    Validity.NOISE: "Noise",
    Validity.INSUFFICIENT_SCAN_AREA: "Outside scan",
    Validity.MOVEMENT: "Movement",
    Validity.OTHER: "Other",
}


def readability_table(table: ReadingTable) -> TextTable:
    """Return the number of cells that were not readable, by level, arm and reason."""
    codes = [code for code in Validity if code != Validity.VALID]
    rows = []
    for level in (*LEVELS, "All four"):
        columns = [
            column for column, cell in enumerate(CELLS) if level in ("All four", cell.split("_")[0])
        ]
        for arm in table.arms:
            validity = table.validity[of_arm(table, arm)][:, columns]
            assessed = int((validity != MISSING).sum())
            counts = [int((validity == code).sum()) for code in codes]
            total = sum(counts)
            share = f"{100 * total / assessed:.1f} %" if assessed else NO_VALUE
            rows.append((level, arm_name(arm), str(assessed), str(total), share, *map(str, counts)))
    return TextTable(
        title="Cells not readable, by level and reason",
        caption=f"Cells that were not readable, by level and reason.{repeats_excluded(table)}",
        header=(
            "Level",
            "Arm",
            "Cells",
            "Not readable",
            "Share",
            *(SHORT_REASONS[code] for code in codes),
        ),
        rows=tuple(rows),
        text_columns=2,
    )


def time_table(table: ReadingTable, compared: tuple[str, str] | None) -> TextTable:
    """Return active reading times: readings, median and quartiles per arm, and their ratio."""
    times = list(time_results(table, compared))
    ratios = {result.readers: result for result in times if result.statistic == "time_ratio"}
    medians = {
        (result.arm, result.readers): result
        for result in times
        if result.statistic == "median_active_minutes"
    }
    # The result of all readers together is the one with the most readers.
    all_readers = {arm: max((key[1] for key in medians if key[0] == arm), key=len, default=())
                   for arm in table.arms}  # fmt: skip
    all_compared = max(ratios, key=len, default=())
    # No reader has a ratio where each arm has its own readers.
    compared = compared if ratios else None
    rows = []
    for name in (*table.readers, None):
        cells = []
        for arm in table.arms:
            median = medians.get((arm, (name,) if name else all_readers[arm]))
            cells += [str(median.estimate.n), _quartiles(median)] if median else ["0", NO_VALUE]
        ratio = ratios.get((name,) if name else all_compared)
        last = [number_text(ratio.estimate if ratio else None)] if compared else []
        rows.append((name or "All readers", *cells, *last))
    heads = (head for arm in table.arms for head in ("Readings", arm_name(arm)))
    ratio_caption = (
        f", and ratio of {compared[0]} to {compared[1]} with 95 % confidence interval"
        if compared
        else ""
    )
    return TextTable(
        title="Reading time",
        caption=(
            "Active reading time (min:s): number of readings, median (interquartile range)"
            f"{ratio_caption}.{repeats_excluded(table)}"
        ),
        header=("Reader", *heads, *(["Ratio"] if compared else [])),
        rows=tuple(rows),
        strong=(len(rows) - 1,),
        note=(
            "Active reading time: image in view, excluding intervals of more than 60 seconds "
            "without user input."
        ),
        method=next((f"{as_sentence(ratio.estimate.method)}." for ratio in ratios.values()), ""),
    )


def study_characteristics(
    summary: StudySummary, table: ReadingTable, zone: tzinfo | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the characteristics of the study as names and values, shown with the main finding.

    Parameters
    ----------
    zone
        Time zone of the person who views a page; None for UTC, as in reports.
    """
    sites = ", ".join(sorted({reader.site for reader in summary.readers if reader.site}))
    yield "Cases", f"{len(table.cases)} read of {summary.cases_uploaded} uploaded"
    yield "Readers", f"{len(table.readers)}" + (f" ({sites})" if sites else "")
    if len(table) == summary.readings_submitted:
        readings = f"{len(table)} submitted of {summary.readings_assigned} assigned"
    else:
        readings = f"{len(table)} selected of {summary.readings_submitted} submitted"
    repeats = _count_repeats(table)
    included = f", including {counted(repeats, 'hidden repeat')}" if repeats else ""
    yield "Readings", f"{readings}{included}"
    if time := describe_reading_time(table):
        yield "Median reading time", f"{time} (min:s, active time)"
    if summary.parallel:
        yield "Design", f"parallel groups, {counted(len(summary.arms), 'arm')}"
    elif summary.sequential:
        yield "Design", "sequential; effects of order and period not estimable"
    elif len(summary.arms) > 1:
        washout = f"{summary.washout_days}-day washout" if summary.washout_days else "no washout"
        yield "Design", f"crossover, {washout}"
    yield "Primary outcome", f"{outcome_name(summary.outcome)}; {kappa_name(summary.weights)}"
    yield "AAC-24 groups", group_names(summary.group_limits)
    locked = when(summary.locked_at, zone) if summary.locked_at else "not locked (interim look)"
    yield "Database lock", locked


def reader_table(summary: StudySummary, table: ReadingTable) -> TextTable:
    """Return the readers, their sites and the number of readings submitted in each arm.

    Hidden repeats are counted in a separate column, if there are any.
    """
    numbers = {label: number for number, label in enumerate(table.readers)}
    has_repeats = bool(_count_repeats(table))
    rows = []
    for reader in summary.readers:
        # -2 matches no row: the reader has submitted nothing.
        by_reader = table.reader == numbers.get(reader.label, -2)
        counts = [str(int((by_reader & of_arm(table, arm)).sum())) for arm in table.arms]
        if has_repeats:
            counts.append(str(int((by_reader & (table.replicate > 1)).sum())))
        rows.append((reader.label, reader.site or NO_VALUE, *counts))
    number = "first readings by arm, and of hidden repeats" if has_repeats else "readings"
    return TextTable(
        title="Readers",
        caption=f"Readers, their sites and number of submitted {number}.",
        header=(
            *("Reader", "Site", *map(arm_name, table.arms)),
            *(["Hidden repeats"] if has_repeats else []),
        ),
        rows=tuple(rows),
        text_columns=2,
    )


def group_names(limits: tuple[int, int]) -> str:
    """Return the groups and their limits: "low 0–1, moderate 2–5, high 6–24"."""
    bounds = pairwise((0, *limits, 25))
    return ", ".join(
        f"{name} {low}–{high - 1}" if high - low > 1 else f"{name} {low}"
        for name, (low, high) in zip(("low", "moderate", "high"), bounds, strict=True)
    )


def describe_reading_time(table: ReadingTable) -> str:
    """Return median active time per reading: "3:48 unguided, 3:36 guided"."""
    parts = []
    for arm in table.arms:
        minutes = table.active_ms[of_arm(table, arm)] / 60_000
        minutes = minutes[~np.isnan(minutes)]
        if len(minutes):
            parts.append(minutes_seconds(float(np.median(minutes))) + (f" {arm}" if arm else ""))
    return ", ".join(parts)


def of_arm(table: ReadingTable, arm: str | None) -> NDArray[np.bool_]:
    """Return a mask (readings,) of the readings of an arm, without hidden repeats."""
    mask: NDArray[np.bool_] = (table.arm == table.arms.index(arm)) & (table.replicate == 1)
    return mask


def repeats_excluded(table: ReadingTable) -> str:
    """Return the end of a caption of first readings only, "" if there are no hidden repeats."""
    return " Hidden repeats are not included." if _count_repeats(table) else ""


def _count_repeats(table: ReadingTable) -> int:
    return int((table.replicate > 1).sum())


def _quartiles(median: Result) -> str:
    low, high = median.more["quartiles"]
    value = median.estimate.value
    middle = NO_VALUE if value is None else minutes_seconds(value)
    return f"{middle} ({minutes_seconds(low)} to {minutes_seconds(high)})"
