"""Plot of a training log: loss and validation error by step, as points of SVG polylines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 420
HEIGHT: Final = 160
LEFT: Final = 48
RIGHT: Final = 8
TOP: Final = 8
BOTTOM: Final = 24


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve in a plot of `WIDTH` x `HEIGHT` pixels.

    Attributes
    ----------
    title
        Name and unit of the value.
    points
        Coordinates for the attribute ``points`` of an SVG polyline.
    ticks
        Value and y coordinate of the horizontal lines.
    last_step
        Step at the right end of the horizontal axis.
    last
        Latest value, as text.
    """

    title: str
    points: str
    ticks: tuple[tuple[str, float], ...]
    last_step: int
    last: str


def training_curves(log: Sequence[Mapping[str, Any]], steps: int | None) -> list[Curve]:
    """Return the curves of a log; those without any value are left out.

    Parameters
    ----------
    log
        Rows with ``step``, ``loss`` and ``validation_px``.
    steps
        Steps of the whole run, the right end of the horizontal axis.
    """
    titles = (("loss", "Loss"), ("validation_px", "Validation error (px, 512 × 1024 frame)"))
    curves = []
    for key, title in titles:
        values = [(int(row["step"]), float(row[key])) for row in log if row.get(key)]
        if values:
            curves.append(_curve(title, values, steps or values[-1][0]))
    return curves


def _curve(title: str, values: list[tuple[int, float]], steps: int) -> Curve:
    # Logarithmic, because loss and error decrease by orders of magnitude.
    heights = [math.log10(value) for _, value in values]
    low, high = min(heights), max(heights)
    # A flat curve lies in the middle.
    margin = 0.1 * (high - low) or 0.5
    low, high = low - margin, high + margin

    def y(height: float) -> float:
        return round(TOP + (high - height) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    def x(step: int) -> float:
        return round(LEFT + step / steps * (WIDTH - LEFT - RIGHT), 1)

    points = " ".join(
        f"{x(step)},{y(height)}" for (step, _), height in zip(values, heights, strict=True)
    )
    ends = dict.fromkeys((max(heights), min(heights)))
    ticks = tuple((f"{10**height:.3g}", y(height)) for height in ends)
    return Curve(title, points, ticks, steps, f"{values[-1][1]:.3g}")
