"""One picture of an evaluation: how errors are distributed, and the six worst images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from inference.evaluation.errors import CornerErrors, corner_errors
from inference.evaluation.outcome import Outcome
from inference.image import Image
from inference.shapes import CORNERS, Body, Landmarks

TRUE, FOUND, GREY = "#009E73", "#D55E00", "#6B6B6B"
LONGEST_FRAME_PX = 20.0
AROUND = ("superior_posterior", "superior_anterior", "inferior_anterior", "inferior_posterior")
DPI = 130


def draw_evaluation(
    path: Path,
    summary: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    images: Mapping[str, Image],
) -> None:
    """Write a PNG: distribution and success above, the worst images with both outlines below.

    ``images`` holds the worst images by key.
    """
    figure = Figure(figsize=(12, 11), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(2, 6, height_ratios=[1, 1.7])
    errors = corner_errors(outcomes)
    _distribution(figure.add_subplot(grid[0, :3]), errors)
    _success(figure.add_subplot(grid[0, 3:]), summary["success"])
    by_key = {outcome.key: outcome for outcome in outcomes}
    for place, worst in enumerate(summary["worst"]):
        axes = figure.add_subplot(grid[1, place])
        image = images[worst["key"]]
        _case(axes, image, by_key[worst["key"]])
        name = worst["key"].rpartition(": ")[2]
        axes.set_title(f"{name}\n{worst['mean_frame_px']:.1f} px", fontsize=8)
    model = summary["model"]
    figure.suptitle(
        f"{summary['images']} images" + ("" if model is None else f", {model['name']}"),
        fontsize=12,
    )
    figure.text(
        0.5,
        0.385,
        "Worst images, mean distance in the frame of 512 x 1024 (green: true, vermilion: found)",
        ha="center",
        fontsize=9,
    )
    figure.savefig(path, dpi=DPI)


def _distribution(axes: Axes, errors: CornerErrors) -> None:
    distances = errors.values("euclidean", "frame_px")
    known = distances[~np.isnan(distances)]
    beyond = int(np.count_nonzero(known > LONGEST_FRAME_PX))
    axes.hist(np.clip(known, 0, LONGEST_FRAME_PX), bins=60, color=GREY)
    if known.size:
        for value, word in ((np.median(known), "median"), (known.mean(), "mean")):
            if value <= LONGEST_FRAME_PX:
                axes.axvline(value, color=FOUND, linewidth=1)
                axes.text(
                    value,
                    0.97 if word == "mean" else 0.9,
                    f" {word} {value:.2f}",
                    color=FOUND,
                    transform=axes.get_xaxis_transform(),
                    fontsize=9,
                )
    axes.set_xlabel(f"Distance of a corner, px of 512 x 1024 ({beyond} beyond the last bar's edge)")
    axes.set_ylabel("Corners")
    _plain(axes)


def _success(axes: Axes, curves: Mapping[str, Any]) -> None:
    unit = "mm" if "mm" in curves else "frame_px"
    if unit in curves:
        shares = 100 * np.array(curves[unit]["share"])
        axes.plot(curves[unit]["radius"], shares, color="#0072B2", linewidth=1.8)
    axes.set_ylim(0, 100)
    axes.set_xlim(left=0)
    axes.set_xlabel("Radius, mm" if unit == "mm" else "Radius, px of 512 x 1024")
    axes.set_ylabel("True corners found within it, %")
    axes.grid(color="#DDDDDD", linewidth=0.6)
    _plain(axes)


def _case(axes: Axes, image: Image, outcome: Outcome) -> None:
    bright = float(np.percentile(image.pixels, 99.5)) or 1.0
    axes.imshow(image.pixels, cmap="gray", vmin=0, vmax=bright, aspect=image.pixel_aspect)
    _outline(axes, outcome.truth, TRUE)
    if outcome.found is not None:
        _outline(axes, outcome.found, FOUND)
    axes.set_axis_off()


def _outline(axes: Axes, landmarks: Landmarks, colour: str) -> None:
    for vertebra, body in landmarks.bodies.items():
        corners = _around(body)
        if not corners:
            continue
        ring = np.array([*corners, corners[0]] if len(corners) == len(CORNERS) else corners)
        axes.plot(ring[:, 0], ring[:, 1], color=colour, linewidth=0.9)
        if colour == FOUND:
            x, y = ring.mean(axis=0)
            axes.text(x, y, vertebra.value, color=colour, fontsize=6, ha="center", va="center")


def _around(body: Body) -> list[tuple[float, float]]:
    return [getattr(body, name) for name in AROUND if getattr(body, name) is not None]


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
