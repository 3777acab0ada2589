"""Landmarks as makesense.ai exports points: one row a corner.

Columns are ``label,x,y,fname,x_dim,y_dim``. VerteNet's authors mark 24 points an image, T12 to L5
from above, per body upper posterior, upper anterior, lower posterior and lower anterior, all with
the label ``1``. Where a corner is missing the order tells nothing any more: then every label is a
name such as ``L1_superior_anterior``. Points that are told by their order alone must lie as that
order says, bodies from above, the front of all on one side, and their labels must not name other
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
    rows_of,
)
from inference.annotations.marked_images import FormatError, MarkedImage, checked, written
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks, Point, Vertebra

COLUMNS = ("label", "x", "y", "fname", "x_dim", "y_dim")


def write_makesense(images: Iterable[MarkedImage]) -> str:
    """The images as one CSV, corners to a thousandth of a pixel."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for image in images:
        corners = [(name, image.landmarks.corner(*name)) for name in NAMES]
        plain = in_order(image.landmarks)
        for (vertebra, corner), point in corners:
            if point is not None:
                label = "1" if plain else f"{vertebra}_{corner}"
                place = (written(point[0]), written(point[1]))
                table.writerow([label, *place, image.file, image.width, image.height])
    return text.getvalue()


def read_makesense(text: str) -> list[MarkedImage]:
    """The images of a CSV, in the order in which they first appear; a header may be missing.

    Raises
    ------
    FormatError
        For a row that is no point, for an image in two sizes, for one whose unnamed points are not
        24 or not in order, for labels that name other levels than this order does, and for labels
        that stand twice or beside ones that name nothing.
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
                f"{row.size[0]} x {row.size[1]} in row {number}. An image can be listed once: "
                "correct x_dim and y_dim, or give the other image its own name."
            )
        if row is not first:
            rows[row.file].append(row)
    return [checked(_image(file, points)) for file, points in rows.items()]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    label: str
    point: Point
    file: str
    size: tuple[int, int]


def _check_header(cells: Sequence[str]) -> None:
    names = tuple(cell.strip().lower() for cell in cells)
    if len(names) == len(COLUMNS) and names != COLUMNS:
        raise FormatError(f"row 1: the columns must be {','.join(COLUMNS)}, in this order")


def _row(number: int, cells: Sequence[str]) -> _Row:
    try:
        label, x, y, file, width, height = (cell.strip() for cell in cells)
        row = _Row(number, label, (float(x), float(y)), file, (int(width), int(height)))
    except ValueError:
        raise FormatError(f"row {number} is not a point: expected {','.join(COLUMNS)}") from None
    if not np.isfinite(row.point).all():
        raise FormatError(
            f"{file}, row {number}: the place ({x}, {y}) is no number. Correct it, or delete the "
            "row if the corner was not marked."
        )
    return row


def _image(file: str, rows: Sequence[_Row]) -> MarkedImage:
    labels, numbers = [row.label for row in rows], [row.number for row in rows]
    named = any(corner_label(label) is not None for label in labels)
    if named:
        names = named_corners(file, labels, numbers)
    elif len(rows) == len(NAMES):
        check_order(file, labels, numbers)
        names = list(NAMES)
    else:
        raise FormatError(
            f"{file}: {len(rows)} points ({rows_of(numbers)}); 24 are needed, or labels such as "
            "L1_superior_anterior"
            + (". Is the image listed twice?" if len(rows) == 2 * len(NAMES) else "")
        )
    points = dict(zip(names, rows, strict=True))
    bodies: dict[Vertebra, Body] = {}
    places: dict[Vertebra, str] = {}
    for vertebra in VERTEBRAE:
        own = {
            corner: points[vertebra, corner] for corner in CORNERS if (vertebra, corner) in points
        }
        if own:
            corners = {corner: own[corner].point if corner in own else None for corner in CORNERS}
            bodies[vertebra] = Body(**corners, confidence=None)
            places[vertebra] = rows_of([row.number for row in own.values()])
    landmarks = Landmarks(bodies)
    if not named and not in_order(landmarks):
        raise FormatError(
            f"{file}: the 24 points ({rows_of(numbers)}) do not run from T12 down to L5, each body "
            "upper posterior, upper anterior, lower posterior, lower anterior; bring them into "
            "this order, or name them (L1_superior_anterior)"
        )
    return MarkedImage(file, *rows[0].size, landmarks, places=places)


def looks_like_makesense(text: str) -> bool:
    """Say whether a CSV was meant to hold points: by its header, or by its first row."""
    first = next(csv.reader(io.StringIO(text)), [])
    if first and first[0].strip().lower() == COLUMNS[0]:
        return True
    try:
        _row(1, first)
    except FormatError:
        return False
    return True


def in_order(landmarks: Landmarks) -> bool:
    """Whether all 24 corners are there and lie so that their order alone can tell them."""
    places = landmarks.as_array()
    if not np.isfinite(places).all():
        return False
    x, y = np.moveaxis(places, -1, 0)
    from_above = bool((np.diff(y.mean(axis=1)) > 0).all())
    upper_first = bool((y[:, 2:].mean(axis=1) > y[:, :2].mean(axis=1)).all())
    forward = np.sign(x[:, (1, 3)].mean(axis=1) - x[:, (0, 2)].mean(axis=1))
    return from_above and upper_first and bool(abs(forward.sum()) == len(forward))
