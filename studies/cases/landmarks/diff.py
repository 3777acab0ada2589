"""How a person's corners differ from those they came from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from inference.geometry.pixel_size import PixelSize
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks


@dataclass(frozen=True, slots=True)
class Moves:
    """How many corners were moved, put in and taken out, and how far the moved ones went.

    ``unit`` is mm, or px (isotropic, as wide as the image's) where no spacing is known.
    """

    moved: int
    added: int
    removed: int
    mean: float
    most: float
    unit: str

    @property
    def corners(self) -> int:
        return self.moved + self.added + self.removed

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def moves_between(before: Landmarks, after: Landmarks, size: PixelSize) -> Moves:
    """Compare corner by corner, by name."""
    ways, added, removed = [], 0, 0
    for vertebra, corner in product(VERTEBRAE, CORNERS):
        old, new = before.corner(vertebra, corner), after.corner(vertebra, corner)
        added += old is None and new is not None
        removed += old is not None and new is None
        if old is not None and new is not None and old != new:
            ways.append(size.length(old, new))
    return Moves(
        moved=len(ways),
        added=added,
        removed=removed,
        mean=round(sum(ways) / len(ways), 2) if ways else 0.0,
        most=round(max(ways, default=0.0), 2),
        unit="mm" if size.in_mm else "px",
    )


def placed_by_hand(before: Landmarks, after: Landmarks) -> Landmarks:
    """The corners of ``after``; a body that nobody touched keeps how sure its source was of it."""
    bodies = {}
    for vertebra, body in after.bodies.items():
        old = before.bodies.get(vertebra)
        touched = old is None or _corners(old) != _corners(body)
        bodies[vertebra] = Body(*_corners(body)) if old is None or touched else old
    return Landmarks({v: body for v, body in bodies.items() if any(_corners(body))})


def column_after(column: Sequence[Body], before: Landmarks, after: Landmarks) -> list[Body]:
    """All bodies from above, those without a name too, once the named ones were moved."""
    names = {body: vertebra for vertebra, body in before.bodies.items()}
    moved = [after.bodies.get(names[body]) if body in names else body for body in column]
    found = [body for body in moved if body is not None]
    for body in after.bodies.values():
        if body not in found:
            found.insert(sum(_middle_row(other) < _middle_row(body) for other in found), body)
    return found


def _corners(body: Body) -> tuple[Any, ...]:
    return tuple(getattr(body, corner) for corner in CORNERS)


def _middle_row(body: Body) -> float:
    rows = [corner[1] for corner in _corners(body) if corner is not None]
    return sum(rows) / len(rows) if rows else float("inf")
