"""Vertebrae, their corners, and what can be done to them without an image.

Every coordinate is ``(x, y)`` in original image pixels: origin at the top left, x to the right,
y down, the centre of the first pixel at ``(0, 0)``; the image therefore reaches from -0.5 to
``width - 0.5``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]


class Vertebra(StrEnum):
    """The six vertebrae that AAC-24 scoring needs, from above."""

    T12 = "T12"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"


VERTEBRAE: tuple[Vertebra, ...] = tuple(Vertebra)
COLUMN: tuple[str, ...] = (
    *(f"T{n}" for n in range(3, 13)),
    *(f"L{n}" for n in range(1, 7)),
    "S1",
)
"""Every body that a lateral field may show, from above; hardly anybody has an L6."""
CORNERS: tuple[str, ...] = (
    "superior_posterior",
    "superior_anterior",
    "inferior_posterior",
    "inferior_anterior",
)


@dataclass(frozen=True, slots=True)
class Body:
    """The four corners of one vertebral body and how sure the source is (0 to 1).

    A corner outside the image is ``None``; ``confidence`` is ``None`` for a person's landmarks.
    """

    superior_posterior: Point | None
    superior_anterior: Point | None
    inferior_posterior: Point | None
    inferior_anterior: Point | None
    confidence: float | None = None

    def flipped(self) -> Body:
        """The same four places with anterior and posterior exchanged."""
        return Body(
            superior_posterior=self.superior_anterior,
            superior_anterior=self.superior_posterior,
            inferior_posterior=self.inferior_anterior,
            inferior_anterior=self.inferior_posterior,
            confidence=self.confidence,
        )

    def within(self, width: int, height: int) -> Body:
        """The same body, without the corners that lie outside an image of this size."""
        kept = {}
        for name in CORNERS:
            point: Point | None = getattr(self, name)
            inside = (
                point is not None
                and -0.5 <= point[0] <= width - 0.5
                and -0.5 <= point[1] <= height - 0.5
            )
            kept[name] = point if inside else None
        return Body(**kept, confidence=self.confidence)

    def to_dict(self) -> dict[str, Any]:
        corners = {name: listed(getattr(self, name)) for name in CORNERS}
        return {**corners, "confidence": self.confidence}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Body:
        corners = {name: _point(data.get(name)) for name in CORNERS}
        return cls(**corners, confidence=data.get("confidence"))


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The bodies by name; a vertebra that was not found is absent."""

    bodies: Mapping[Vertebra, Body]

    def __post_init__(self) -> None:
        ordered = {v: self.bodies[v] for v in VERTEBRAE if v in self.bodies}
        object.__setattr__(self, "bodies", MappingProxyType(ordered))

    def corner(self, vertebra: Vertebra, name: str) -> Point | None:
        """One corner, or ``None`` when the vertebra or the corner is missing."""
        body = self.bodies.get(vertebra)
        return None if body is None else getattr(body, name)

    def as_array(self) -> NDArray[np.float64]:
        """(6, 4, 2) in the order of `VERTEBRAE` and `CORNERS`; NaN for what is missing."""
        nowhere = (np.nan, np.nan)
        return np.array([[self.corner(v, name) or nowhere for name in CORNERS] for v in VERTEBRAE])

    def shifted(self, by: int) -> Landmarks:
        """Every body renamed ``by`` levels further down (+1: T12 becomes L1).

        A body whose new name would lie above T12 or below L5 is left out.
        """
        renamed = {}
        for vertebra, body in self.bodies.items():
            place = VERTEBRAE.index(vertebra) + by
            if 0 <= place < len(VERTEBRAE):
                renamed[VERTEBRAE[place]] = body
        return Landmarks(renamed)

    def flipped(self) -> Landmarks:
        """Anterior and posterior corners exchanged in every body."""
        return Landmarks({v: body.flipped() for v, body in self.bodies.items()})

    def moved(self, vertebra: Vertebra, corner: str, point: Point | None) -> Landmarks:
        """One corner set to another place; raises ``KeyError`` for a body that is not there."""
        if corner not in CORNERS:
            raise KeyError(corner)
        body = self.bodies[vertebra]
        corners = {name: point if name == corner else getattr(body, name) for name in CORNERS}
        body = Body(**corners, confidence=body.confidence)
        return Landmarks({**self.bodies, vertebra: body})

    def within(self, width: int, height: int) -> Landmarks:
        """The same landmarks, without the corners that lie outside an image of this size."""
        return Landmarks({v: body.within(width, height) for v, body in self.bodies.items()})

    def to_dict(self) -> dict[str, Any]:
        return {
            v.value: (self.bodies[v].to_dict() if v in self.bodies else None) for v in VERTEBRAE
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Landmarks:
        found = {v: Body.from_dict(data[v.value]) for v in VERTEBRAE if data.get(v.value)}
        return cls(found)


def listed(point: Point | None) -> list[float] | None:
    """A place as JSON has it."""
    return None if point is None else [float(point[0]), float(point[1])]


def _point(value: Any) -> Point | None:
    return None if value is None else (float(value[0]), float(value[1]))
