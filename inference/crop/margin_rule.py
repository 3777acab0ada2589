"""Check whether the field of view includes the aorta at L1 to L4.

The default rule, ``field``, compares the end of the field (`inference.crop.field_of_view`) with the
expected anterior aortic wall (`inference.crop.aortic_wall`); soft tissue that was clipped to black
does not affect it. If the field ends so close to the expected wall that the wall may lie on either
side, the verdict is ``borderline`` and a person has to look at the image. The rule of VerteNet's
authors is available as ``vertenet``, and its verdict is part of the default rule's evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inference.crop.aortic_wall import expected_walls
from inference.crop.field_of_view import SIDES, EndKind, Field, FieldSide, find_field
from inference.crop.vertenet_rule import LEVELS, check_by_vertenet
from inference.geometry.guides import extend_line, mean_width
from inference.geometry.outer_lines import OuterLines
from inference.geometry.pixel_size import PixelSize
from inference.results import CropCheck, CropVerdict, Guide, LevelCrop

METHOD = "field"
BETWEEN_LINES = 8
"""Points of a curve per interval between neighbouring lines."""
SEARCH = 3.0
"""How far along a line the end of the field is searched for, in mean widths W."""
ESTIMATE_TOLERANCE = 0.1
"""Uncertainty of an estimated end of a level, in mean widths W: about 3 mm."""
STEP_PX = 0.5
"""Step of that search, in pixels."""

SEVERITY: tuple[CropVerdict, ...] = ("cropped", "unknown", "borderline", "ok")
"""Verdicts of a level in the order in which they determine the verdict of the image."""

Method = Literal["field", "vertenet"]
WallCurves = dict[str, NDArray[np.float64]]
"""Curves (n, 2) in image pixels by evidence key: ``front``, ``front_near``, ``front_far``."""


def check_crop(
    pixels: NDArray[np.float32],
    guides: Sequence[Guide],
    size: PixelSize,
    *,
    outer: OuterLines | None = None,
    method: Method = "field",
) -> CropCheck:
    """Return, level by level, whether the expected anterior aortic wall lies inside the field.

    Parameters
    ----------
    pixels
        Grey values (height, width) in [0, 1]; brighter is denser.
    guides
        The lines that can be drawn, in image pixels. A level is ``unknown`` if any of its four
        lines is missing, or if all rows are black where the field may end.
    size
        Pixel size. Margins are in mm if it is, otherwise in isotropic pixels.
    outer
        Estimates for missing lines at the ends (`inference.geometry.outer_lines`). The authors'
        rule does not use them.
    method
        ``field``, or ``vertenet`` for the authors' rule.

    Returns
    -------
    CropCheck
        ``cropped`` if any level is; otherwise ``unknown`` or ``borderline`` if any level is; ``ok``
        if all four are. The evidence contains the expected wall (``front``, a curve) with its
        nearest and farthest position (``front_near``, ``front_far``); the ``borderline`` levels;
        per line, where it meets the end of the field (``field_end``); per level, where the margin
        is smallest and what ends the field there (``image``: the image border, ``edge``: a
        straight edge to uniform black); and ``vertenet``, the authors' verdict and evidence.

    Notes
    -----
    The margin of a level is the smallest distance from its part of the expected wall to the nearest
    side of the field. A level is ``ok`` if the field includes all three curves, ``cropped`` if it
    includes none, and ``borderline`` otherwise. docs/guides.md reports the accuracy on phantoms.
    """
    authors = check_by_vertenet(pixels, guides, size)
    if method == "vertenet":
        return authors
    # The authors' verdict is always included for comparison.
    authors_evidence = {"verdict": authors.verdict, **authors.evidence}
    width = mean_width(guides, size)
    if width <= 0:
        # Without lines there is no length to scale distances by.
        levels = {level: LevelCrop() for level in LEVELS}
        evidence: dict[str, Any] = {"reason": "no line can be drawn"}
    else:
        levels, evidence = _judge(find_field(pixels), guides, outer or OuterLines(), size, width)
    return CropCheck(METHOD, _overall(levels), levels, {**evidence, "vertenet": authors_evidence})


def _judge(
    field: Field, guides: Sequence[Guide], outer: OuterLines, size: PixelSize, width: float
) -> tuple[dict[str, LevelCrop], dict[str, Any]]:
    """Return the verdict of each level and the evidence."""
    lines = {line.name: line for line in (*guides, *outer.lines)}
    levels = {level: LevelCrop() for level in LEVELS}
    narrowest: dict[str, Any] = {}
    unseen, reasons = [], []
    for level, (above, below) in LEVELS.items():
        names = (above, f"{level} 1/3", f"{level} 2/3", below)
        if any(name not in lines for name in names):
            reasons.append(f"not all lines of {level} can be drawn")
            continue
        walls = _wall_curves([lines[name] for name in names], size, width)
        tolerance = ESTIMATE_TOLERANCE * width if level in outer.levels else 0.0
        verdict = _verdict(field, walls, size, tolerance)
        if level in outer.extrapolated and verdict != "cropped":
            reasons.append(f"not all lines of {level} can be drawn")
            continue
        margin, narrowest[level] = _narrowest(field, walls["front"], size)
        if verdict != _verdict(field.visible_part(), walls, size, tolerance):
            # A verdict that depends on black pixels cannot be trusted: tissue clipped to black and
            # the end of the field look the same.
            unseen.append(level)
            reasons.append(f"all pixels are black up to the expected aortic wall at {level}")
        else:
            levels[level] = LevelCrop.of(margin, in_mm=size.in_mm, verdict=verdict)
    # Drawn along all lines of the landmarks, also those of levels without a verdict.
    curves = _wall_curves(guides, size, width)
    return levels, {
        "width": round(width, 2),
        "unit": "mm" if size.in_mm else "px",
        **{name: _rounded(curve[::BETWEEN_LINES]) for name, curve in curves.items()},
        "lines": [_line_evidence(field, line, size, width) for line in guides],
        "narrowest": narrowest,
        "borderline": [name for name, level in levels.items() if level.verdict == "borderline"],
        "unseen": unseen,
        **({"reason": "; ".join(reasons)} if reasons else {}),
    }


def _overall(levels: Mapping[str, LevelCrop]) -> CropVerdict:
    # One level without a view of the aorta suffices to make the total unreadable.
    verdicts = {level.verdict for level in levels.values()}
    return next(verdict for verdict in SEVERITY if verdict in verdicts)


def _verdict(field: Field, walls: WallCurves, size: PixelSize, tolerance: float) -> CropVerdict:
    """Return whether the field includes all three curves, none, or some of them.

    Within ``tolerance`` of the upper or lower end of the field, inclusion is not certain.
    """
    # Different answers for the three curves mean that the wall may lie on either side.
    included = {_narrowest(field, wall, size)[0] >= 0 for wall in walls.values()}
    if included == {False}:
        return "cropped"
    vertical = field.margins(walls["front"], size)[:, [SIDES.index("top"), SIDES.index("bottom")]]
    return "borderline" if len(included) > 1 or vertical.min() < tolerance else "ok"


def _wall_curves(lines: Sequence[Guide], size: PixelSize, width: float) -> WallCurves:
    """Return the expected, nearest and farthest wall along neighbouring lines.

    Curves have `BETWEEN_LINES` points per interval between two lines.
    """
    expected = expected_walls(size, width)
    along = [expected[line.name] for line in lines]
    return {
        "front": _curve(lines, [wall.middle for wall in along], size),
        "front_near": _curve(lines, [wall.near for wall in along], size),
        "front_far": _curve(lines, [wall.far for wall in along], size),
    }


def _curve(
    lines: Sequence[Guide], distances: Sequence[float], size: PixelSize
) -> NDArray[np.float64]:
    """Return a curve (n, 2) through the points at these distances beyond the lines' ends."""
    pairs = zip(lines, distances, strict=True)
    ends = np.array([extend_line(line, size, distance) for line, distance in pairs])
    positions = np.linspace(0, len(ends) - 1, BETWEEN_LINES * (len(ends) - 1) + 1)
    return np.stack(
        [np.interp(positions, np.arange(len(ends)), ends[:, axis]) for axis in (0, 1)], axis=1
    )


def _narrowest(
    field: Field, wall: NDArray[np.float64], size: PixelSize
) -> tuple[float, dict[str, Any]]:
    """Return the smallest margin along a curve, with its position and what ends the field there."""
    margins = field.margins(wall, size)
    # argmin counts through points and sides together, so both indices are recovered from it.
    index, side = np.unravel_index(int(margins.argmin()), margins.shape)
    return float(margins[index, side]), {
        "at": _rounded(wall[[index]])[0],
        **_end_of_field(field, wall[index], SIDES[side]),
    }


def _line_evidence(field: Field, line: Guide, size: PixelSize, width: float) -> dict[str, Any]:
    """Return the margin at the expected wall of a line, and where the line leaves the field."""
    wall = np.array([extend_line(line, size, expected_walls(size, width)[line.name].middle)])
    margin, narrowest = _narrowest(field, wall, size)
    # Search along the whole line, because the field may end before the anterior edge.
    reach = np.array([line.posterior, extend_line(line, size, SEARCH * width)])
    count = max(2, int(np.hypot(*(reach[1] - reach[0])) / STEP_PX))
    path = reach[0] + np.linspace(0, 1, count)[:, None] * (reach[1] - reach[0])
    outside = np.flatnonzero((field.margins(path, size) < 0).any(axis=1))
    exits = _rounded(path[outside[:1]])
    return {
        "name": line.name,
        "margin": round(margin, 2),
        "leaves": margin < 0,
        "field_end": exits[0] if exits else None,
        **narrowest,
    }


def _end_of_field(
    field: Field, point: NDArray[np.float64], side: FieldSide
) -> dict[str, FieldSide | EndKind]:
    return {"side": side, "kind": field.end_kind(side, (float(point[0]), float(point[1])))}


def _rounded(points: NDArray[np.float64]) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]
