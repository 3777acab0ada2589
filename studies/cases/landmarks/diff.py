"""PURE. Differences between a person's corners and the version that they started from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, TypedDict

from inference.geometry.pixel_size import PixelSize
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks

LengthUnit = Literal["mm", "px"]


class CornerChangesJSON(TypedDict):
    """Changes that a person made to the previous version: counts, and distances in ``unit``."""

    moved: int
    added: int
    removed: int
    mean: float
    most: float
    unit: LengthUnit


@dataclass(frozen=True, slots=True)
class CornerChanges:
    """Numbers of corners that were moved, added and removed, and the distances moved.

    ``mean`` and ``most`` (the largest) are in ``unit``: mm, or px where no spacing is known.
    These pixels are isotropic, as wide as those of the image.
    """

    moved: int
    added: int
    removed: int
    mean: float
    most: float
    unit: LengthUnit

    @property
    def corners(self) -> int:
        """Return the number of corners that differ."""
        return self.moved + self.added + self.removed

    def to_dict(self) -> CornerChangesJSON:
        """Return the fields by name."""
        return {
            "moved": self.moved,
            "added": self.added,
            "removed": self.removed,
            "mean": self.mean,
            "most": self.most,
            "unit": self.unit,
        }


def compare_corners(before: Landmarks, after: Landmarks, size: PixelSize) -> CornerChanges:
    """Compare two sets of landmarks corner by corner.

    Parameters
    ----------
    before, after
        Corners in pixels of the original image.
    size
        The size of a pixel of that image.
    """
    distances, added, removed = [], 0, 0
    for vertebra, corner in product(VERTEBRAE, CORNERS):
        old, new = before.corner(vertebra, corner), after.corner(vertebra, corner)
        added += old is None and new is not None
        removed += old is not None and new is None
        if old is not None and new is not None and old != new:
            distances.append(size.length(old, new))
    return CornerChanges(
        moved=len(distances),
        added=added,
        removed=removed,
        mean=round(sum(distances) / len(distances), 2) if distances else 0.0,
        most=round(max(distances, default=0.0), 2),
        unit="mm" if size.in_mm else "px",
    )


def apply_moved_corners(before: Landmarks, after: Landmarks) -> Landmarks:
    """Return the corners of ``after``; a body without changes keeps its confidence."""
    bodies = {}
    for vertebra, body in after.bodies.items():
        old = before.bodies.get(vertebra)
        changed = old is None or _corners(old) != _corners(body)
        # Without a confidence: the network's does not apply to corners that a person placed.
        bodies[vertebra] = Body(*_corners(body)) if old is None or changed else old
    return Landmarks({v: body for v, body in bodies.items() if any(_corners(body))})


def update_column(column: Sequence[Body], before: Landmarks, after: Landmarks) -> list[Body]:
    """Return the column of bodies, from cranial to caudal, after the labelled ones were moved.

    Parameters
    ----------
    column
        All bodies that the network marked, with and without a label.
    before, after
        The labelled bodies before and after the change. Removed bodies leave the column; new ones
        are inserted at their height.
    """
    # The column also holds unlabelled bodies, which relabelling needs; they stay as they are.
    names = {body: vertebra for vertebra, body in before.bodies.items()}
    moved = [after.bodies.get(names[body]) if body in names else body for body in column]
    bodies = [body for body in moved if body is not None]
    for body in after.bodies.values():
        if body not in bodies:
            bodies.insert(sum(_middle_row(other) < _middle_row(body) for other in bodies), body)
    return bodies


def _corners(body: Body) -> tuple[Any, ...]:
    return tuple(getattr(body, corner) for corner in CORNERS)


def _middle_row(body: Body) -> float:
    rows = [corner[1] for corner in _corners(body) if corner is not None]
    return sum(rows) / len(rows) if rows else float("inf")
