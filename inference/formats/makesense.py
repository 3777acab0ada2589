"""Landmarks as makesense.ai exports points: one row a corner.

Columns are ``label,x,y,fname,x_dim,y_dim``. VerteNet's authors mark 24 points an image, T12 to L5
from above, per body upper posterior, upper anterior, lower posterior and lower anterior, all with
the label ``1``. Where a corner is missing the order tells nothing any more: then every label is a
name such as ``L1_superior_anterior``. Points that are told by their order alone must lie as that
order says: bodies from above, the front of all on one side.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from inference.formats.marked import FormatError, MarkedImage, checked, written
from inference.shapes import CORNERS, VERTEBRAE, Body, Landmarks, Point, Vertebra

COLUMNS = ("label", "x", "y", "fname", "x_dim", "y_dim")
NAMES = tuple((vertebra, corner) for vertebra in VERTEBRAE for corner in CORNERS)
LABELS = {f"{vertebra}_{corner}": (vertebra, corner) for vertebra, corner in NAMES}


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
        For a row that is no point, for an image whose unnamed points are not 24 or not in order,
        and for labels that stand twice or beside ones that name nothing.
    """
    rows: dict[tuple[str, int, int], list[tuple[str, Point]]] = {}
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        if not row or (number == 1 and row[0].strip() == COLUMNS[0]):
            continue
        try:
            label, x, y, file, width, height = (cell.strip() for cell in row)
            image = (file, int(width), int(height))
            rows.setdefault(image, []).append((label, (float(x), float(y))))
        except ValueError:
            raise FormatError(
                f"row {number} is not a point: expected {','.join(COLUMNS)}"
            ) from None
    return [
        checked(MarkedImage(file, width, height, _landmarks(file, points)))
        for (file, width, height), points in rows.items()
    ]


def _landmarks(file: str, points: Sequence[tuple[str, Point]]) -> Landmarks:
    labels = [label for label, _ in points]
    if any(label in LABELS for label in labels):
        strange = next((label for label in labels if label not in LABELS), None)
        if strange is not None:
            raise FormatError(f"{file}: {strange!r} names no corner (L1_superior_anterior does)")
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise FormatError(f"{file}: {twice} stands twice")
        named = {LABELS[label]: point for label, point in points}
    elif len(points) == len(NAMES):
        named = {name: point for name, (_, point) in zip(NAMES, points, strict=True)}
    else:
        raise FormatError(
            f"{file}: {len(points)} points; 24 are needed, or labels such as L1_superior_anterior"
        )
    bodies: dict[Vertebra, Body] = {}
    for vertebra in VERTEBRAE:
        corners = {corner: named.get((vertebra, corner)) for corner in CORNERS}
        if any(point is not None for point in corners.values()):
            bodies[vertebra] = Body(**corners, confidence=None)
    landmarks = Landmarks(bodies)
    if labels[0] not in LABELS and not in_order(landmarks):
        raise FormatError(
            f"{file}: the 24 points do not run from T12 down to L5, each body upper posterior, "
            "upper anterior, lower posterior, lower anterior; bring them into this order, or name "
            "them (L1_superior_anterior)"
        )
    return landmarks


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
