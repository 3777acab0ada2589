"""Read the table of VerteNet's authors."""

import csv
import io

from inference.annotations.vertenet_csv import CORNER_COLUMNS
from inference.geometry.input_transform import Frame
from inference.results import Body, Landmarks, Vertebra


def read_vertenet_csv(text, *, width, height, anterior="right"):
    """Return the landmarks of one table, in pixels of an image of this size."""
    frame = Frame(width, height, 512, 1024)
    bodies = {}
    for row in csv.DictReader(io.StringIO(text)):
        corners = []
        for name in CORNER_COLUMNS:
            x, y = row[f"{name}_x"], row[f"{name}_y"]
            present = x != "" and y != ""
            corners.append(tuple(frame.to_source([float(x), float(y)])) if present else None)
        confidence = float(row["scale_factor"]) if row["scale_factor"] else None
        bodies[Vertebra(row[""])] = Body(*corners, confidence=confidence)
    landmarks = Landmarks(bodies)
    return landmarks.flipped() if anterior == "left" else landmarks
