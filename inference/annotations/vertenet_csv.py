"""Write landmarks in the format of VerteNet's authors: one CSV per image, in 512 x 1024 pixels.

Rows are T12, L1 ... L5; columns are the centre, the four corners and ``scale_factor``, which
contains the peak's confidence. Left and right refer to the image: if anterior is to the left,
``top_left`` is the upper anterior corner. A missing corner is an empty cell, a missing body a
missing row.
"""

from __future__ import annotations

import csv
import io

import numpy as np

from inference.annotations.marked_images import MarkedImage, format_coordinate
from inference.geometry.input_transform import PAPER_HEIGHT, PAPER_WIDTH, Frame
from inference.results import CORNERS

CORNER_COLUMNS = ("top_left", "top_right", "bottom_left", "bottom_right")
COLUMNS = (
    "",
    *(f"{point}_{axis}" for point in ("center", *CORNER_COLUMNS) for axis in "xy"),
    "scale_factor",
)


def write_vertenet_csv(image: MarkedImage) -> str:
    """Return one image as the authors' CSV; an unknown anterior side is taken to be the right."""
    frame = Frame(image.width, image.height, PAPER_WIDTH, PAPER_HEIGHT)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    # The authors' columns refer to sides of the image, VerteRead's corners to the anatomy.
    left = image.anterior == "left"
    landmarks = image.landmarks.flipped() if left else image.landmarks
    for vertebra, body in landmarks.bodies.items():
        corners = [getattr(body, name) for name in CORNERS]
        complete = all(corner is not None for corner in corners)
        centre = np.mean(corners, axis=0) if complete else None
        cells: list[str] = []
        for point in (centre, *corners):
            if point is None:
                cells += ["", ""]
            else:
                x, y = frame.to_frame(point)
                cells += [format_coordinate(x), format_coordinate(y)]
        confidence = "" if body.confidence is None else f"{body.confidence:.6g}"
        table.writerow([vertebra.value, *cells, confidence])
    return text.getvalue()
