"""Landmarks as VerteNet's authors write them: one CSV an image, in the frame of 512 x 1024.

Rows are T12, L1 ... L5; columns the centre, the four corners and ``scale_factor``: really the
peak's confidence. Left and right are the image's own: on an image that shows the front on its
left, ``top_left`` is the upper anterior corner. A missing corner is an empty cell, a missing body
a missing row.
"""

from __future__ import annotations

import csv
import io

import numpy as np

from inference.formats.marked import FormatError, MarkedImage, written
from inference.frame import Frame
from inference.shapes import VERTEBRAE, Body, Landmarks, Point, Side, Vertebra

NET_WIDTH, NET_HEIGHT = 512, 1024
PLACES = ("top_left", "top_right", "bottom_left", "bottom_right")
COLUMNS = (
    "",
    *(f"{place}_{axis}" for place in ("center", *PLACES) for axis in "xy"),
    "scale_factor",
)
CORNERS_AT: dict[Side, tuple[str, ...]] = {
    "right": (
        "superior_posterior",
        "superior_anterior",
        "inferior_posterior",
        "inferior_anterior",
    ),
    "left": (
        "superior_anterior",
        "superior_posterior",
        "inferior_anterior",
        "inferior_posterior",
    ),
}


def write_vertenet_csv(image: MarkedImage) -> str:
    """One image as the authors' CSV; anterior is taken to lie on the right where it is unknown."""
    frame = Frame(image.width, image.height, NET_WIDTH, NET_HEIGHT)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for vertebra, body in image.landmarks.bodies.items():
        corners = [getattr(body, name) for name in CORNERS_AT[image.anterior or "right"]]
        complete = all(corner is not None for corner in corners)
        centre = np.mean(corners, axis=0) if complete else None
        cells: list[str] = []
        for place in (centre, *corners):
            moved = None if place is None else frame.to_frame(place)
            cells += ["", ""] if moved is None else [written(moved[0]), written(moved[1])]
        confidence = "" if body.confidence is None else f"{body.confidence:.6g}"
        table.writerow([vertebra.value, *cells, confidence])
    return text.getvalue()


def read_vertenet_csv(
    text: str, *, width: int, height: int, file: str = "", anterior: Side = "right"
) -> MarkedImage:
    """The landmarks of one CSV, in the pixels of an image of this size.

    Raises
    ------
    FormatError
        For missing columns, unknown rows and cells that are no numbers.
    """
    frame = Frame(width, height, NET_WIDTH, NET_HEIGHT)
    table = csv.DictReader(io.StringIO(text))
    names = table.fieldnames or []
    absent = [name for name in COLUMNS[1:] if name not in names]
    if absent:
        raise FormatError(f"not VerteNet's CSV: no column {absent[0]}")
    bodies = {}
    for row in table:
        name = (row[names[0]] or "").strip()
        if name not in VERTEBRAE:
            raise FormatError(f"not VerteNet's CSV: a row is named {name!r}")
        try:
            corners = [_corner(row, place, frame) for place in PLACES]
            confidence = float(row["scale_factor"]) if row["scale_factor"] else None
        except (TypeError, ValueError):
            raise FormatError(f"the row {name} holds something that is no number") from None
        named = dict(zip(CORNERS_AT[anterior], corners, strict=True))
        bodies[Vertebra(name)] = Body(**named, confidence=confidence)
    return MarkedImage(file, width, height, Landmarks(bodies), anterior)


def _corner(row: dict[str, str], place: str, frame: Frame) -> Point | None:
    x, y = row[f"{place}_x"], row[f"{place}_y"]
    if not x or not y:
        return None
    moved = frame.to_source([float(x), float(y)])
    return float(moved[0]), float(moved[1])
