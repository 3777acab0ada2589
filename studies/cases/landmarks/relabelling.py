"""Landmarks under other level labels or with sides swapped."""

from __future__ import annotations

from typing import Any

from inference.results import VERTEBRAE, Body, Landmarks
from studies.cases.models import LandmarkSet
from studies.errors import Conflict


def relabelled(current: LandmarkSet, by: int) -> Landmarks:
    """Return the corners with every label one level lower (1) or higher (-1). Raises Conflict."""
    if by not in (1, -1):
        raise Conflict("invalid", "Levels can be relabelled by only one vertebra at a time.")
    moved = _shift_column(current, by)
    if not moved.bodies:
        raise Conflict("nothing_left", "No vertebra would keep a label.")
    return moved


def _shift_column(current: LandmarkSet, by: int) -> Landmarks:
    labelled = Landmarks.from_dict(current.landmarks)
    column = [Body.from_dict(body) for body in current.bodies]
    indices = [(column.index(body), v) for v, body in labelled.bodies.items() if body in column]
    # Without a stored column, the labelled bodies are all there is.
    if not indices:
        return labelled.shifted(by)
    # The label of the column's first body follows from that of any labelled one.
    index_in_column, vertebra = indices[0]
    first = VERTEBRAE.index(vertebra) - index_in_column + by
    return Landmarks(
        {
            VERTEBRAE[first + index]: body
            for index, body in enumerate(column)
            if 0 <= first + index < len(VERTEBRAE)
        }
    )


def flipped_bodies(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return stored bodies with their anterior and posterior corners swapped."""
    return [Body.from_dict(body).flipped().to_dict() for body in bodies]
