"""Check whether the image includes the aorta at L1 to L4, by the rule of VerteNet's authors.

The 13 anterior ends are moved anteriorly by f times the mean width W, and a cubic spline x(y) is
fitted through them. The image is cropped if that curve leaves it or crosses black pixels. The rule
is implemented as in the authors' code, including a known error: an export whose soft tissue is
clipped to black is called cropped. `inference.crop.margin_rule` contains the default rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from inference.geometry.guides import LINE_COUNT, extend_line, mean_width
from inference.geometry.pixel_size import PixelSize
from inference.results import CropCheck, CropVerdict, Guide, LevelCrop

METHOD = "vertenet"
# The values are those of the authors' code; that the verdict at 1.0 counts is VerteRead's choice.
FACTORS = (0.9, 1.0, 1.1)
DECIDING_FACTOR = 1.0
SAMPLES = 500
CHANNELS = 3
MAX_BLACK_VALUES = 10
DRAWN_POINTS = 51
"""Points of the curve that the evidence contains for drawing."""
# The guides that bound each level; thirds lie between them and need no entry.
LEVELS = {
    "L1": ("T12/L1", "L1/L2"),
    "L2": ("L1/L2", "L2/L3"),
    "L3": ("L2/L3", "L3/L4"),
    "L4": ("L3/L4", "L4/L5"),
}


@dataclass(frozen=True, slots=True)
class _Curve:
    """Samples along the expected anterior aortic border, from top to bottom, in image pixels."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


def check_by_vertenet(
    pixels: NDArray[np.float32], guides: Sequence[Guide], size: PixelSize
) -> CropCheck:
    """Return the verdict of the authors' rule at f = 1.0, with f = 0.9 and 1.1 as evidence.

    Parameters
    ----------
    pixels
        Grey values (height, width); black is exactly 0.
    guides
        All 13 lines, in image pixels; with fewer the verdict is ``unknown``.
    size
        Pixel size. Margins are in mm if it is, otherwise in isotropic pixels.

    Returns
    -------
    CropCheck
        ``evidence`` contains, for each f, the verdict and the numbers of samples outside the image
        and of black samples; for f = 1.0 also the curve for drawing. The margin of a level is the
        smallest distance from its part of the curve to the image border; negative outside.

    Notes
    -----
    Samples are uniform in y, and the spline has not-a-knot ends. The authors count black values
    over the three identical channels of a colour image, so four black samples exceed ten.

    References
    ----------
    VerteNet, arXiv 2502.02097, and its published code.
    """
    unknown_levels = {level: LevelCrop() for level in LEVELS}
    # The spline needs every end: with fewer, it would bridge a level that nothing was measured in.
    if len(guides) != LINE_COUNT:
        return CropCheck(
            METHOD, "unknown", unknown_levels, {"reason": "not all 13 lines can be drawn"}
        )
    width = mean_width(guides, size)
    evidence: dict[str, Any] = {}
    decided: tuple[CropVerdict, Mapping[str, LevelCrop]] = ("unknown", unknown_levels)
    for factor in FACTORS:
        ends = np.array([extend_line(line, size, factor * width) for line in guides])
        # The spline x(y) requires strictly increasing y.
        if not np.all(np.diff(ends[:, 1]) > 0):
            evidence[str(factor)] = {"verdict": "unknown"}
            continue
        curve = _curve(ends)
        verdict, evidence[str(factor)] = _judge(pixels, curve)
        if factor == DECIDING_FACTOR:
            decided = (verdict, _margins(pixels.shape, curve, guides, ends, size))
            evidence["curve"] = _drawn(curve)
    if decided[0] == "unknown":
        evidence["reason"] = "the lines cross anterior to the spine"
    return CropCheck(METHOD, decided[0], decided[1], evidence)


def _curve(ends: NDArray[np.float64]) -> _Curve:
    y = np.linspace(ends[0, 1], ends[-1, 1], SAMPLES)
    return _Curve(CubicSpline(ends[:, 1], ends[:, 0], bc_type="not-a-knot")(y), y)


def _judge(pixels: NDArray[np.float32], curve: _Curve) -> tuple[CropVerdict, dict[str, Any]]:
    height, width = pixels.shape
    # Pixel centres have integer coordinates, so the nearest pixel is the rounded position.
    columns, rows = np.rint(curve.x).astype(int), np.rint(curve.y).astype(int)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    black = int(np.count_nonzero(pixels[rows[inside], columns[inside]] == 0))
    outside = int(np.count_nonzero(~inside))
    # The authors count over three identical channels.
    cropped = outside > 0 or CHANNELS * black > MAX_BLACK_VALUES
    verdict: CropVerdict = "cropped" if cropped else "ok"
    return verdict, {"verdict": verdict, "outside": outside, "black": black, "samples": SAMPLES}


def _margins(
    shape: tuple[int, ...],
    curve: _Curve,
    guides: Sequence[Guide],
    ends: NDArray[np.float64],
    size: PixelSize,
) -> dict[str, LevelCrop]:
    height, width = shape
    to_border = np.min(
        [
            (curve.x + 0.5) * size.across,
            (width - 0.5 - curve.x) * size.across,
            (curve.y + 0.5) * size.down,
            (height - 0.5 - curve.y) * size.down,
        ],
        axis=0,
    )
    end_y = {line.name: ends[index, 1] for index, line in enumerate(guides)}
    margins = {}
    for level, (above, below) in LEVELS.items():
        band = (curve.y >= end_y[above]) & (curve.y <= end_y[below])
        # No sample lies in the band if the level is extremely low.
        margin = float(to_border[band].min()) if band.any() else None
        margins[level] = LevelCrop.of(margin, in_mm=size.in_mm)
    return margins


def _drawn(curve: _Curve) -> list[list[float]]:
    indices = np.linspace(0, SAMPLES - 1, DRAWN_POINTS).round().astype(int)
    return [[round(float(curve.x[i]), 2), round(float(curve.y[i]), 2)] for i in indices]
