"""Forest plot: two arms and their difference, a row a pair of readers or an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studies.analytics.estimate import Estimate
from studies.analytics.results import Agreement, Result
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    decimal,
    kappa_name,
    kappa_text,
    short_outcome_name,
)
from studies.reports.document.plots.columns import Columns, mark, name_arms
from studies.reports.document.plots.style import (
    ARM_MARKERS,
    FAINT,
    INK,
    PAGE_WIDTH_IN,
    SOFT,
    arm_colour,
    as_svg,
    figure,
)

ROW_IN = 0.31
MOST_PAIRS = 30
"""Above so many pairs, those with the lowest kappas are drawn; the table has them all."""
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
    "readable",
)


@dataclass(frozen=True)
class ForestRow:
    """One row: an estimate an arm, in the order of the arms, and their difference."""

    label: str
    arms: tuple[Estimate | None, ...]
    difference: Estimate | None
    strong: bool = False


def pair_rows(found: Agreement, *, outcome: str, weights: str) -> list[ForestRow]:
    """Return the mean over pairs, then every pair of readers, or the MOST_PAIRS lowest."""
    arms = found.arms[:2]
    pairs = sorted({pair for arm in arms for pair in found.pairs[arm]})
    if len(pairs) > MOST_PAIRS:
        low = pairs_by_kappa(found, outcome=outcome, weights=weights)
        pairs = sorted(low[:MOST_PAIRS])
    rows = [mean_row(found, outcome=outcome, weights=weights, label="Mean of pairs")]
    for pair in pairs:
        values = tuple(
            _estimate(
                found.get("cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair)
            )
            for arm in arms
        )
        difference = found.get(
            "kappa_difference",
            outcome=outcome,
            arm=found.difference_arm,
            weights=weights,
            readers=pair,
        )
        rows.append(ForestRow(" – ".join(pair), values, _estimate(difference)))
    return rows


def pairs_by_kappa(found: Agreement, *, outcome: str, weights: str) -> list[tuple[str, str]]:
    """Return the pairs whose kappa is defined, the lowest mean over the arms first."""
    values: dict[tuple[str, str], list[float]] = {}
    for result in found.find("cohen_kappa", outcome=outcome, weights=weights):
        if result.estimate.value is not None:
            first, second = result.readers
            values.setdefault((first, second), []).append(result.estimate.value)
    return sorted(values, key=lambda pair: (sum(values[pair]) / len(values[pair]), pair))


def outcome_rows(found: Agreement, *, weights: str, primary: str) -> list[ForestRow]:
    """Return the mean over pairs of every outcome, the primary one strong."""
    present = {result.outcome for result in found.find("light_kappa", weights=weights)}
    return [
        mean_row(
            found,
            outcome=outcome,
            weights=weights,
            label=short_outcome_name(outcome),
            strong=outcome == primary,
        )
        for outcome in FORM_OUTCOMES
        if outcome in present
    ]


def mean_row(
    found: Agreement, *, outcome: str, weights: str, label: str, strong: bool = True
) -> ForestRow:
    """Return the means over pairs of an outcome as a row."""
    means = {
        result.arm: result.estimate
        for result in found.find("light_kappa", outcome=outcome, weights=weights)
    }
    difference = next(found.find("mean_kappa_difference", outcome=outcome, weights=weights), None)
    arms = tuple(means.get(arm) for arm in found.arms[:2])
    return ForestRow(label, arms, _estimate(difference), strong)


def forest_size(rows: int) -> tuple[float, float]:
    """Return width and height in inches of a plot with so many rows."""
    return PAGE_WIDTH_IN, 0.95 + ROW_IN * max(rows, 1)


def forest_plot(rows: Sequence[ForestRow], *, arms: Sequence[str | None], weights: str) -> bytes:
    """Draw rows of kappas with 95 % intervals, and their differences beside them, as SVG."""
    compared = any(row.difference is not None for row in rows)
    height = forest_size(len(rows))[1]
    with figure(height) as made:
        columns = Columns(made, height, len(rows), compared)
        _kappas(columns, rows, arms)
        columns.main.set_xlabel(f"Cohen’s {kappa_name(weights)}, 95 % CI")
        if compared and columns.comparison:
            _differences(columns, rows)
            columns.comparison.set_xlabel(f"{arms[1]} − {arms[0]}, 95 % CI")
        return as_svg(made)


def _kappas(columns: Columns, rows: Sequence[ForestRow], arms: Sequence[str | None]) -> None:
    axes = columns.main
    low = min([_low(each) for row in rows for each in row.arms] + [0.0])
    axes.set_xlim(max(low - 0.03, -1.0), 1.0)
    axes.axvline(0, color=FAINT, lw=0.8, zorder=0)
    for each, row in enumerate(rows):
        weight = "bold" if row.strong else "normal"
        size = 7.5 * min(1.0, 22 / len(row.label))
        columns.write(columns.left, each, row.label, weight=weight, size=size)
        for place, (arm, estimate) in enumerate(zip(arms, row.arms, strict=False)):
            shift = (place - (len(row.arms) - 1) / 2) * 0.36
            mark(axes, each + shift, estimate, arm_colour(arm), ARM_MARKERS.get(arm or "", "s"))
            text = kappa_text(estimate)
            columns.write(columns.main_text, each + shift, text, size=6.4, color=arm_colour(arm))
        if row.strong and len(rows) > 1:
            columns.shade(each, len(rows))
    name_arms(columns, arms)


def _differences(columns: Columns, rows: Sequence[ForestRow]) -> None:
    axes = columns.comparison
    if axes is None:
        return
    bounds = [
        bound for row in rows if row.difference and row.difference.ci for bound in row.difference.ci
    ]
    reach = min(max([abs(bound) for bound in bounds] + [0.1]) * 1.08, 2.0)
    axes.set_xlim(-reach, reach)
    step = max(each for each in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if each < reach)
    axes.set_xticks([-step, 0, step], [decimal(-step, 1 + (step < 0.1)), "0", f"{step:g}"])
    axes.axvline(0, color=SOFT, lw=0.8, zorder=0)
    columns.head_comparison("difference")
    for each, row in enumerate(rows):
        mark(axes, each, row.difference, INK, "D")
        columns.write_comparison(
            each, kappa_text(row.difference, clip=DIFFERENCE_LIMIT), strong=row.strong
        )


def _low(estimate: Estimate | None) -> float:
    if estimate is None or estimate.value is None:
        return 0.0
    return estimate.ci[0] if estimate.ci else estimate.value


def _estimate(result: Result | None) -> Estimate | None:
    return result.estimate if result else None
