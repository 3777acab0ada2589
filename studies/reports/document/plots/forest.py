"""Forest plots of kappa: the two compared arms and their difference, by pair or outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studies.analytics.estimate import Estimate
from studies.analytics.outcomes import AAC8_WALLS
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.designs.arm_contrasts import mean_differences
from studies.formats.numbers import decimal
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    kappa_name,
    kappa_text,
    short_outcome_name,
)
from studies.reports.document.plots.columns import PlotColumns, mark, name_arms
from studies.reports.document.plots.style import (
    ARM_MARKERS,
    FAINT,
    INK,
    PAGE_WIDTH_IN,
    SOFT,
    arm_colour,
    as_svg,
    figure,
    plotted_arms,
)

ROW_IN = 0.31
MAX_PAIRS = 30
"""Pairs drawn at most: with more, those with the lowest kappa. About one printed page."""
FORM_OUTCOMES = (
    "cells",
    "L1",
    "L2",
    "L3",
    "L4",
    "posterior",
    "anterior",
    "aac24",
    "aac_group",
    *AAC8_WALLS,
    "aac8",
    "aac8_group",
    "readable",
)


@dataclass(frozen=True)
class ForestRow:
    """One row: an estimate per arm, in the order of the arms, and their difference."""

    label: str
    arms: tuple[Estimate | None, ...]
    difference: Estimate | None
    strong: bool = False


def pair_rows(results: Agreement, *, outcome: str, weights: str) -> list[ForestRow]:
    """Return the rows of the mean over pairs and of every pair, or of the MAX_PAIRS lowest."""
    arms = plotted_arms(results.arms, results.compared)
    pairs = sorted({pair for arm in arms for pair in results.pairs[arm]})
    if len(pairs) > MAX_PAIRS:
        lowest = pairs_by_kappa(results, outcome=outcome, weights=weights)
        pairs = sorted(lowest[:MAX_PAIRS])
    rows = [mean_row(results, outcome=outcome, weights=weights, label="Mean of pairs")]
    for pair in pairs:
        values = tuple(
            _estimate(
                results.get("cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair)
            )
            for arm in arms
        )
        difference = results.get(
            "kappa_difference",
            outcome=outcome,
            arm=results.difference_arm,
            weights=weights,
            readers=pair,
        )
        rows.append(ForestRow(" – ".join(pair), values, _estimate(difference)))
    return rows


def pairs_by_kappa(results: Agreement, *, outcome: str, weights: str) -> list[tuple[str, str]]:
    """Return the pairs with a defined kappa in ascending order of their mean over the arms."""
    values: dict[tuple[str, str], list[float]] = {}
    for _, (first, second), value in results.defined_kappas(outcome, weights):
        values.setdefault((first, second), []).append(value)
    # Equal kappas in the order of names, so that the selection is the same each time.
    return sorted(values, key=lambda pair: (sum(values[pair]) / len(values[pair]), pair))


def outcome_rows(results: Agreement, *, weights: str, primary: str) -> list[ForestRow]:
    """Return the rows of the mean over pairs by outcome, with the primary outcome in bold."""
    present = {result.outcome for result in results.find("light_kappa", weights=weights)}
    return [
        mean_row(
            results,
            outcome=outcome,
            weights=weights,
            label=short_outcome_name(outcome),
            strong=outcome == primary,
        )
        for outcome in FORM_OUTCOMES
        if outcome in present
    ]


def mean_row(
    results: Agreement, *, outcome: str, weights: str, label: str, strong: bool = True
) -> ForestRow:
    """Return the row of the means over pairs of one outcome."""
    means = {
        result.arm: result.estimate
        for result in results.find("light_kappa", outcome=outcome, weights=weights)
    }
    difference = mean_differences(results, weights).get(outcome)
    arms = tuple(means.get(arm) for arm in plotted_arms(results.arms, results.compared))
    return ForestRow(label, arms, _estimate(difference), strong)


def forest_size(rows: int) -> tuple[float, float]:
    """Return width and height in inches of a plot with this number of rows."""
    return PAGE_WIDTH_IN, 0.95 + ROW_IN * max(rows, 1)


def forest_plot(rows: Sequence[ForestRow], *, arms: Sequence[str | None], weights: str) -> bytes:
    """Return the plot as SVG: kappas and their differences with 95 % confidence intervals."""
    compared = any(row.difference is not None for row in rows)
    height = forest_size(len(rows))[1]
    with figure(height) as drawing:
        columns = PlotColumns(drawing, height, len(rows), compared)
        _kappas(columns, rows, arms)
        columns.main.set_xlabel(f"Cohen’s {kappa_name(weights)}, 95 % CI")
        if compared and columns.comparison:
            _differences(columns, rows)
            columns.comparison.set_xlabel(f"{arms[1]} − {arms[0]}, 95 % CI")
        return as_svg(drawing)


def _kappas(columns: PlotColumns, rows: Sequence[ForestRow], arms: Sequence[str | None]) -> None:
    axes = columns.main
    low = min([_low(estimate) for row in rows for estimate in row.arms] + [0.0])
    # Extended below 0 only where an interval needs it.
    axes.set_xlim(max(low - 0.03, -1.0), 1.0)
    axes.axvline(0, color=FAINT, lw=0.8, zorder=0)
    for number, row in enumerate(rows):
        weight = "bold" if row.strong else "normal"
        # Labels of more than 22 characters shrink to fit their column.
        size = 7.5 * min(1.0, 22 / len(row.label))
        columns.write(columns.left, number, row.label, weight=weight, size=size)
        for index, (arm, estimate) in enumerate(zip(arms, row.arms, strict=False)):
            y = number + (index - (len(row.arms) - 1) / 2) * 0.36
            mark(axes, y, estimate, arm_colour(arm), ARM_MARKERS.get(arm or "", "s"))
            text = kappa_text(estimate)
            columns.write(columns.main_text, y, text, size=6.4, color=arm_colour(arm))
        if row.strong and len(rows) > 1:
            columns.shade(number, len(rows))
    name_arms(columns, arms)


def _differences(columns: PlotColumns, rows: Sequence[ForestRow]) -> None:
    axes = columns.comparison
    if axes is None:
        return
    bounds = [
        bound for row in rows if row.difference and row.difference.ci for bound in row.difference.ci
    ]
    # At least 0.1, so that differences near 0 do not look large; symmetrical about 0.
    reach = min(max([abs(bound) for bound in bounds] + [0.1]) * 1.08, 2.0)
    axes.set_xlim(-reach, reach)
    step = max(tick for tick in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if tick < reach)
    axes.set_xticks([-step, 0, step], [decimal(-step, 1 + (step < 0.1)), "0", f"{step:g}"])
    axes.axvline(0, color=SOFT, lw=0.8, zorder=0)
    columns.head_comparison("difference")
    for number, row in enumerate(rows):
        mark(axes, number, row.difference, INK, "D")
        text = kappa_text(row.difference, clip=DIFFERENCE_LIMIT)
        columns.write_comparison(number, text, strong=row.strong)


def _low(estimate: Estimate | None) -> float:
    if estimate is None or estimate.value is None:
        return 0.0
    return estimate.ci[0] if estimate.ci else estimate.value


def _estimate(result: Result | None) -> Estimate | None:
    return result.estimate if result else None
