"""Define vertebrae and the landmarks at their corners.

Coordinates are ``(x, y)`` in original image pixels: origin at the top left, x to the right, y down,
and the centre of the first pixel at ``(0, 0)``. The image therefore extends from -0.5 to
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
    """The six vertebrae that AAC-24 scoring needs, from cranial to caudal."""

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
"""All vertebrae that a lateral field may include, from cranial to caudal; L6 is rare."""
CORNERS: tuple[str, ...] = (
    "superior_posterior",
    "superior_anterior",
    "inferior_posterior",
    "inferior_anterior",
)


@dataclass(frozen=True, slots=True)
class Body:
    """The four corners of one vertebral body, with the confidence of their source.

    A corner outside the image is ``None``. ``confidence`` is 0 to 1, or ``None`` if a person placed
    the landmarks.
    """

    superior_posterior: Point | None
    superior_anterior: Point | None
    inferior_posterior: Point | None
    inferior_anterior: Point | None
    confidence: float | None = None

    def flipped(self) -> Body:
        """Return the body with anterior and posterior corners exchanged."""
        return Body(
            superior_posterior=self.superior_anterior,
            superior_anterior=self.superior_posterior,
            inferior_posterior=self.inferior_anterior,
            inferior_anterior=self.inferior_posterior,
            confidence=self.confidence,
        )

    def within(self, width: int, height: int) -> Body:
        """Return the body without the corners outside an image of this size, in pixels."""
        corners = {}
        for name in CORNERS:
            point: Point | None = getattr(self, name)
            inside = (
                point is not None
                # Pixel centres are at integers, so borders are at -0.5 and size - 0.5.
                and -0.5 <= point[0] <= width - 0.5
                and -0.5 <= point[1] <= height - 0.5
            )
            corners[name] = point if inside else None
        return Body(**corners, confidence=self.confidence)

    def to_dict(self) -> dict[str, Any]:
        corners = {name: point_to_list(getattr(self, name)) for name in CORNERS}
        return {**corners, "confidence": self.confidence}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Body:
        corners = {name: _point(data.get(name)) for name in CORNERS}
        return cls(**corners, confidence=data.get("confidence"))


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The vertebral bodies by name; a vertebra that was not detected is absent."""

    bodies: Mapping[Vertebra, Body]

    def __post_init__(self) -> None:
        # A fixed order and a read-only mapping make equal sets serialise alike.
        ordered = {v: self.bodies[v] for v in VERTEBRAE if v in self.bodies}
        # The dataclass is frozen, also for its own __post_init__.
        object.__setattr__(self, "bodies", MappingProxyType(ordered))

    def __reduce__(self) -> tuple[type[Landmarks], tuple[dict[Vertebra, Body]]]:
        # A read-only mapping cannot be pickled, which sends results to other processes.
        return Landmarks, (dict(self.bodies),)

    def corner(self, vertebra: Vertebra, name: str) -> Point | None:
        """Return one corner, ``None`` if the vertebra or the corner is missing."""
        body = self.bodies.get(vertebra)
        return None if body is None else getattr(body, name)

    def as_array(self) -> NDArray[np.float64]:
        """Return corners (6, 4, 2) in the order of `VERTEBRAE` and `CORNERS`; NaN if missing."""
        missing = (np.nan, np.nan)
        return np.array([[self.corner(v, name) or missing for name in CORNERS] for v in VERTEBRAE])

    def shifted(self, by: int) -> Landmarks:
        """Return the landmarks relabelled ``by`` levels caudally (+1: T12 becomes L1).

        Negative values relabel cranially. Bodies whose label would lie above T12 or below L5 are
        left out.
        """
        relabelled = {}
        for vertebra, body in self.bodies.items():
            index = VERTEBRAE.index(vertebra) + by
            if 0 <= index < len(VERTEBRAE):
                relabelled[VERTEBRAE[index]] = body
        return Landmarks(relabelled)

    def flipped(self) -> Landmarks:
        """Return the landmarks with anterior and posterior corners exchanged in every body."""
        return Landmarks({v: body.flipped() for v, body in self.bodies.items()})

    def moved(self, vertebra: Vertebra, corner: str, point: Point | None) -> Landmarks:
        """Return the landmarks with one corner moved to a point, or removed for ``None``.

        Raises
        ------
        KeyError
            If there is no such vertebra or corner.
        """
        if corner not in CORNERS:
            raise KeyError(corner)
        body = self.bodies[vertebra]
        corners = {name: point if name == corner else getattr(body, name) for name in CORNERS}
        body = Body(**corners, confidence=body.confidence)
        return Landmarks({**self.bodies, vertebra: body})

    def within(self, width: int, height: int) -> Landmarks:
        """Return the landmarks without the corners outside an image of this size, in pixels."""
        return Landmarks({v: body.within(width, height) for v, body in self.bodies.items()})

    def to_dict(self) -> dict[str, Any]:
        return {
            v.value: (self.bodies[v].to_dict() if v in self.bodies else None) for v in VERTEBRAE
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Landmarks:
        return cls({v: Body.from_dict(data[v.value]) for v in VERTEBRAE if data.get(v.value)})


def point_to_list(point: Point | None) -> list[float] | None:
    """Return a point as a list of two numbers for JSON, ``None`` for a missing one."""
    return None if point is None else [float(point[0]), float(point[1])]


def _point(value: Any) -> Point | None:
    return None if value is None else (float(value[0]), float(value[1]))
