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

from inference.annotations.marked_images import MarkedImage, written
from inference.geometry.input_transform import PAPER_HEIGHT, PAPER_WIDTH, Frame
from inference.results import CORNERS

PLACES = ("top_left", "top_right", "bottom_left", "bottom_right")
COLUMNS = (
    "",
    *(f"{place}_{axis}" for place in ("center", *PLACES) for axis in "xy"),
    "scale_factor",
)


def write_vertenet_csv(image: MarkedImage) -> str:
    """One image as the authors' CSV; anterior is taken to lie on the right where it is unknown."""
    frame = Frame(image.width, image.height, PAPER_WIDTH, PAPER_HEIGHT)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    left = image.anterior == "left"
    landmarks = image.landmarks.flipped() if left else image.landmarks
    for vertebra, body in landmarks.bodies.items():
        corners = [getattr(body, name) for name in CORNERS]
        complete = all(corner is not None for corner in corners)
        centre = np.mean(corners, axis=0) if complete else None
        cells: list[str] = []
        for place in (centre, *corners):
            moved = None if place is None else frame.to_frame(place)
            cells += ["", ""] if moved is None else [written(moved[0]), written(moved[1])]
        confidence = "" if body.confidence is None else f"{body.confidence:.6g}"
        table.writerow([vertebra.value, *cells, confidence])
    return text.getvalue()
