"""Forest plot: two arms and their difference, a row a pair of readers or an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from studies.analytics.estimate import Estimate
from studies.analytics.kappa import ONE_SCORE_NOTE
from studies.analytics.results import Agreement, Result
from studies.reports.plots.style import (
    ARM_MARKERS,
    FAINT,
    INK,
    PAGE_WIDTH_IN,
    SOFT,
    arm_colour,
    as_svg,
    bare,
    figure,
)
from studies.reports.wording import decimal, kappa_name, kappa_text, short_outcome_name

ROW_IN = 0.31
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
    """Return the mean over pairs, then every pair of readers."""
    arms = found.arms[:2]
    pairs = sorted({pair for arm in arms for pair in found.pairs[arm]})
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
        columns = _Columns(made, height, len(rows), compared)
        _kappas(columns, rows, arms)
        columns.kappa.set_xlabel(f"Cohen’s {kappa_name(weights)}, 95 % CI")
        if compared and columns.difference:
            _differences(columns, rows)
            columns.difference.set_xlabel(f"{arms[1]} − {arms[0]}, 95 % CI")
        return as_svg(made)


class _Columns:
    """The columns of the plot: labels, kappas, their figures, differences, their figures."""

    def __init__(self, made: Figure, height: float, rows: int, compared: bool) -> None:
        bottom, top = 0.42 / height, 1 - 0.40 / height
        left, width = (0.19, 0.285) if compared else (0.27, 0.48)
        self.figure = made
        self.kappa = made.add_axes((left, bottom, width, top - bottom))
        self.difference: Axes | None = None
        self.left = 0.008
        self.kappa_text = left + width + 0.012
        if compared:
            self.difference = made.add_axes((0.665, bottom, 0.15, top - bottom))
            self.difference_text = 0.99
        for axes in filter(None, (self.kappa, self.difference)):
            axes.set_ylim(max(rows, 1) - 0.5, -0.5)
            axes.set_yticks([])
            axes.patch.set_visible(False)
            bare(axes)

    def shade(self, row: int, rows: int) -> None:
        """Lay a band under a row, over the whole width."""
        box = self.kappa.get_position()
        height = box.height / rows
        band = Rectangle(
            (0, box.y1 - (row + 1) * height),
            1,
            height,
            transform=self.figure.transFigure,
            fc="#F1F4F7",
            lw=0,
            zorder=-5,
        )
        self.figure.add_artist(band)

    def write(self, x: float, row: float, text: str, **how: object) -> None:
        y = self.kappa.transData.transform((0, row))[1]
        y = self.figure.transFigure.inverted().transform((0, y))[1]
        self.figure.text(x, y, text, va="center", **how)  # type: ignore[arg-type]


def _kappas(columns: _Columns, rows: Sequence[ForestRow], arms: Sequence[str | None]) -> None:
    axes = columns.kappa
    low = min([_low(each) for row in rows for each in row.arms] + [0.0])
    axes.set_xlim(max(low - 0.03, -1.0), 1.0)
    axes.axvline(0, color=FAINT, lw=0.8, zorder=0)
    for each, row in enumerate(rows):
        weight = "bold" if row.strong else "normal"
        size = 7.5 * min(1.0, 22 / len(row.label))
        columns.write(columns.left, each, row.label, weight=weight, size=size)
        for place, (arm, estimate) in enumerate(zip(arms, row.arms, strict=False)):
            shift = (place - (len(row.arms) - 1) / 2) * 0.36
            _mark(axes, each + shift, estimate, arm_colour(arm), ARM_MARKERS.get(arm or "", "s"))
            text = kappa_text(estimate)
            columns.write(columns.kappa_text, each + shift, text, size=6.4, color=arm_colour(arm))
        if row.strong and len(rows) > 1:
            columns.shade(each, len(rows))
    _name_arms(columns, arms)


def _name_arms(columns: _Columns, arms: Sequence[str | None]) -> None:
    """Write the arms with their marks above the plot: the colours' direct label."""
    axes = columns.kappa
    for place, arm in enumerate(arm for arm in arms if arm):
        x, colour = 0.5 * place, arm_colour(arm)
        axes.plot(
            [x + 0.02],
            [1 + 0.16 / (axes.get_position().height * columns.figure.get_figheight())],
            marker=ARM_MARKERS.get(arm, "s"),
            color=colour,
            ms=4.2,
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.annotate(
            arm,
            (x + 0.02, 1),
            xycoords="axes fraction",
            xytext=(6, 0.16 * 72),
            textcoords="offset points",
            va="center",
            color=colour,
            weight="bold",
        )


def _differences(columns: _Columns, rows: Sequence[ForestRow]) -> None:
    axes = columns.difference
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
    axes.annotate(
        "difference",
        (0.5, 1),
        xycoords="axes fraction",
        xytext=(0, 0.16 * 72),
        textcoords="offset points",
        ha="center",
        va="center",
        weight="bold",
    )
    for each, row in enumerate(rows):
        _mark(axes, each, row.difference, INK, "D")
        columns.write(
            columns.difference_text,
            each,
            kappa_text(row.difference),
            size=6.4,
            ha="right",
            weight="bold" if row.strong else "normal",
        )


def _mark(axes: Axes, y: float, estimate: Estimate | None, colour: str, marker: str) -> None:
    if estimate is None or estimate.value is None or estimate.note == ONE_SCORE_NOTE:
        return
    if estimate.ci:
        axes.plot(estimate.ci, [y, y], color=colour, lw=1.2, solid_capstyle="butt")
    axes.plot([estimate.value], [y], marker=marker, color=colour, ms=4.2, mec="white", mew=0.5)


def _low(estimate: Estimate | None) -> float:
    if estimate is None or estimate.value is None:
        return 0.0
    return estimate.ci[0] if estimate.ci else estimate.value


def _estimate(result: Result | None) -> Estimate | None:
    return result.estimate if result else None
