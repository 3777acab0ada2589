"""How every figure looks: one paper-like style, and SVG text that is the same every time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

PAGE_WIDTH_IN: Final = 6.5
"""Width of the report's column; figures are drawn at the size at which they are printed."""

UNGUIDED: Final = "#6B6B6B"
GUIDED: Final = "#0072B2"
INK: Final = "#1A1A1A"
FAINT: Final = "#C9CDD2"
SOFT: Final = "#5A6068"

ARM_COLOURS: Final = {"unguided": UNGUIDED, "guided": GUIDED}
ARM_MARKERS: Final = {"unguided": "o", "guided": "s"}

_RULES: Final[Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "verteread",
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.labelsize": 7.5,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "text.color": INK,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

_one_at_a_time = Lock()


@contextmanager
def figure(height_in: float, width_in: float = PAGE_WIDTH_IN) -> Iterator[Figure]:
    """Give a figure in the house style; it is drawn and saved within the block.

    Matplotlib's rules belong to the whole process, so one figure is drawn at a time.
    """
    with _one_at_a_time, matplotlib.rc_context(_RULES):
        made = Figure(figsize=(width_in, height_in))
        FigureCanvasSVG(made)
        yield made


def as_svg(made: Figure) -> bytes:
    """Return the figure as SVG: the same figure gives the same bytes."""
    buffer = io.BytesIO()
    made.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def arm_colour(arm: str | None) -> str:
    return ARM_COLOURS.get(arm or "", GUIDED)


def bare(axes: Axes, *, keep: tuple[str, ...] = ("bottom",)) -> None:
    """Take away the frame of an axes but for the named sides."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.tick_params(left="left" in keep, bottom="bottom" in keep)
