"""The values that inference gives: predictions, lines, verdicts, measures, and all in one.

The landmarks they speak of are those of `inference.landmarks`, in original image pixels. Lengths
are in mm where a spacing is known. A spacing is ``(row, column)``: the distance from one row to the
next (down) stands first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from inference.landmarks import CORNERS, VERTEBRAE, Body, Landmarks, Point, Vertebra, listed

__all__ = [
    "CORNERS",
    "VERTEBRAE",
    "Analysis",
    "Body",
    "BodyShape",
    "CropCheck",
    "CropVerdict",
    "Guide",
    "Landmarks",
    "LevelCrop",
    "LevelDoubt",
    "Measurements",
    "ModelInfo",
    "Morphometry",
    "Notice",
    "Point",
    "Prediction",
    "Side",
    "Spacing",
    "Vertebra",
]

Side = Literal["right", "left"]
Spacing = tuple[float, float]
CropVerdict = Literal["ok", "cropped", "borderline", "unknown"]
"""``borderline``: the field ends too near the aorta's front to tell; ``unknown``: not judged."""


@dataclass(frozen=True, slots=True)
class LevelDoubt:
    """Why the levels' names, or the view, may be wrong: a code, and the evidence in words."""

    reason: str
    detail: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the person who looks at the result should know."""

    code: str
    text: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which weights answered, and whether they were trained on synthetic images only."""

    name: str
    checksum: str
    training_note: str
    synthetic: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says about one image, in that image's own pixels.

    ``bodies`` holds every body that was marked, from above, the ones without a name too: a
    seventh one is what a shift of the names needs. ``anterior_confidence`` runs from 0 to 1.
    """

    landmarks: Landmarks
    anterior: Side
    anterior_confidence: float
    level_doubt: LevelDoubt | None = None
    view_doubt: LevelDoubt | None = None
    bodies: tuple[Body, ...] = ()


@dataclass(frozen=True, slots=True)
class Guide:
    """One line across the aorta: an inter-vertebral guide, or a third between two of them.

    ``posterior`` and ``anterior`` are the ends at the spine, ``end`` lies beyond the aorta and
    may lie outside the image: it is clipped for drawing only.
    """

    name: str
    kind: Literal["guide", "third"]
    posterior: Point
    anterior: Point
    end: Point

    def to_dict(self) -> dict[str, Any]:
        ends = {at: listed(getattr(self, at)) for at in ("posterior", "anterior", "end")}
        return {"name": self.name, "kind": self.kind, **ends}


@dataclass(frozen=True, slots=True)
class LevelCrop:
    """One level of the crop check: how far the field goes on beyond the aorta's expected front.

    Negative where it ends before. ``borderline`` has a margin, one too small to tell on which side
    of the field's end the front really lies. ``margin_px`` stands in for ``margin_mm`` where no
    spacing is known: isotropic pixels, as wide as the image's. Both are ``None`` where it cannot be
    told.
    """

    verdict: CropVerdict = "unknown"
    margin_mm: float | None = None
    margin_px: float | None = None

    @classmethod
    def of(
        cls, margin: float | None, *, in_mm: bool, verdict: CropVerdict | None = None
    ) -> LevelCrop:
        """From a margin in mm or in isotropic pixels; without a verdict, its sign decides."""
        if margin is None:
            return cls()
        verdict = verdict or ("cropped" if margin < 0 else "ok")
        rounded = round(margin, 2)
        return cls(verdict, rounded if in_mm else None, None if in_mm else rounded)

    @property
    def margin(self) -> float | None:
        return self.margin_px if self.margin_mm is None else self.margin_mm

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CropCheck:
    """Whether the field holds the aorta in front of L1-L4, by the rule named ``method``.

    ``evidence`` is what the verdict rests on, as JSON, with places to draw.
    """

    method: str
    verdict: CropVerdict
    levels: Mapping[str, LevelCrop] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "verdict": self.verdict,
            "levels": {name: level.to_dict() for name, level in self.levels.items()},
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class BodyShape:
    """Heights and height losses of one vertebral body.

    ``wedge``, ``reverse_wedge`` and ``crush`` are fractions of the greater height (0.25: a
    quarter is missing); ``grade`` is Genant's, from the largest of them. What the corners cannot
    tell is ``None``.
    """

    posterior_height_mm: float | None = None
    anterior_height_mm: float | None = None
    wedge: float | None = None
    reverse_wedge: float | None = None
    crush: float | None = None
    grade: Literal["normal", "mild", "moderate", "severe"] | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Morphometry:
    """The bodies' shapes by name, and the lordosis from L1 to L5 (positive: lordotic)."""

    shapes: Mapping[Vertebra, BodyShape]
    lordosis_deg: float | None

    def to_dict(self) -> dict[str, Any]:
        named = {
            v.value: (self.shapes[v].to_dict() if v in self.shapes else None) for v in VERTEBRAE
        }
        return {**named, "lordosis_deg": self.lordosis_deg}


@dataclass(frozen=True, slots=True)
class Measurements:
    """All that follows from landmarks by geometry alone.

    ``guides`` holds the lines that could be drawn, from above: 13 when all corners are there.
    """

    guides: tuple[Guide, ...]
    crop: CropCheck
    morphometry: Morphometry
    warnings: tuple[Notice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "guides": [guide.to_dict() for guide in self.guides],
            "crop": self.crop.to_dict(),
            "morphometry": self.morphometry.to_dict(),
            "warnings": [notice.to_dict() for notice in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class Analysis:
    """One image from file to answer; ``to_dict`` is the line that the command line prints."""

    file: str
    width: int
    height: int
    spacing_mm: Spacing | None
    spacing_source: str
    scaling: Mapping[str, Any]
    model: ModelInfo
    prediction: Prediction
    measurements: Measurements

    def to_dict(self) -> dict[str, Any]:
        doubt, view = self.prediction.level_doubt, self.prediction.view_doubt
        return {
            "file": self.file,
            "width": self.width,
            "height": self.height,
            "spacing_mm": None if self.spacing_mm is None else list(self.spacing_mm),
            "spacing_source": self.spacing_source,
            "scaling": dict(self.scaling),
            "anterior": self.prediction.anterior,
            "anterior_confidence": self.prediction.anterior_confidence,
            "model": self.model.to_dict(),
            "landmarks": self.prediction.landmarks.to_dict(),
            "level_doubt": None if doubt is None else doubt.to_dict(),
            "view_doubt": None if view is None else view.to_dict(),
            **self.measurements.to_dict(),
        }
