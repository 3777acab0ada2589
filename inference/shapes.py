"""The values that inference works with.

Every coordinate is ``(x, y)`` in original image pixels: origin at the top left, x to the right,
y down, the centre of the first pixel at ``(0, 0)``. Lengths are in mm where a spacing is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, Mapping

Point = tuple[float, float]
Side = Literal["right", "left"]


class Vertebra(StrEnum):
    """The six vertebrae that AAC-24 scoring needs, from above."""

    T12 = "T12"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"


VERTEBRAE: tuple[Vertebra, ...] = tuple(Vertebra)
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

    def to_dict(self) -> dict[str, Any]:
        corners = {name: _listed(getattr(self, name)) for name in CORNERS}
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

    def to_dict(self) -> dict[str, Any]:
        return {v.value: (self.bodies[v].to_dict() if v in self.bodies else None) for v in VERTEBRAE}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Landmarks:
        found = {v: Body.from_dict(data[v.value]) for v in VERTEBRAE if data.get(v.value)}
        return cls(found)


@dataclass(frozen=True, slots=True)
class LevelDoubt:
    """Why the names of the levels may be wrong: a code, and a sentence with the evidence."""

    reason: str
    detail: str

    def to_dict(self) -> dict[str, str]:
        return {"reason": self.reason, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that the person who looks at the result should know."""

    code: str
    text: str

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "text": self.text}


@dataclass(frozen=True, slots=True)
class Guide:
    """One line across the aorta: an inter-vertebral guide, or a third between two of them."""

    name: str
    kind: Literal["guide", "third"]
    posterior: Point
    anterior: Point
    end: Point

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "posterior": list(self.posterior),
            "anterior": list(self.anterior),
            "end": list(self.end),
        }


@dataclass(frozen=True, slots=True)
class CropCheck:
    """Whether the aorta in front of L1-L4 lies inside the image.

    ``margins_mm`` holds, per level, the distance from the aorta's expected anterior border to the
    nearest end of the field: negative when it lies outside, ``None`` when it cannot be known.
    """

    method: str
    verdict: Literal["ok", "cropped", "unknown"]
    margins_mm: Mapping[str, float | None] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        levels = {level: {"margin_mm": margin} for level, margin in self.margins_mm.items()}
        return {
            "method": self.method,
            "verdict": self.verdict,
            "levels": levels,
            "evidence": dict(self.evidence),
        }


def _listed(point: Point | None) -> list[float] | None:
    return None if point is None else [float(point[0]), float(point[1])]


def _point(value: Any) -> Point | None:
    return None if value is None else (float(value[0]), float(value[1]))
