"""Figure of an evaluation: distribution of errors, success curve and the worst images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from inference.evaluation.errors import CornerErrors, corner_errors
from inference.evaluation.outcome import Outcome
from inference.image import Image
from inference.results import CORNERS, Body, Landmarks

TRUE, PREDICTED, GREY = "#009E73", "#D55E00", "#6B6B6B"
"""Colours of the Okabe-Ito palette, which colour-blind readers can distinguish, and grey."""
MAX_SHOWN_FRAME_PX = 20.0
"""Right end of the histogram; larger errors are counted in the last bar."""
# Around the body: COCO's and the table's order would draw a bow tie.
OUTLINE = ("superior_posterior", "superior_anterior", "inferior_anterior", "inferior_posterior")
"""Corners in the order of the outline of a body."""
SPINE_MARGIN = 0.1
"""Margin shown around the spine, as a share of its height."""
DPI = 130


def draw_evaluation(
    path: Path,
    summary: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    images: Mapping[str, Image],
) -> None:
    """Write the figure of an evaluation as a PNG file.

    Parameters
    ----------
    path
        The file to write.
    summary
        From `inference.evaluation.summary.summarize`.
    outcomes
        The outcomes that were summarised.
    images
        The worst images by key.
    """
    figure = Figure(figsize=(12, 10), layout="constrained")
    # Agg needs no display and no global state of pyplot.
    FigureCanvasAgg(figure)
    halves = figure.add_gridspec(2, 1, height_ratios=[1, 1.6])
    above, below = figure.add_subfigure(halves[0]), figure.add_subfigure(halves[1])
    errors = corner_errors(outcomes)
    left, right = above.subplots(1, 2)
    _draw_distribution(left, errors)
    _draw_success(right, summary["success"])
    model = summary["model"]
    above.suptitle(
        f"{summary['images']} images" + ("" if model is None else f", {model['name']}"),
        fontsize=12,
    )
    by_key = {outcome.key: outcome for outcome in outcomes}
    shown = np.atleast_1d(below.subplots(1, max(len(summary["worst"]), 3)))
    for axes, worst in zip(shown, summary["worst"], strict=False):
        _draw_image(axes, images[worst["key"]], by_key[worst["key"]])
        name = worst["key"].rpartition(": ")[2]
        axes.set_title(f"{name}\n{worst['mean_frame_px']:.1f} px", fontsize=8)
    for axes in shown[len(summary["worst"]) :]:
        axes.set_axis_off()
    below.suptitle(
        "Largest mean distances, px of 512 x 1024 (green: true, vermilion: predicted)",
        fontsize=9,
    )
    figure.savefig(path, dpi=DPI)


def _draw_distribution(axes: Axes, errors: CornerErrors) -> None:
    distances = errors.values("euclidean", "frame_px")
    # Corners that were not predicted have no distance.
    known = distances[~np.isnan(distances)]
    beyond = int(np.count_nonzero(known > MAX_SHOWN_FRAME_PX))
    axes.hist(np.clip(known, 0, MAX_SHOWN_FRAME_PX), bins=60, color=GREY)
    if known.size:
        mean, median = float(known.mean()), float(np.median(known))
        axes.axvline(median, color=PREDICTED, linewidth=1)
        axes.text(
            0.98,
            0.97,
            f"median {median:.2f} (line), mean {mean:.2f}",
            color=PREDICTED,
            ha="right",
            va="top",
            transform=axes.transAxes,
            fontsize=9,
        )
    more = f"; last bar: {beyond} further away" if beyond else ""
    axes.set_xlabel(f"Distance of corners, px of 512 x 1024{more}")
    axes.set_ylabel("Corners")
    _hide_frame(axes)


def _draw_success(axes: Axes, curves: Mapping[str, Any]) -> None:
    # Millimetres are comparable between scanners, but need a known pixel spacing.
    unit = "mm" if "mm" in curves else "frame_px"
    if unit in curves:
        shares = 100 * np.array(curves[unit]["share"])
        axes.plot(curves[unit]["radius"], shares, color="#0072B2", linewidth=1.8)
    axes.set_ylim(0, 100)
    axes.set_xlim(left=0)
    axes.set_xlabel("Radius, mm" if unit == "mm" else "Radius, px of 512 x 1024")
    axes.set_ylabel("True corners found within the radius, %")
    axes.grid(color="#DDDDDD", linewidth=0.6)
    _hide_frame(axes)


def _draw_image(axes: Axes, image: Image, outcome: Outcome) -> None:
    # A few very bright pixels, such as implants, would darken the rest of the image.
    bright = float(np.percentile(image.pixels, 99.5)) or 1.0
    axes.imshow(image.pixels, cmap="gray", vmin=0, vmax=bright, aspect=image.pixel_aspect)
    _outline(axes, outcome.truth, TRUE)
    if outcome.predicted is not None:
        _outline(axes, outcome.predicted, PREDICTED)
    corners = [
        corner
        for landmarks in (outcome.truth, outcome.predicted)
        if landmarks is not None
        for body in landmarks.bodies.values()
        for corner in _corners(body)
    ]
    # The image is shown around the spine only, because full images would be too small.
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    margin = SPINE_MARGIN * (high[1] - low[1]) * np.array([image.pixel_aspect, 1.0])
    axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
    axes.set_ylim(high[1] + margin[1], low[1] - margin[1])
    axes.set_anchor("N")
    axes.set_facecolor("black")
    axes.set_xticks([])
    axes.set_yticks([])


def _outline(axes: Axes, landmarks: Landmarks, colour: str) -> None:
    for vertebra, body in landmarks.bodies.items():
        corners = _corners(body)
        if not corners:
            continue
        # Only a complete body is drawn as a closed outline.
        ring = np.array([*corners, corners[0]] if len(corners) == len(CORNERS) else corners)
        axes.plot(ring[:, 0], ring[:, 1], color=colour, linewidth=0.9)
        if colour == PREDICTED:
            x, y = ring.mean(axis=0)
            axes.text(
                x,
                y,
                vertebra.value,
                color="white",
                fontsize=7,
                ha="center",
                va="center",
                path_effects=[withStroke(linewidth=2, foreground="black")],
            )


def _corners(body: Body) -> list[tuple[float, float]]:
    """Return the marked corners in the order of the outline."""
    return [getattr(body, name) for name in OUTLINE if getattr(body, name) is not None]


def _hide_frame(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
