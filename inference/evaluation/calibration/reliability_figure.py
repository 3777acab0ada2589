"""Reliability diagrams: how often labels are right against how probable they are said to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from inference.evaluation.calibration.reliability import Reliability

COLOUR, GREY = "#0072B2", "#6B6B6B"
COLUMNS: Final = 3
PANEL_IN: Final = 3.4
DPI: Final = 130


def draw_reliability(paths: Sequence[Path], parts: Mapping[str, Reliability]) -> None:
    """Write one diagram per part into a figure, as PNG and as SVG by the ending of the paths."""
    rows = -(-len(parts) // COLUMNS)
    figure = Figure(figsize=(PANEL_IN * COLUMNS, PANEL_IN * rows), layout="constrained")
    # Agg needs no display and no global state of pyplot.
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).flat
    for axes, (name, reliability) in zip(panels, parts.items(), strict=False):
        _draw(axes, name, reliability)
    for axes in list(figure.axes)[len(parts) :]:
        axes.set_axis_off()
    for path in paths:
        # Without the date, equal results give equal files.
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=DPI, metadata=metadata)


def _draw(axes: Axes, name: str, reliability: Reliability) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    probabilities = [part.mean_probability for part in reliability.bins]
    shares = [part.share_right for part in reliability.bins]
    # Rounding may put the end of an interval on the wrong side of a share of 0 or 1.
    below = [max(part.share_right - part.low, 0) for part in reliability.bins]
    above = [max(part.high - part.share_right, 0) for part in reliability.bins]
    axes.errorbar(
        probabilities,
        shares,
        yerr=[below, above],
        color=COLOUR,
        marker="o",
        markersize=4,
        linewidth=1,
        capsize=2,
    )
    for part in reliability.bins:
        axes.annotate(
            str(part.count),
            (part.mean_probability, part.share_right),
            xytext=(4, -10),
            textcoords="offset points",
            fontsize=7,
            color=GREY,
        )
    axes.set_title(f"{name} (n = {reliability.count}, Brier {reliability.brier:.3f})", fontsize=9)
    axes.set_xlim(0, 1.03)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("Predicted probability of the labels", fontsize=8)
    axes.set_ylabel("Proportion of correct labels (95 % CI)", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
