"""Common style of all figures, and their output as reproducible SVG."""

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
"""Text width of the report; figures are drawn at the size at which they are printed."""

# Grey and the blue of Okabe and Ito (2008): distinguishable with colour vision deficiency.
UNGUIDED: Final = "#6B6B6B"
GUIDED: Final = "#0072B2"
INK: Final = "#1A1A1A"
FAINT: Final = "#C9CDD2"
SOFT: Final = "#5A6068"

ARM_COLOURS: Final = {
    "unguided": UNGUIDED,
    "guided": GUIDED,
    "guided corrected": "#56B4E9",
    "measured": "#CC79A7",
    "guided measured": "#7A2E5D",
}
ARM_MARKERS: Final = {
    "unguided": "o",
    "guided": "s",
    "guided corrected": "v",
    "measured": "D",
    "guided measured": "^",
}

_RC_PARAMS: Final[Any] = {
    # Text as paths and a fixed hash salt give the same bytes on every machine.
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

_drawing_lock = Lock()


@contextmanager
def figure(height_in: float, width_in: float = PAGE_WIDTH_IN) -> Iterator[Figure]:
    """Return a figure in the common style; draw and save it within the block.

    Matplotlib's parameters are global to the process, so a lock allows one figure at a time.
    """
    with _drawing_lock, matplotlib.rc_context(_RC_PARAMS):
        drawing = Figure(figsize=(width_in, height_in))
        FigureCanvasSVG(drawing)
        yield drawing


def as_svg(drawing: Figure) -> bytes:
    """Return the figure as SVG; equal figures give equal bytes."""
    buffer = io.BytesIO()
    # Without date and creator, which would make the bytes differ.
    drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def arm_colour(arm: str | None) -> str:
    """Return the colour of an arm; that of guided for other names and for None."""
    return ARM_COLOURS.get(arm or "", GUIDED)


def remove_frame(axes: Axes, *, keep: tuple[str, ...] = ("bottom",)) -> None:
    """Remove the frame and ticks of an axes except on the named sides."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.tick_params(left="left" in keep, bottom="bottom" in keep)
