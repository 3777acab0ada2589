"""Column layout of plots with one row per reader, pair or outcome, and their markers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from studies.analytics.estimate import Estimate, Status
from studies.reports.document.plots.style import ARM_MARKERS, INK, arm_colour, remove_frame


class PlotColumns:
    """The columns: row labels, estimates by arm, comparison of the arms, and their values as text.

    Parameters
    ----------
    drawing
        Figure to draw into.
    height
        Its height in inches.
    rows
        Number of rows.
    compared
        Whether there is a column for the comparison of two arms.
    """

    def __init__(self, drawing: Figure, height: float, rows: int, compared: bool) -> None:
        bottom, top = 0.42 / height, 1 - 0.40 / height
        left, width = (0.19, 0.285) if compared else (0.27, 0.48)
        self.figure = drawing
        self.main = drawing.add_axes((left, bottom, width, top - bottom))
        self.comparison: Axes | None = None
        self.left = 0.008
        self.main_text = left + width + 0.012
        if compared:
            self.comparison = drawing.add_axes((0.665, bottom, 0.15, top - bottom))
        self.comparison_text = 0.99
        for axes in filter(None, (self.main, self.comparison)):
            # Row 0 is at the top, as in a table.
            axes.set_ylim(max(rows, 1) - 0.5, -0.5)
            axes.set_yticks([])
            axes.patch.set_visible(False)
            remove_frame(axes)

    def shade(self, row: int, rows: int) -> None:
        """Shade a row over the whole width of the figure."""
        box = self.main.get_position()
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

    def head_comparison(self, text: str) -> None:
        """Write the heading of the comparison column."""
        if self.comparison is None:
            return
        self.comparison.annotate(
            text,
            (0.5, 1),
            xycoords="axes fraction",
            xytext=(0, 0.16 * 72),
            textcoords="offset points",
            ha="center",
            va="center",
            weight="bold",
        )

    def write_comparison(self, row: float, text: str, *, strong: bool) -> None:
        """Write the value of the comparison of a row."""
        weight = "bold" if strong else "normal"
        self.write(self.comparison_text, row, text, size=6.4, ha="right", weight=weight, color=INK)

    def write(self, x: float, row: float, text: str, **style: Any) -> None:
        """Write a text at ``x`` (figure fraction) in the height of a row (data coordinates)."""
        y = self.main.transData.transform((0, row))[1]
        y = self.figure.transFigure.inverted().transform((0, y))[1]
        self.figure.text(x, y, text, va="center", **style)


def name_arms(columns: PlotColumns, arms: Sequence[str | None]) -> None:
    """Write the names of the arms with their markers above the plot, in place of a legend."""
    axes = columns.main
    for number, arm in enumerate(arm for arm in arms if arm):
        x, colour = 0.5 * number, arm_colour(arm)
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


def mark(axes: Axes, y: float, estimate: Estimate | None, colour: str, marker: str) -> None:
    """Draw an estimate with its interval; nothing if it is undefined or not informative."""
    # A kappa of 0 from a single score must not look like one that was measured.
    if estimate is None or estimate.value is None or estimate.status is Status.ONE_SCORE:
        return
    if estimate.ci:
        axes.plot(estimate.ci, [y, y], color=colour, lw=1.2, solid_capstyle="butt")
    axes.plot([estimate.value], [y], marker=marker, color=colour, ms=4.2, mec="white", mew=0.5)
