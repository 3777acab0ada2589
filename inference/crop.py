"""Does the field hold the aorta in front of L1 to L4?

The default rule, ``field``, asks where the field really ends (`inference.field`) and where the
aorta's front is to be expected; black soft tissue does not trouble it. The rule of VerteNet's
authors can be asked for by name, and its answer stands in the default's evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inference.crop_vertenet import LEVELS, check_by_vertenet
from inference.field import SIDES, EndKind, Field, FieldSide, find_field
from inference.guides import beyond, mean_width
from inference.pixel_size import PixelSize
from inference.shapes import CropCheck, CropVerdict, Guide, LevelCrop

METHOD = "field"
FRONT_SHARE = 0.75
"""How far before the spine the aorta's front is expected, in widths W.

A calibre of 15 to 22 mm and 2 to 6 mm between vessel and spine are 17 to 28 mm, before bodies that
are 29 to 35 mm deep: 0.7 W on average. A little more is asked for, so that an aorta that is cut
off is seldom let through.
"""
BETWEEN_LINES = 8
SEARCH = 3.0
STEP_PX = 0.5

Method = Literal["field", "vertenet"]


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
        so is one before whose front all is black on all rows: the field may end there unseen.
    size
        The pixels' size; margins are in mm where it is, else in isotropic pixels.
    method
        ``field``, or ``vertenet`` for the rule of the authors as they have it.

    Returns
    -------
    CropCheck
        ``cropped`` as soon as one level is, ``ok`` when all four are, else ``unknown``. The
        evidence holds the expected ``front`` (a curve), for each line where it meets the end of
        the field (``field_end``), for each level the narrowest place and what ends the field
        there (``image``: the image's border, ``edge``: a straight edge to even black), and
        ``vertenet``: the authors' verdict and evidence.

    Notes
    -----
    The front lies `FRONT_SHARE` mean widths W before the lines' anterior ends. A level's margin is
    the smallest distance from its part of the front to the nearest side of the field.
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
        front = _front([found[name] for name in names], size, width)
        margin, narrowest[level] = _narrowest(field, front, size)
        if margin >= 0 and _narrowest(field.surely(), front, size)[0] < 0:
            unseen.append(level)
            reasons.append(f"all is black before the front at {level}")
        else:
            levels[level] = LevelCrop.of(margin, in_mm=size.in_mm)
    return levels, {
        "front_share": FRONT_SHARE,
        "width": round(width, 2),
        "unit": "mm" if size.in_mm else "px",
        "front": _listed(_front(guides, size, width)[::BETWEEN_LINES]),
        "lines": [_line_evidence(field, line, size, width) for line in guides],
        "narrowest": narrowest,
        "unseen": unseen,
        **({"reason": "; ".join(reasons)} if reasons else {}),
    }


def _overall(levels: Mapping[str, LevelCrop]) -> CropVerdict:
    verdicts = {level.verdict for level in levels.values()}
    return "cropped" if "cropped" in verdicts else "unknown" if "unknown" in verdicts else "ok"


def _front(lines: Sequence[Guide], size: PixelSize, width: float) -> NDArray[np.float64]:
    """The aorta's expected front along neighbouring lines, `BETWEEN_LINES` places a gap."""
    ends = np.array([beyond(line, size, FRONT_SHARE * width) for line in lines])
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
    front = np.array([beyond(line, size, FRONT_SHARE * width)])
    margin, place = _narrowest(field, front, size)
    reach = np.array([line.posterior, beyond(line, size, SEARCH * width)])
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
