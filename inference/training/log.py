"""Training log as a CSV file and a plot."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LOSS, ERROR, GREY = "#0072B2", "#D55E00", "#6B6B6B"
FIRST = ("step", "epoch", "rate", "minutes")
LAST = ("total", "validation_px", "validation_found")


class Log:
    """Writer of a training log.

    Parameters
    ----------
    path
        The CSV file; rows up to ``step`` are retained.
    parts
        Names of the parts of the loss.
    step
        Last saved step of a run that is resumed, otherwise 0.
    """

    def __init__(self, path: Path, parts: Sequence[str], *, step: int) -> None:
        self.path = path
        self.columns = (*FIRST, *parts, *LAST)
        earlier = [row for row in read_log(path) if int(row["step"]) <= step]
        # Steps after the last saved state are repeated, so their rows are removed.
        temporary = path.with_name(f"new-{path.name}")
        with temporary.open("w", newline="") as file:
            table = csv.DictWriter(file, self.columns, restval="", lineterminator="\n")
            table.writeheader()
            table.writerows(earlier)
        temporary.replace(path)

    def add(self, row: Mapping[str, float]) -> None:
        """Add a row; columns without a value are left empty."""
        row_text = {name: f"{value:.6g}" for name, value in row.items()}
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, self.columns, restval="", lineterminator="\n").writerow(row_text)


def read_log(path: Path) -> list[dict[str, str]]:
    """Return the complete rows of a log, or an empty list if there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    # An interrupted run may leave an incomplete last row.
    return [row for row in rows if None not in row.values() and row["step"].isdigit()]


def draw_log(log: Path, picture: Path) -> None:
    """Write a plot of loss and validation error by step as a PNG file."""
    rows = read_log(log)
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for axes, name, colour, label in (
        (left, "total", LOSS, "loss"),
        (right, "validation_px", ERROR, "validation error, px of 512 x 1024"),
    ):
        points = [(int(row["step"]), float(row[name])) for row in rows if row[name]]
        if points:
            xs, ys = zip(*points, strict=True)
            axes.plot(xs, ys, color=colour, linewidth=1.2, marker="." if len(xs) < 40 else "")
            # Loss and error decrease by orders of magnitude.
            axes.set_yscale("log")
        axes.set_xlabel("step")
        axes.set_title(label, fontsize=10)
        axes.grid(color=GREY, alpha=0.2)
    # Without the version of matplotlib, equal logs give equal files.
    figure.savefig(picture, dpi=120, metadata={"Software": None})
