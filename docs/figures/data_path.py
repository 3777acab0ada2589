"""Draw the path of the data from upload to report.

python -m docs.figures.data_path > docs/figures/data_path.svg
"""

from __future__ import annotations

import sys

from docs.figures.svg import BLUE, GREEN, ORANGE, Drawing, Point

BOX = (168, 50)
GAP_X, GAP_Y, MARGIN, TOP = 30, 40, 24, 52
WEB, WORKER, STORED = BLUE, ORANGE, GREEN
Step = tuple[str, str, str]
ROWS: tuple[tuple[Step, ...], ...] = (
    (
        ("Upload", "a file or zip", WEB),
        ("De-identification", "before anything is stored", WEB),
        ("Case", "image; analysis queued", STORED),
        ("Analysis", "network, guides, crop check", WORKER),
    ),
    (
        ("Landmarks", "or the reason for failure", STORED),
        ("Review", "by a coordinator", WEB),
        ("Assignment", "reading lists, from a seed", STORED),
        ("Reading", "by its opaque address", WEB),
    ),
    (
        ("Scores", "append-only history", STORED),
        ("Data snapshot", "after the lock", STORED),
        ("Statistics", "pure functions of arrays", WORKER),
        ("Report", "page, PDF, XLSX, CSV", STORED),
    ),
)
KEY = (("web process", WEB), ("worker", WORKER), ("stored", STORED))


def _corner(row: int, column: int) -> Point:
    return MARGIN + column * (BOX[0] + GAP_X), TOP + row * (BOX[1] + GAP_Y)


def draw() -> str:
    """Return the figure as SVG."""
    columns = len(ROWS[0])
    width = 2 * MARGIN + columns * BOX[0] + (columns - 1) * GAP_X
    height = TOP + len(ROWS) * BOX[1] + (len(ROWS) - 1) * GAP_Y + MARGIN
    drawing = Drawing(width, height, "The path of the data from upload to report")
    for number, (label, colour) in enumerate(KEY):
        left = MARGIN + number * 130
        drawing.box((left, 18), (14, 14), colour=colour)
        drawing.text((left + 22, 30), label, size=12)
    for row, steps in enumerate(ROWS):
        for column, (title, sub, colour) in enumerate(steps):
            x, y = _corner(row, column)
            if column:
                drawing.line([(x - GAP_X, y + BOX[1] / 2), (x - 1, y + BOX[1] / 2)], arrow=True)
            drawing.box((x, y), BOX, title, sub=sub, colour=colour)
        if row:
            _draw_row_break(drawing, row)
    return str(drawing)


def _draw_row_break(drawing: Drawing, row: int) -> None:
    """Draw an arrow from the last box of the row above to the first box of this row."""
    (x0, y0), (x1, y1) = _corner(row - 1, len(ROWS[0]) - 1), _corner(row, 0)
    x0, x1, bend = x0 + BOX[0] / 2, x1 + BOX[0] / 2, y1 - GAP_Y / 2
    drawing.line([(x0, y0 + BOX[1]), (x0, bend), (x1, bend), (x1, y1 - 1)], arrow=True)


if __name__ == "__main__":
    sys.stdout.write(draw())
