"""Kappa matrix of all readers, and confusion matrix of the scores of one pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from studies.analytics.coefficients.pair import Pair
from studies.analytics.estimate import Status
from studies.analytics.results import Agreement
from studies.analytics.table import FloatArray
from studies.formats.numbers import decimal
from studies.reports.document.formatting import kappa_name
from studies.reports.document.plots.style import (
    FAINT,
    INK,
    SOFT,
    arm_colour,
    as_svg,
    figure,
    remove_frame,
)

CELL_IN = 0.42
DARK_STRENGTH = 0.82
"""Shade from which text is white, for contrast."""
POINTS_PER_INCH = 72
TEXT_WIDTH = 2.6
"""Width of "0.85" relative to its height, with a margin."""
MIN_TEXT_PT = 5.0
FEW_READERS = 12
"""Up to this number of readers, squares have wide borders."""
MAX_LABELS = 26
"""With more rows or columns, only every second, third and so on is labelled."""
MAX_NUMBERED = 25
"""Up to this number of readers, the squares of a kappa matrix contain numbers."""


def matrix_size(readers: int) -> tuple[float, float]:
    """Return width and height in inches of a kappa matrix of this number of readers."""
    side = min(max(readers, 2) * CELL_IN, 4.6)
    return side + 1.5, side + 0.85


def confusion_size(categories: int) -> tuple[float, float]:
    """Return width and height in inches of a confusion matrix of this number of categories."""
    side = min(max(categories * CELL_IN, 1.9), 4.9)
    return side + 1.15, side + 0.95


def kappa_matrix(
    results: Agreement, *, outcome: str, weights: str, below: str | None, above: str | None
) -> bytes:
    """Return the kappa matrix as SVG, one arm below the diagonal and the other above it."""
    names = sorted({name for arm in (below, above) for pair in results.pairs[arm] for name in pair})
    n = max(len(names), 2)
    width, height = matrix_size(n)
    side = width - 1.5
    with figure(height, width) as drawing:
        axes = drawing.add_axes((0.95 / width, 0.55 / height, side / width, side / height))
        kappas = {
            arm: _kappas(results, names, outcome=outcome, weights=weights, arm=arm)
            for arm in {below, above}
        }
        lower = np.tri(len(names), k=-1, dtype=bool)
        shades = np.where(lower[..., None], *(_shades(kappas[arm], arm) for arm in (below, above)))
        shades[np.diag_indices(len(names))] = to_rgba("#EEF0F2")
        _mesh(axes, shades)
        if n <= MAX_NUMBERED:
            values = np.where(lower, kappas[below], kappas[above])
            _write_kappas(axes, values, min(7.0, POINTS_PER_INCH * side / n / TEXT_WIDTH))
        else:
            arms = list(dict.fromkeys((below, above)))
            _shade_keys(drawing, (0.95 + side + 0.08, 0.55, side), arms)
        _labels(axes, names, names, max(MIN_TEXT_PT, min(7.0, 60 / n)))
        if below == above:
            axes.set_xlabel(f"{kappa_name(weights)}{f', {below}' if below else ''}", labelpad=6)
        else:
            axes.set_xlabel(f"below the diagonal {below}", color=arm_colour(below), labelpad=6)
            axes.set_title(f"above the diagonal {above}", color=arm_colour(above), size=7.5, pad=6)
        return as_svg(drawing)


def confusion_matrix(
    pair: Pair, *, readers: tuple[str, str], labels: Sequence[str], arm: str | None
) -> bytes:
    """Return the cross-tabulation of two readers' scores as SVG; agreement is outlined."""
    counts = pair.counts()
    k = len(labels)
    width, height = confusion_size(k)
    side = width - 1.15
    most = max(int(counts.max()), 1)
    colour = arm_colour(arm)
    with figure(height, width) as drawing:
        axes = drawing.add_axes((0.72 / width, 0.62 / height, side / width, side / height))
        strength = 0.9 * (counts / most) ** 0.5
        ramp = LinearSegmentedColormap.from_list("shade", ["white", colour])
        _mesh(axes, np.asarray(ramp(strength)))
        for row, column in zip(*np.nonzero(counts), strict=True):
            text = str(int(counts[row, column]))
            size = min(7.5, max(5.0, 200 / k / max(len(text), 2)))
            ink = "white" if strength[row, column] > DARK_STRENGTH else INK
            axes.text(column, row, text, ha="center", va="center", size=size, color=ink)
        for category in range(k):
            corner = (category - 0.5, category - 0.5)
            outline = Rectangle(corner, 1, 1, fill=False, ec=INK, lw=0.9)
            axes.add_patch(outline)
        _labels(axes, list(labels), list(labels), 7.0 if k < 14 else 5.5)
        axes.set_xlabel(f"score by {readers[1]}", labelpad=4)
        axes.set_ylabel(f"score by {readers[0]}", labelpad=4)
        size_text = f"n = {len(pair)}"
        title = f"{arm}, {size_text}" if arm else size_text
        axes.set_title(title, size=7.5, color=arm_colour(arm), pad=6)
        return as_svg(drawing)


def _kappas(
    results: Agreement, names: Sequence[str], *, outcome: str, weights: str, arm: str | None
) -> FloatArray:
    """Return the kappas of an arm (readers, readers), NaN if undefined or not informative."""
    numbers = {name: number for number, name in enumerate(names)}
    kappas = np.full((len(names), len(names)), np.nan)
    for result in results.find("cohen_kappa", outcome=outcome, weights=weights, arm=arm):
        value = result.estimate.value
        if value is not None and result.estimate.status is not Status.ONE_SCORE:
            first, second = (numbers[name] for name in result.readers)
            kappas[first, second] = kappas[second, first] = value
    return kappas


def _strength(kappas: FloatArray) -> FloatArray:
    """Return the shade of each kappa, 0 to 0.9; squared, to separate the high values."""
    known = np.nan_to_num(kappas, nan=0.0)
    strength: FloatArray = np.clip(known, 0, 1) ** 2 * 0.9
    return strength


def _shades(kappas: FloatArray, arm: str | None) -> FloatArray:
    """Return the colours of kappas as RGBA (..., 4)."""
    ramp = LinearSegmentedColormap.from_list("shade", ["white", arm_colour(arm)])
    shades: FloatArray = np.asarray(ramp(_strength(kappas)))
    return shades


def _mesh(axes: Axes, shades: FloatArray) -> None:
    """Fill a grid of squares with RGBA colours (rows, columns, 4) in a single drawing call."""
    rows, columns = shades.shape[:2]
    across, down = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    width = 0.5 if max(rows, columns) <= FEW_READERS else 0.2
    axes.pcolormesh(across, down, shades, edgecolors=FAINT, linewidth=width)


def _write_kappas(axes: Axes, values: FloatArray, size: float) -> None:
    dark = _strength(values) > DARK_STRENGTH
    for row, column in np.ndindex(*values.shape):
        if row != column:
            known = bool(np.isfinite(values[row, column]))
            text = decimal(float(values[row, column])) if known else "–"
            colour = "white" if dark[row, column] else INK
            axes.text(column, row, text, ha="center", va="center", size=size, color=colour)


def _shade_keys(
    drawing: Figure, position_in: tuple[float, float, float], arms: Sequence[str | None]
) -> None:
    """Draw the colour scale of a matrix without numbers, one bar per arm.

    Parameters
    ----------
    position_in
        Left edge, lower edge and height of the matrix in inches.
    """
    left, bottom, side = position_in
    width, height = drawing.get_size_inches()
    kappas = np.linspace(0, 1, 41)
    for number, arm in enumerate(arms):
        axes = drawing.add_axes(
            ((left + 0.13 * number) / width, bottom / height, 0.11 / width, side / 2 / height)
        )
        axes.pcolormesh(
            [0, 1], np.linspace(0, 1, 42), _shades(kappas, arm)[:, None],
            edgecolors="face", linewidth=0.3,
        )  # fmt: skip
        last = number == len(arms) - 1
        axes.set_xticks([])
        axes.yaxis.tick_right()
        axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"] if last else ["", "", ""], size=6)
        axes.tick_params(length=2 if last else 0, pad=1)
        for spine in axes.spines.values():
            spine.set_linewidth(0.4)


def _labels(axes: Axes, across: list[str], down: list[str], size: float) -> None:
    axes.set_xlim(-0.5, len(across) - 0.5)
    axes.set_ylim(len(down) - 0.5, -0.5)
    step = max(1, -(-len(across) // MAX_LABELS))
    axes.set_xticks(range(0, len(across), step), across[::step], size=size)
    axes.set_yticks(range(0, len(down), step), down[::step], size=size)
    if max(len(name) for name in across) > 6:
        for label in axes.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    remove_frame(axes, keep=())
    axes.tick_params(length=0, pad=3, color=SOFT)
