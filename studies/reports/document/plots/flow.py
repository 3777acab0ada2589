"""Flow diagram: boxes from top to bottom, with what left between them on the right."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from studies.reports.document.plots.style import INK, PAGE_WIDTH_IN, SOFT, as_svg, figure

LINE_IN: Final = 0.15
PADDING_IN: Final = 0.08
LEAST_GAP_IN: Final = 0.24
HEADING_IN: Final = 0.3
BOX_IN: Final = 3.05
"""Width of the boxes of both columns."""
MARGIN_IN: Final = 0.02
COLUMN_GAP_IN: Final = 0.16
STEP_LETTERS, OUT_LETTERS = 42, 48
MAX_OUT_LINES, LINES_PER_TEXT = 14, 3


@dataclass(frozen=True)
class FlowStep:
    """A step with its number, and the lines on what left after it."""

    text: str
    count: int
    out: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlowColumn:
    """A heading and its steps from top to bottom."""

    heading: str
    steps: tuple[FlowStep, ...]


def flow_plot(columns: Sequence[FlowColumn]) -> bytes:
    """Return the diagram as SVG, one column below the other."""
    height = sum(HEADING_IN + _height(column) for column in columns) + 2 * MARGIN_IN
    with figure(height) as drawing:
        axes = drawing.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, PAGE_WIDTH_IN)
        axes.set_ylim(height, 0)
        axes.axis("off")
        top = MARGIN_IN
        for column in columns:
            axes.text(MARGIN_IN, top + 0.14, column.heading, weight="bold", size=8, va="center")
            top += HEADING_IN
            for step, last in _with_last(column.steps):
                top = _draw_step(axes, step, top, last=last)
            top += COLUMN_GAP_IN
        return as_svg(drawing)


def _draw_step(axes: Axes, step: FlowStep, top: float, *, last: bool) -> float:
    """Draw a step and what left after it; return the top of the next one."""
    lines, out = _wrapped(step)
    bottom = top + _box_height(lines)
    _box(axes, MARGIN_IN, top, bottom, "#F4F6F8", "-")
    _write(axes, lines, MARGIN_IN + PADDING_IN, top)
    axes.text(
        MARGIN_IN + BOX_IN - PADDING_IN, (top + bottom) / 2, f"{step.count:,}", weight="bold",
        ha="right", va="center",
    )  # fmt: skip
    gap = _gap(out)
    middle, centre = bottom + gap / 2, MARGIN_IN + BOX_IN / 2
    if not last:
        _arrow(axes, (centre, bottom), (centre, bottom + gap))
    if out:
        left = PAGE_WIDTH_IN - MARGIN_IN - BOX_IN
        half = _box_height(out) / 2
        # The last step has no arrow downwards from which the line could branch off.
        start = (centre, middle)
        if last:
            axes.plot([centre, centre], [bottom, middle], color=SOFT, lw=0.8)
        _arrow(axes, start, (left, middle))
        _box(axes, left, middle - half, middle + half, "white", "--")
        _write(axes, out, left + PADDING_IN, middle - half)
    return bottom + (gap if out or not last else 0)


def _box(axes: Axes, left: float, top: float, bottom: float, fill: str, line: str) -> None:
    shape = "round,pad=0,rounding_size=0.03"
    axes.add_patch(
        FancyBboxPatch(
            (left, top), BOX_IN, bottom - top, boxstyle=shape, fc=fill, ec=SOFT, lw=0.7, ls=line
        )
    )


def _write(axes: Axes, lines: Sequence[str], left: float, top: float) -> None:
    for number, line in enumerate(lines):
        y = top + PADDING_IN + (number + 0.5) * LINE_IN
        axes.text(left, y, line, color=INK, ha="left", va="center")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    arrow = {"arrowstyle": "-|>", "color": SOFT, "lw": 0.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=arrow)


def _height(column: FlowColumn) -> float:
    height = 0.0
    for step, last in _with_last(column.steps):
        lines, out = _wrapped(step)
        height += _box_height(lines) + (_gap(out) if out or not last else 0)
    return height + COLUMN_GAP_IN


def _with_last(steps: Sequence[FlowStep]) -> list[tuple[FlowStep, bool]]:
    return [(step, number == len(steps)) for number, step in enumerate(steps, start=1)]


def _wrapped(step: FlowStep) -> tuple[list[str], list[str]]:
    out: list[str] = []
    for number, text in enumerate(step.out):
        lines = textwrap.wrap(text, OUT_LETTERS, max_lines=LINES_PER_TEXT, placeholder=" …")
        left = len(step.out) - number
        # The diagram has to fit on a page; the text alternative has every reason.
        if len(out) + len(lines) > MAX_OUT_LINES - (left > 1):
            out.append(f"{left} more reason{'' if left == 1 else 's'}")
            break
        out += lines
    return textwrap.wrap(step.text, STEP_LETTERS), out


def _box_height(lines: Sequence[str]) -> float:
    return len(lines) * LINE_IN + 2 * PADDING_IN


def _gap(out: Sequence[str]) -> float:
    return _box_height(out) + 0.16 if out else LEAST_GAP_IN
