"""The authors' table read back."""

import csv
import io

from inference.annotations.vertenet_csv import PLACES
from inference.geometry.input_transform import Frame
from inference.results import Body, Landmarks, Vertebra


def read_vertenet_csv(text, *, width, height, anterior="right"):
    """The landmarks of one table, in the pixels of an image of this size."""
    frame = Frame(width, height, 512, 1024)
    bodies = {}
    for row in csv.DictReader(io.StringIO(text)):
        corners = []
        for place in PLACES:
            x, y = row[f"{place}_x"], row[f"{place}_y"]
            there = x != "" and y != ""
            corners.append(tuple(frame.to_source([float(x), float(y)])) if there else None)
        confidence = float(row["scale_factor"]) if row["scale_factor"] else None
        bodies[Vertebra(row[""])] = Body(*corners, confidence=confidence)
    landmarks = Landmarks(bodies)
    return landmarks.flipped() if anterior == "left" else landmarks
