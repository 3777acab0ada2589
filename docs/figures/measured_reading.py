"""Draw the figure of docs/measured_reading.md.

``python -m docs.figures.measured_reading > docs/figures/measured_reading.svg``. It uses the
functions that measure a reading, on constructed traces with pixels of 1 mm.
"""

from __future__ import annotations

import sys

import numpy as np

from docs.figures.svg import BLUE, GREY, INK, VERMILION, Drawing, Point
from studies.analytics.scale import LEVELS
from studies.sessions.measuring.geometry import (
    FloatArray,
    fit_line,
    measure_wall,
    merge_intervals,
)
from studies.sessions.measuring.grades import grade_of_share

BOUNDARIES = [
    np.array(line, float)
    for line in (
        ((10, 18), (92, 8)),
        ((12, 52), (94, 44)),
        ((14, 86), (96, 83)),
        ((14, 120), (98, 121)),
        ((14, 154), (98, 158)),
    )
]
NAMES = ("T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5")
TRACES = [
    np.array(trace, float)
    for trace in (
        ((52, 22), (55, 30), (54, 36)),
        ((55, 60), (59, 72), (57, 92)),
        ((61, 84), (62, 98)),
        ((60, 136), (64, 146)),
    )
]
SCALE, LEFT, TOP = 4.0, 70.0, 10.0
"""SVG units per mm, and where the image starts on the figure."""
WIDTH, HEIGHT = 900, 750
TABLE_X = 540.0


def draw() -> str:
    """Return the figure: traces, the line of the wall, its crossings and the lengths by level."""
    drawing = Drawing(WIDTH, HEIGHT, "Measured reading of one wall")
    for boundary, name in zip(BOUNDARIES, NAMES, strict=True):
        ends = [_place(point) for point in boundary]
        drawing.line(ends, colour=BLUE)
        drawing.text((ends[0][0] - 8, ends[0][1] + 4), name, anchor="end", colour=BLUE)
    line = fit_line(TRACES, BOUNDARIES)
    assert line is not None
    crossings = [line.crossing(boundary) for boundary in BOUNDARIES]
    known = [t for t in crossings if t is not None]
    at = [_place(line.point + t * line.direction) for t in (min(known) - 8, max(known) + 8)]
    drawing.line(at, colour=GREY, dash="6 4")
    drawing.text((at[1][0] + 8, at[1][1] + 4), "line of the wall", colour=GREY)
    for start, end in merge_intervals(
        [(float(t.min()), float(t.max())) for t in map(line.positions, TRACES)]
    ):
        covered = [_place(line.point + t * line.direction) for t in (start, end)]
        drawing.line(covered, colour=VERMILION, width=9)
    for trace in TRACES:
        drawing.line([_place(point) for point in trace], colour=INK, width=2.5)
        for point in trace[[0, -1]]:
            drawing.dot(_place(point), 4, INK)
    for t in known:
        drawing.dot(_place(line.point + t * line.direction), 5, BLUE)
    _write_lengths(drawing)
    return str(drawing)


def _write_lengths(drawing: Drawing) -> None:
    """Write the lengths and the grade of each level beside it."""
    for x, heading in (
        (0, "Level"),
        (70, "Calcified"),
        (165, "Wall"),
        (250, "Share"),
        (320, "Grade"),
    ):
        drawing.text((TABLE_X + x, 34), heading, bold=True)
    levels = measure_wall(TRACES, BOUNDARIES)
    for number, (level, lengths) in enumerate(zip(LEVELS, levels, strict=True)):
        assert lengths.calcified is not None and lengths.wall is not None
        share = lengths.calcified / lengths.wall
        upper, lower = BOUNDARIES[number], BOUNDARIES[number + 1]
        y = _place((upper[1] + lower[1]) / 2)[1] + 4
        for x, text in (
            (0, level),
            (70, f"{lengths.calcified:.1f} mm"),
            (165, f"{lengths.wall:.1f} mm"),
            (250, f"{100 * share:.0f} %"),
            (320, str(grade_of_share(share, "lower"))),
        ):
            drawing.text((TABLE_X + x, y), text)
    legend = (
        (INK, "traces of the reader"),
        (VERMILION, "projected and merged stretches"),
        (BLUE, "boundaries of the levels, and where they meet the line"),
    )
    for number, (colour, text) in enumerate(legend):
        y = HEIGHT - 46 + 18 * number
        drawing.line([(LEFT, y), (LEFT + 24, y)], colour=colour, width=4)
        drawing.text((LEFT + 34, y + 4), text)


def _place(point: FloatArray | Point) -> Point:
    """Convert a point from mm to SVG units."""
    return LEFT + SCALE * float(point[0]), TOP + SCALE * float(point[1])


if __name__ == "__main__":
    sys.stdout.write(draw())
