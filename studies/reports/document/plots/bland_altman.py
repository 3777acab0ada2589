"""Bland-Altman plot: difference of two readers' totals against their mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from studies.analytics.coefficients.bland_altman import BlandAltman, bland_altman
from studies.analytics.estimate import Estimate
from studies.analytics.ratings import pair_of
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.formats.numbers import decimal
from studies.reports.document.formatting import interval
from studies.reports.document.plots.style import INK, SOFT, arm_colour, as_svg, figure, remove_frame

BLAND_ALTMAN_SIZE = (3.2, 2.8)
"""Width and height in inches; the plots of two arms fit side by side."""

ONE_CASE_PT2, SMALLEST_DISC_PT2, LARGEST_DISC_PT2 = 12.0, 1.5, 240.0
"""Areas of markers in square points. If many cases coincide, all markers shrink in proportion."""

LABEL_FRACTION = 0.12
"""Smallest distance between the centres of two labels, as a fraction of the axis."""

Reach = tuple[float, float, float]


def differences_of(
    table: ReadingTable, results: Agreement, pair: tuple[str, str]
) -> dict[str | None, BlandAltman]:
    """Return the comparison of two readers' AAC-24 totals in every arm in which both read."""
    items = {
        arm: pair_of(table, "aac24", arm, pair)
        for arm in results.arms
        if pair in results.pairs[arm]
    }
    return {arm: bland_altman(scores.first, scores.second) for arm, scores in items.items()}


def shared_reach(plots: Sequence[BlandAltman]) -> Reach:
    """Return the axis limits that all plots need: largest mean, lowest and highest difference."""
    # The initial values keep the axes readable when all totals or differences are small.
    means, differences = [6.0], [-1.0, 1.0]
    for plot in plots:
        means += plot.means.tolist()
        differences += plot.differences.tolist()
        for limit in (plot.lower, plot.upper):
            differences += limit.ci or ([] if limit.value is None else [limit.value])
    return max(means), min(differences), max(differences)


def bland_altman_plot(
    compared: BlandAltman,
    *,
    readers: tuple[str, str],
    arm: str | None,
    reach: Reach | None = None,
    unit: str = "AAC-24",
) -> bytes:
    """Return the plot as SVG: differences, bias and limits of agreement with their intervals.

    Parameters
    ----------
    reach
        Axis limits of `shared_reach`, for plots side by side; by default those of this plot.
    """
    longest, low, high = reach or shared_reach([compared])
    colour = arm_colour(arm)
    with figure(BLAND_ALTMAN_SIZE[1], BLAND_ALTMAN_SIZE[0]) as drawing:
        axes = drawing.add_axes((0.165, 0.15, 0.55, 0.76))
        _points(axes, compared, colour)
        margin = 0.04 * (high - low)
        axes.set_ylim(low - margin, high + margin)
        named = {
            "lower limit": compared.lower,
            "bias": compared.bias,
            "upper limit": compared.upper,
        }
        values = [0.0 if estimate.value is None else estimate.value for estimate in named.values()]
        distance = LABEL_FRACTION * (high - low + 2 * margin)
        for (name, estimate), label_at in zip(
            named.items(), label_positions(values, distance), strict=True
        ):
            _line(axes, estimate, name, label_at, colour)
        axes.axhline(0, color=SOFT, lw=0.6, ls=(0, (1, 2)), zorder=0)
        axes.set_xlim(-0.04 * longest, 1.04 * longest)
        axes.set_xlabel(f"mean of {readers[0]} and {readers[1]}, {unit}")
        axes.set_ylabel(f"{readers[0]} minus {readers[1]}, points")
        for side in (axes.xaxis, axes.yaxis):
            # Totals are whole numbers.
            side.set_major_locator(MaxNLocator(nbins=6, integer=True))
        size = f"n = {compared.bias.n} cases"
        axes.set_title(f"{arm}, {size}" if arm else size, loc="left", size=7.5, color=colour)
        remove_frame(axes, keep=("left", "bottom"))
        return as_svg(drawing)


def _points(axes: Axes, compared: BlandAltman, colour: str) -> None:
    """Draw coinciding cases as one larger marker."""
    cases = np.column_stack([compared.means, compared.differences])
    points, counts = np.unique(cases, axis=0, return_counts=True)
    if not len(points):
        return
    # Areas rather than diameters, which would exaggerate the number of cases.
    area = np.maximum(
        counts * min(ONE_CASE_PT2, LARGEST_DISC_PT2 / counts.max()), SMALLEST_DISC_PT2
    )
    axes.scatter(points[:, 0], points[:, 1], s=area, color=colour, alpha=0.55, lw=0.4, ec="white")


def label_positions(values: Sequence[float], distance: float) -> list[float]:
    """Return where the labels of the lower limit, the bias and the upper limit are centred.

    Labels of limits that lie close to the bias move away from it, so that none overlap. The values
    ascend, and the distance is in their units.
    """
    lower, bias, upper = values
    return [min(lower, bias - distance), bias, max(upper, bias + distance)]


def _line(axes: Axes, estimate: Estimate, name: str, label_at: float, colour: str) -> None:
    if estimate.value is None:
        return
    style = "solid" if name == "bias" else (0, (5, 3))
    axes.axhline(estimate.value, color=INK, lw=0.9, ls=style)
    if estimate.ci:
        axes.axhspan(*estimate.ci, color=colour, alpha=0.10, lw=0)
    bounds = f"\n({interval(estimate)})" if estimate.ci else ""
    axes.annotate(
        f"{name} {decimal(estimate.value)}{bounds}",
        (1, label_at),
        xycoords=("axes fraction", "data"),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        size=6.4,
    )
