"""Does the field hold the aorta in front of L1 to L4?

The default rule, ``field``, asks where the field really ends (`inference.crop.field_of_view`) and
where the
aorta's front is to be expected (`inference.crop.aortic_wall`); black soft tissue does not trouble
it. Where the field ends so near that the front may lie on either side of it, the rule says so and
leaves the answer to whoever looks at the image. The rule of VerteNet's authors can be asked for by
name, and its answer stands in the default's evidence.
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
from inference.geometry.pixel_size import PixelSize
from inference.results import CropCheck, CropVerdict, Guide, LevelCrop

METHOD = "field"
BETWEEN_LINES = 8
SEARCH = 3.0
STEP_PX = 0.5

WORST_FIRST: tuple[CropVerdict, ...] = ("cropped", "unknown", "borderline", "ok")

Method = Literal["field", "vertenet"]
Fronts = dict[str, NDArray[np.float64]]
"""Three curves: ``front``, ``front_near`` and ``front_far``."""


def check_crop(
    pixels: NDArray[np.float32],
    guides: Sequence[Guide],
    size: PixelSize,
    *,
    method: Method = "field",
) -> CropCheck:
    """Judge level by level whether the aorta's expected front lies inside the field.

    Parameters
    ----------
    pixels
        (height, width) in [0, 1], brighter is denser.
    guides
        The lines that can be drawn; a level whose four lines are not all there is ``unknown``, and
        so is one where all is black on all rows and the field may end there unseen.
    size
        The pixels' size; margins are in mm where it is, else in isotropic pixels.
    method
        ``field``, or ``vertenet`` for the rule of the authors as they have it.

    Returns
    -------
    CropCheck
        ``cropped`` as soon as one level is, else ``unknown`` or ``borderline`` as soon as one level
        is, ``ok`` when all four are. The evidence holds the expected ``front`` (a curve) and
        ``front_near`` and ``front_far``, between which it may well lie, the levels that are
        ``borderline``, for each line where it meets the end of the field (``field_end``), for each
        level the narrowest place and what ends the field there (``image``: the image's border,
        ``edge``: a straight edge to even black), and ``vertenet``: the authors' verdict and
        evidence.

    Notes
    -----
    A level's margin is the smallest distance from its part of the expected front to the nearest
    side of the field. It is ``ok`` when the field holds all three curves, ``cropped`` when it holds
    none, and ``borderline`` when it holds some: below and above, where the curves end nearly at the
    same height, that is a narrow strip.
    """
    authors = check_by_vertenet(pixels, guides, size)
    if method == "vertenet":
        return authors
    beside = {"verdict": authors.verdict, **authors.evidence}
    width = mean_width(guides, size)
    if width <= 0:
        levels = {level: LevelCrop() for level in LEVELS}
        evidence: dict[str, Any] = {"reason": "no line can be drawn"}
    else:
        levels, evidence = _judge(find_field(pixels), guides, size, width)
    return CropCheck(METHOD, _overall(levels), levels, {**evidence, "vertenet": beside})


def _judge(
    field: Field, guides: Sequence[Guide], size: PixelSize, width: float
) -> tuple[dict[str, LevelCrop], dict[str, Any]]:
    """The levels' verdicts and what they rest on."""
    found = {line.name: line for line in guides}
    levels = {level: LevelCrop() for level in LEVELS}
    narrowest: dict[str, Any] = {}
    unseen, reasons = [], []
    for level, (above, below) in LEVELS.items():
        names = (above, f"{level} 1/3", f"{level} 2/3", below)
        if any(name not in found for name in names):
            reasons.append(f"not all lines of {level} can be drawn")
            continue
        fronts = _fronts([found[name] for name in names], size, width)
        margin, narrowest[level] = _narrowest(field, fronts["front"], size)
        verdict = _verdict(field, fronts, size)
        if verdict != _verdict(field.surely(), fronts, size):
            unseen.append(level)
            reasons.append(f"all is black before the front at {level}")
        else:
            levels[level] = LevelCrop.of(margin, in_mm=size.in_mm, verdict=verdict)
    curves = _fronts(guides, size, width)
    return levels, {
        "width": round(width, 2),
        "unit": "mm" if size.in_mm else "px",
        **{name: _listed(curve[::BETWEEN_LINES]) for name, curve in curves.items()},
        "lines": [_line_evidence(field, line, size, width) for line in guides],
        "narrowest": narrowest,
        "borderline": [name for name, level in levels.items() if level.verdict == "borderline"],
        "unseen": unseen,
        **({"reason": "; ".join(reasons)} if reasons else {}),
    }


def _overall(levels: Mapping[str, LevelCrop]) -> CropVerdict:
    verdicts = {level.verdict for level in levels.values()}
    return next(verdict for verdict in WORST_FIRST if verdict in verdicts)


def _verdict(field: Field, fronts: Fronts, size: PixelSize) -> CropVerdict:
    """Whether the field holds the front wherever it may lie, nowhere, or here and not there."""
    held = {_narrowest(field, front, size)[0] >= 0 for front in fronts.values()}
    return "borderline" if len(held) > 1 else "ok" if held.pop() else "cropped"


def _fronts(lines: Sequence[Guide], size: PixelSize, width: float) -> Fronts:
    """Where the aorta's front is expected along neighbouring lines, and the least and most of it.

    Curves of `BETWEEN_LINES` places a gap.
    """
    expected = expected_walls(size, width)
    along = [expected[line.name] for line in lines]
    return {
        "front": _curve(lines, [here.middle for here in along], size),
        "front_near": _curve(lines, [here.near for here in along], size),
        "front_far": _curve(lines, [here.far for here in along], size),
    }


def _curve(
    lines: Sequence[Guide], distances: Sequence[float], size: PixelSize
) -> NDArray[np.float64]:
    pairs = zip(lines, distances, strict=True)
    ends = np.array([extend_line(line, size, distance) for line, distance in pairs])
    at = np.linspace(0, len(ends) - 1, BETWEEN_LINES * (len(ends) - 1) + 1)
    return np.stack([np.interp(at, np.arange(len(ends)), ends[:, axis]) for axis in (0, 1)], axis=1)


def _narrowest(
    field: Field, front: NDArray[np.float64], size: PixelSize
) -> tuple[float, dict[str, Any]]:
    """The smallest margin of a piece of the front, where it is, and what ends the field there."""
    rooms = field.rooms(front, size)
    place, side = np.unravel_index(int(rooms.argmin()), rooms.shape)
    return float(rooms[place, side]), {
        "at": _listed(front[[place]])[0],
        **_end_of_field(field, front[place], SIDES[side]),
    }


def _line_evidence(field: Field, line: Guide, size: PixelSize, width: float) -> dict[str, Any]:
    """One line: the front expected on it, its margin, and where it meets the end of the field."""
    front = np.array([extend_line(line, size, expected_walls(size, width)[line.name].middle)])
    margin, place = _narrowest(field, front, size)
    reach = np.array([line.posterior, extend_line(line, size, SEARCH * width)])
    count = max(2, int(np.hypot(*(reach[1] - reach[0])) / STEP_PX))
    way = reach[0] + np.linspace(0, 1, count)[:, None] * (reach[1] - reach[0])
    outside = np.flatnonzero((field.rooms(way, size) < 0).any(axis=1))
    met = _listed(way[outside[:1]])
    return {
        "name": line.name,
        "margin": round(margin, 2),
        "leaves": margin < 0,
        "field_end": met[0] if met else None,
        **place,
    }


def _end_of_field(
    field: Field, place: NDArray[np.float64], side: FieldSide
) -> dict[str, FieldSide | EndKind]:
    return {"side": side, "kind": field.kind(side, (float(place[0]), float(place[1])))}


def _listed(points: NDArray[np.float64]) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]
