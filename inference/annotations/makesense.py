"""Read and write landmarks as point exports of makesense.ai: one row per corner.

Columns are ``label,x,y,fname,x_dim,y_dim``. VerteNet's authors mark 24 points per image, T12 to L5
from cranial to caudal, per body upper posterior, upper anterior, lower posterior and lower
anterior, all with the label ``1``. If a corner is missing, the order is ambiguous, so every label
is a name such as ``L1_superior_anterior``. Unnamed points must lie as their order implies (bodies
from cranial to caudal, all anterior corners on one side), and their labels must not name other
levels.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from inference.annotations.makesense_labels import (
    NAMES,
    check_order,
    corner_label,
    named_corners,
    row_range,
)
from inference.annotations.marked_images import (
    FormatError,
    MarkedImage,
    format_coordinate,
    validate_landmarks,
)
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks, Point, Vertebra

COLUMNS = ("label", "x", "y", "fname", "x_dim", "y_dim")


def write_makesense(images: Iterable[MarkedImage]) -> str:
    """Return images as one CSV, with corners rounded to 0.001 pixels."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for image in images:
        corners = [(name, image.landmarks.corner(*name)) for name in NAMES]
        # Only a complete set in order can be read without names.
        unnamed = in_order(image.landmarks)
        for (vertebra, corner), point in corners:
            if point is not None:
                label = "1" if unnamed else f"{vertebra}_{corner}"
                coordinates = (format_coordinate(point[0]), format_coordinate(point[1]))
                table.writerow([label, *coordinates, image.file, image.width, image.height])
    return text.getvalue()


def read_makesense(text: str) -> list[MarkedImage]:
    """Return the images of a CSV, in order of first appearance; the header is optional.

    Raises
    ------
    FormatError
        For a row that is not a point, an image with two sizes, unnamed points that are not 24 or
        not in order, labels that name other levels than the order implies, repeated labels, and
        named corners mixed with other labels.
    """
    rows: dict[str, list[_Row]] = {}
    for number, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        if not cells or (number == 1 and cells[0].strip().lower() == COLUMNS[0]):
            _check_header(cells)
            continue
        row = _row(number, cells)
        first = rows.setdefault(row.file, [row])[0]
        if row.size != first.size:
            raise FormatError(
                f"{row.file}: {first.size[0]} x {first.size[1]} pixels in row {first.number}, "
                f"{row.size[0]} x {row.size[1]} in row {number}. Correct x_dim and y_dim, or give "
                "the other image its own name."
            )
        if row is not first:
            rows[row.file].append(row)
    return [validate_landmarks(_image(file, points)) for file, points in rows.items()]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: a labelled point in pixels of its image, whose size is (width, height)."""

    number: int
    label: str
    point: Point
    file: str
    size: tuple[int, int]


def _check_header(cells: Sequence[str]) -> None:
    names = tuple(cell.strip().lower() for cell in cells)
    # Columns in another order would exchange x and y without an error.
    if len(names) == len(COLUMNS) and names != COLUMNS:
        raise FormatError(
            f"row 1: the columns must be {','.join(COLUMNS)}, in this order. Reorder them."
        )


def _row(number: int, cells: Sequence[str]) -> _Row:
    try:
        label, x, y, file, width, height = (cell.strip() for cell in cells)
        row = _Row(number, label, (float(x), float(y)), file, (int(width), int(height)))
    except ValueError:
        raise FormatError(f"row {number} is not a point. Expected {','.join(COLUMNS)}.") from None
    if not np.isfinite(row.point).all():
        raise FormatError(
            f"{file}, row {number}: the coordinates ({x}, {y}) are not numbers. Correct them, or "
            "delete the row if the corner was not marked."
        )
    return row


def _image(file: str, rows: Sequence[_Row]) -> MarkedImage:
    labels, numbers = [row.label for row in rows], [row.number for row in rows]
    # A single corner label is enough to expect names on all rows.
    named = any(corner_label(label) is not None for label in labels)
    if named:
        names = named_corners(file, labels, numbers)
    elif len(rows) == len(NAMES):
        check_order(file, labels, numbers)
        names = list(NAMES)
    else:
        raise FormatError(
            f"{file}: {len(rows)} points ({row_range(numbers)}), but 24 are needed, or labels such "
            "as L1_superior_anterior."
            + (" Is the image listed twice?" if len(rows) == 2 * len(NAMES) else "")
        )
    points = dict(zip(names, rows, strict=True))
    bodies: dict[Vertebra, Body] = {}
    locations: dict[Vertebra, str] = {}
    for vertebra in VERTEBRAE:
        body_rows = {
            corner: points[vertebra, corner] for corner in CORNERS if (vertebra, corner) in points
        }
        if body_rows:
            corners = {
                corner: body_rows[corner].point if corner in body_rows else None
                for corner in CORNERS
            }
            bodies[vertebra] = Body(**corners, confidence=None)
            locations[vertebra] = row_range([row.number for row in body_rows.values()])
    landmarks = Landmarks(bodies)
    if not named and not in_order(landmarks):
        raise FormatError(
            f"{file}: the 24 points ({row_range(numbers)}) do not run from T12 down to L5, "
            "each body with upper posterior, upper anterior, lower posterior, lower anterior. "
            "Reorder the points, or label each corner (such as L1_superior_anterior)."
        )
    return MarkedImage(file, *rows[0].size, landmarks, locations=locations)


def looks_like_makesense(text: str) -> bool:
    """Return whether a CSV contains makesense points, judging by its header or first row."""
    first = next(csv.reader(io.StringIO(text)), [])
    if first and first[0].strip().lower() == COLUMNS[0]:
        return True
    try:
        _row(1, first)
    except FormatError:
        return False
    return True


def in_order(landmarks: Landmarks) -> bool:
    """Return whether all 24 corners are present and can be identified by their order alone."""
    corners = landmarks.as_array()
    if not np.isfinite(corners).all():
        return False
    x, y = np.moveaxis(corners, -1, 0)
    descending = bool((np.diff(y.mean(axis=1)) > 0).all())
    upper_first = bool((y[:, 2:].mean(axis=1) > y[:, :2].mean(axis=1)).all())
    # Anterior may be on either side, but on the same side for all bodies.
    forward = np.sign(x[:, (1, 3)].mean(axis=1) - x[:, (0, 2)].mean(axis=1))
    return descending and upper_first and bool(abs(forward.sum()) == len(forward))
