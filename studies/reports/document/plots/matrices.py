"""Matrices: kappa of every two readers, and the scores of one pair against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE, Pair
from studies.analytics.results import Agreement
from studies.reports.document.formatting import decimal, kappa_name
from studies.reports.document.plots.style import (
    FAINT,
    GUIDED,
    INK,
    SOFT,
    UNGUIDED,
    arm_colour,
    as_svg,
    bare,
    figure,
)

CELL_IN = 0.42
DARK = 0.82


def matrix_size(readers: int) -> tuple[float, float]:
    """Return width and height in inches of a matrix of so many readers."""
    side = min(max(readers, 2) * CELL_IN, 4.6)
    return side + 1.5, side + 0.85


def confusion_size(categories: int) -> tuple[float, float]:
    """Return width and height in inches of a matrix of so many categories."""
    side = min(max(categories * CELL_IN, 1.9), 4.9)
    return side + 1.15, side + 0.95


def kappa_matrix(
    found: Agreement, *, outcome: str, weights: str, below: str | None, above: str | None
) -> bytes:
    """Draw readers against readers: one arm below the diagonal, the other above it, as SVG."""
    names = sorted({name for arm in (below, above) for pair in found.pairs[arm] for name in pair})
    n = max(len(names), 2)
    width, height = matrix_size(n)
    side = width - 1.5
    with figure(height, width) as made:
        axes = made.add_axes((0.95 / width, 0.55 / height, side / width, side / height))
        for row, down in enumerate(names):
            for column, across in enumerate(names):
                if row == column:
                    _square(axes, row, column, "#EEF0F2", "")
                    continue
                arm = below if row > column else above
                colour = UNGUIDED if arm == "unguided" else GUIDED
                pair = (min(down, across), max(down, across))
                _kappa_square(axes, row, column, found, outcome, weights, arm, pair, colour)
        _labels(axes, names, names, min(7.0, 60 / n))
        if below == above:
            axes.set_xlabel(f"{kappa_name(weights)}{f', {below}' if below else ''}", labelpad=6)
        else:
            axes.set_xlabel(f"below the diagonal {below}", color=UNGUIDED, labelpad=6)
            axes.set_title(f"above the diagonal {above}", color=GUIDED, size=7.5, pad=6)
        return as_svg(made)


def confusion_matrix(
    pair: Pair, *, readers: tuple[str, str], labels: Sequence[str], arm: str | None
) -> bytes:
    """Draw how often each score of one reader met each score of the other, as SVG."""
    counts = pair.counts()
    k = len(labels)
    width, height = confusion_size(k)
    side = width - 1.15
    most = max(int(counts.max()), 1)
    colour = arm_colour(arm)
    with figure(height, width) as made:
        axes = made.add_axes((0.72 / width, 0.62 / height, side / width, side / height))
        for row, column in np.ndindex(k, k):
            count = int(counts[row, column])
            strength = 0.9 * (count / most) ** 0.5
            text = str(count) if count else ""
            size = min(7.5, max(5.0, 200 / k / max(len(text), 2)))
            shade = _shade(colour, strength)
            _square(axes, row, column, shade, text, dark=strength > DARK, size=size)
        for place in range(k):
            outline = Rectangle((place - 0.5, place - 0.5), 1, 1, fill=False, ec=INK, lw=0.9)
            axes.add_patch(outline)
        _labels(axes, list(labels), list(labels), 7.0 if k < 14 else 5.5)
        axes.set_xlabel(f"score by {readers[1]}", labelpad=4)
        axes.set_ylabel(f"score by {readers[0]}", labelpad=4)
        size_text = f"n = {len(pair)}"
        title = f"{arm}, {size_text}" if arm else size_text
        axes.set_title(title, size=7.5, color=arm_colour(arm), pad=6)
        return as_svg(made)


def _kappa_square(
    axes: Axes,
    row: int,
    column: int,
    found: Agreement,
    outcome: str,
    weights: str,
    arm: str | None,
    pair: tuple[str, str],
    colour: str,
) -> None:
    result = found.get("cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair)
    if result is None or result.estimate.value is None or result.estimate.note == ONE_SCORE_NOTE:
        _square(axes, row, column, "white", "–")
        return
    value = result.estimate.value
    strength = float(np.clip(value, 0, 1)) ** 2 * 0.9
    _square(axes, row, column, _shade(colour, strength), decimal(value), dark=strength > DARK)


def _square(
    axes: Axes,
    row: int,
    column: int,
    colour: str | tuple[float, ...],
    text: str,
    *,
    dark: bool = False,
    size: float = 7.0,
) -> None:
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fc=colour, ec=FAINT, lw=0.5))
    if text:
        axes.text(
            column, row, text, ha="center", va="center", size=size, color="white" if dark else INK
        )


def _shade(colour: str, strength: float) -> tuple[float, ...]:
    return tuple(LinearSegmentedColormap.from_list("shade", ["white", colour])(strength))


def _labels(axes: Axes, across: list[str], down: list[str], size: float) -> None:
    axes.set_xlim(-0.5, len(across) - 0.5)
    axes.set_ylim(len(down) - 0.5, -0.5)
    axes.set_xticks(range(len(across)), across, size=size)
    axes.set_yticks(range(len(down)), down, size=size)
    if max(len(name) for name in across) > 6:
        for label in axes.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    bare(axes, keep=())
    axes.tick_params(length=0, pad=3, color=SOFT)
