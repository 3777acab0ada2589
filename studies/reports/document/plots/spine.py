"""Figure of kappa by level and wall on a drawing of the spine and the aorta at L1 to L4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Polygon

from studies.analytics.estimate import Estimate, Status
from studies.analytics.results import Agreement
from studies.analytics.scale import LEVELS, WALLS
from studies.analytics.study.designs.arm_contrasts import mean_differences
from studies.analytics.table import FloatArray
from studies.formats.numbers import NO_VALUE, decimal
from studies.reports.document.formatting import DIFFERENCE_LIMIT, KAPPA_LIMIT, interval
from studies.reports.document.plots.style import (
    FAINT,
    GUIDED,
    INK,
    SOFT,
    arm_colour,
    as_svg,
    figure,
    plotted_arms,
)

PANEL_IN: Final = 2.16
HEIGHT_IN: Final = 3.55
LEVEL_IN: Final = 0.56
TOP_IN: Final = 2.98
"""Height of L1's upper edge above the lower edge of the drawing."""

# Left and right edges in inches of the vertebral bodies and of the two walls.
BODY: Final = (0.10, 0.66)
WALLS_IN: Final = {"posterior": (0.76, 1.36), "anterior": (1.44, 2.04)}
TITLE_PT: Final = 7.5
LOWERED: Final = "#B34700"
DARK_STRENGTH: Final = 0.82
"""Shade from which text is white, for contrast."""
STRONGEST_DIFFERENCE: Final = 0.4
"""Difference of kappas that has the full shade; larger ones do not become darker."""


@dataclass(frozen=True)
class SpinePanel:
    """One drawing of the spine: the kappas of an arm, or the differences between two arms.

    Parameters
    ----------
    estimates
        By cell ("L1_posterior"), level ("L1") and wall ("posterior").
    difference
        Whether the estimates are differences.
    """

    title: str
    colour: str
    estimates: dict[str, Estimate]
    difference: bool = False


def spine_panels(results: Agreement, *, weights: str) -> list[SpinePanel]:
    """Return one panel per plotted arm, and one of the differences if two arms are compared."""
    panels = []
    for arm in plotted_arms(results.arms, results.compared):
        kappas = {
            result.outcome: result.estimate
            for result in results.find("light_kappa", weights=weights, arm=arm)
        }
        panels.append(SpinePanel(arm or "all readings", arm_colour(arm), kappas))
    if results.compared:
        differences = {
            outcome: result.estimate
            for outcome, result in mean_differences(results, weights).items()
        }
        title = " − ".join(results.compared)
        panels.append(SpinePanel(title, INK, differences, difference=True))
    return panels


def spine_size(panels: int) -> tuple[float, float]:
    """Return width and height in inches of this number of panels side by side."""
    return PANEL_IN * panels, HEIGHT_IN


def spine_plot(panels: Sequence[SpinePanel]) -> bytes:
    """Return the panels side by side as SVG, anterior to the right."""
    width, height = spine_size(len(panels))
    with figure(height, width) as drawing:
        for number, panel in enumerate(panels):
            axes = drawing.add_axes((number / len(panels), 0, 1 / len(panels), 1))
            axes.set_xlim(0, PANEL_IN)
            axes.set_ylim(0, HEIGHT_IN)
            axes.axis("off")
            _panel(axes, panel)
        return as_svg(drawing)


def _panel(axes: Axes, panel: SpinePanel) -> None:
    middle = (WALLS_IN["posterior"][0] + WALLS_IN["anterior"][1]) / 2
    # Titles of more than 20 characters are set smaller, so that they fit their panel.
    size = TITLE_PT * min(1.0, 20 / len(panel.title))
    axes.text(middle, 3.42, panel.title, ha="center", va="center", weight="bold", size=size,
              color=panel.colour)  # fmt: skip
    _vertebra(axes, "T12", TOP_IN + 0.20, 0.26)
    for number, level in enumerate(LEVELS):
        top = TOP_IN - number * LEVEL_IN
        _vertebra(axes, level, top, LEVEL_IN)
        centre = _middle(BODY, top - LEVEL_IN / 2)
        _text(axes, centre, panel.estimates.get(level), panel, small=True)
        for wall in WALLS:
            _cell(axes, panel, f"{level}_{wall}", WALLS_IN[wall], top)
    bottom = TOP_IN - len(LEVELS) * LEVEL_IN
    _vertebra(axes, "L5", bottom, 0.26)
    for wall, edges in WALLS_IN.items():
        x = _middle(edges, bottom)[0]
        axes.text(x, 3.18, wall, ha="center", va="center", size=6.2, color=SOFT)
        axes.text(x, bottom - 0.12, "whole wall", ha="center", va="center", size=5.4, color=SOFT)
        _text(axes, (x, bottom - 0.33), panel.estimates.get(wall), panel)


def _bend(y: FloatArray | float) -> FloatArray:
    """Return the anterior displacement of the spine at a height, in inches (lumbar lordosis)."""
    bend: FloatArray = 0.10 * np.sin(np.pi * (np.asarray(y) - 0.4) / 2.6)
    return bend


def _strip(across: tuple[float, float], top: float, height: float) -> FloatArray:
    """Return the outline of a section of spine or aorta below a height (n, 2), in inches."""
    down = np.linspace(top, top - height, 7)
    left = np.column_stack([across[0] + _bend(down), down])
    right = np.column_stack([across[1] + _bend(down), down])[::-1]
    corners: FloatArray = np.vstack([left, right])
    return corners


def _middle(across: tuple[float, float], y: float) -> tuple[float, float]:
    return sum(across) / 2 + float(_bend(y)), y


def _vertebra(axes: Axes, name: str, top: float, height: float) -> None:
    """Draw a vertebral body above a disc space; T12 and L5, which are not scored, in part only."""
    whole = name in LEVELS
    gap = 0.08
    body = _strip(BODY, top, height - gap)
    fill = "#EEF0F2" if whole else "white"
    axes.add_patch(Polygon(body, fc=fill, ec=FAINT, lw=0.8, joinstyle="round"))
    y = top - 0.11 if whole else top - (height - gap) / 2
    x = _middle(BODY, y)[0]
    axes.text(x, y, name, ha="center", va="center", size=6.6, weight="bold" if whole else "normal",
              color=INK if whole else SOFT)  # fmt: skip


def _cell(
    axes: Axes, panel: SpinePanel, name: str, across: tuple[float, float], top: float
) -> None:
    estimate = panel.estimates.get(name)
    colour, strength = _shade(estimate, panel)
    fill = LinearSegmentedColormap.from_list("shade", ["white", colour])(strength)
    axes.add_patch(Polygon(_strip(across, top, LEVEL_IN - 0.03), fc=fill, ec=FAINT, lw=0.6))
    dark = strength > DARK_STRENGTH
    _text(axes, _middle(across, top - LEVEL_IN / 2), estimate, panel, dark=dark)


def _text(
    axes: Axes,
    at: tuple[float, float],
    estimate: Estimate | None,
    panel: SpinePanel,
    *,
    small: bool = False,
    dark: bool = False,
) -> None:
    x, y = at
    value = _known(estimate)
    if value is None or estimate is None:
        reason = "one score" if estimate and estimate.status is Status.ONE_SCORE else NO_VALUE
        axes.text(x, y, reason, ha="center", va="center", size=5.6, color=SOFT)
        return
    sign = "+" if panel.difference and round(value, 2) > 0 else ""
    weight = "bold" if panel.difference and _ci_excludes_zero(estimate) else "normal"
    colour = "white" if dark else INK
    lift = (0.02 if small else 0.07) if estimate.ci else 0.0
    axes.text(
        x, y + lift, sign + decimal(value), ha="center", va="center", weight=weight, color=colour,
        size=6.4 if small else 7.4,
    )  # fmt: skip
    if estimate.ci:
        limit = DIFFERENCE_LIMIT if panel.difference else KAPPA_LIMIT
        bounds = interval(estimate, clip=limit)
        lower, size = (0.11, 4.8) if small else (0.085, 5.3)
        axes.text(x, y - lower, bounds, ha="center", va="center", size=size, color=colour)


def _ci_excludes_zero(estimate: Estimate) -> bool:
    return estimate.ci is not None and not estimate.ci[0] <= 0 <= estimate.ci[1]


def _known(estimate: Estimate | None) -> float | None:
    """Return the value of an estimate; None if it is undefined or not informative."""
    if estimate is None or estimate.status is Status.ONE_SCORE:
        return None
    return estimate.value


def _shade(estimate: Estimate | None, panel: SpinePanel) -> tuple[str, float]:
    """Return the colour of an estimate and its strength, 0 to 0.9."""
    value = _known(estimate)
    if value is None:
        return panel.colour, 0.0
    if panel.difference:
        colour = GUIDED if value > 0 else LOWERED
        return colour, float(min(abs(value) / STRONGEST_DIFFERENCE, 1.0)) * 0.55
    return panel.colour, float(np.clip(value, 0, 1)) ** 2 * 0.9
