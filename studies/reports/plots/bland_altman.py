"""Bland-Altman plot: differences of two readers' totals against their mean."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from studies.analytics.continuous import BlandAltman
from studies.analytics.estimate import Estimate
from studies.reports.plots.style import INK, PAGE_WIDTH_IN, SOFT, arm_colour, as_svg, bare, figure
from studies.reports.wording import decimal, interval

BLAND_ALTMAN_SIZE = (PAGE_WIDTH_IN, 2.9)
"""Width and height in inches."""


def bland_altman_plot(
    compared: BlandAltman, *, readers: tuple[str, str], arm: str | None, unit: str = "AAC-24"
) -> bytes:
    """Draw differences, bias and limits of agreement with their intervals, as SVG."""
    colour = arm_colour(arm)
    with figure(BLAND_ALTMAN_SIZE[1]) as made:
        axes = made.add_axes((0.085, 0.15, 0.65, 0.76))
        _points(axes, compared, colour)
        for estimate, name, dashed in (
            (compared.upper, "upper limit", True),
            (compared.bias, "bias", False),
            (compared.lower, "lower limit", True),
        ):
            _line(axes, estimate, name, dashed, colour)
        axes.axhline(0, color=SOFT, lw=0.6, ls=(0, (1, 2)), zorder=0)
        axes.set_xlim(-0.6, max(float(compared.means.max(initial=6.0)), 6.0) + 0.6)
        axes.set_xlabel(f"mean of {readers[0]} and {readers[1]}, {unit} points")
        axes.set_ylabel(f"{readers[0]} minus {readers[1]}, points")
        for side in (axes.xaxis, axes.yaxis):
            side.set_major_locator(MaxNLocator(integer=True))
        size = f"n = {compared.bias.n} cases"
        axes.set_title(f"{arm}, {size}" if arm else size, loc="left", size=7.5, color=colour)
        bare(axes, keep=("left", "bottom"))
        return as_svg(made)


def _points(axes: Axes, compared: BlandAltman, colour: str) -> None:
    """Draw cases that coincide as one larger disc."""
    where = np.column_stack([compared.means, compared.differences])
    places, counts = np.unique(where, axis=0, return_counts=True)
    if not len(places):
        return
    axes.scatter(
        places[:, 0], places[:, 1], s=18 * counts, color=colour, alpha=0.55, lw=0.4, ec="white"
    )


def _line(axes: Axes, estimate: Estimate, name: str, dashed: bool, colour: str) -> None:
    if estimate.value is None:
        return
    style = (0, (5, 3)) if dashed else "solid"
    axes.axhline(estimate.value, color=INK, lw=0.9, ls=style)
    if estimate.ci:
        axes.axhspan(*estimate.ci, color=colour, alpha=0.10, lw=0)
    bounds = f"\n({interval(estimate)})" if estimate.ci else ""
    axes.annotate(
        f"{name} {decimal(estimate.value)}{bounds}",
        (1, estimate.value),
        xycoords=("axes fraction", "data"),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        size=6.8,
    )
