"""Define the results of inference: predictions, lines, verdicts and measurements.

Coordinates are in original image pixels (`inference.landmarks`). Lengths are in mm if a spacing is
known. A spacing is ``(row, column)``: the distance between rows comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from inference.landmarks import CORNERS, VERTEBRAE, Body, Landmarks, Point, Vertebra, point_to_list
from inference.level_posterior import LevelPosterior

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
    "LevelPosterior",
    "Measurements",
    "ModelInfo",
    "Morphometry",
    "Notice",
    "Point",
    "Prediction",
    "Side",
    "Spacing",
    "Uncertainty",
    "Vertebra",
]

Side = Literal["right", "left"]
Spacing = tuple[float, float]
CropVerdict = Literal["ok", "cropped", "borderline", "unknown"]
"""``borderline``: the field ends too close to the expected aortic wall to decide; ``unknown``: no
verdict is possible."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Why level labels, or the view, may be wrong: a reason code and a description."""

    reason: str
    detail: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning about a result, for the person who reviews it."""

    code: str
    text: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The weights that were used, and whether they were trained on synthetic images only.

    ``checksum`` is the SHA-256 of the file.
    """

    name: str
    checksum: str
    training_note: str
    synthetic: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The network's result for one image, in original image pixels.

    ``bodies`` contains all detected bodies from cranial to caudal, including unlabelled ones, which
    are needed to relabel levels. ``anterior_confidence`` is 0 to 1. ``names`` are the probabilities
    of the labels, ``None`` if order alone assigned them. ``disagreement`` is how far a variation of
    the image disagrees on its bodies, 0 to 1; ``None`` if none was analysed.
    """

    landmarks: Landmarks
    anterior: Side
    anterior_confidence: float
    level_uncertainty: Uncertainty | None = None
    view_uncertainty: Uncertainty | None = None
    bodies: tuple[Body, ...] = ()
    names: LevelPosterior | None = None
    disagreement: float | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """One line across the aorta: an intervertebral guide, or a third between two guides.

    ``posterior`` and ``anterior`` are the ends at the spine. ``end`` lies beyond the aorta,
    possibly outside the image; it is clipped for drawing only. Points are in image pixels.
    """

    name: str
    kind: Literal["guide", "third"]
    posterior: Point
    anterior: Point
    end: Point

    def to_dict(self) -> dict[str, Any]:
        ends = {
            name: point_to_list(getattr(self, name)) for name in ("posterior", "anterior", "end")
        }
        return {"name": self.name, "kind": self.kind, **ends}


@dataclass(frozen=True, slots=True)
class LevelCrop:
    """One level of the crop check: the margin between the expected aortic wall and the field's end.

    The margin is negative if the field ends before the wall. ``borderline`` levels have a margin
    that is too small to decide. ``margin_px`` replaces ``margin_mm`` if no spacing is known; it is
    in isotropic pixels of the image's width. Both are ``None`` if no verdict is possible.
    """

    verdict: CropVerdict = "unknown"
    margin_mm: float | None = None
    margin_px: float | None = None

    @classmethod
    def of(
        cls, margin: float | None, *, in_mm: bool, verdict: CropVerdict | None = None
    ) -> LevelCrop:
        """Return the result for a margin in mm or isotropic pixels.

        Without a verdict, the sign of the margin decides.
        """
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
    """Whether the field includes the aorta at L1 to L4, according to the rule ``method``.

    ``evidence`` supports the verdict: JSON values, with points in image pixels for drawing.
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

    ``wedge``, ``reverse_wedge`` and ``crush`` are fractions of the reference height (0.25: a
    quarter is lost); ``grade`` is the Genant grade of the largest loss. Values that need a missing
    corner are ``None``.
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
    """The shape of each body, and the lordosis from L1 to L5 in degrees (positive: lordotic)."""

    shapes: Mapping[Vertebra, BodyShape]
    lordosis_deg: float | None

    def to_dict(self) -> dict[str, Any]:
        named = {
            v.value: (self.shapes[v].to_dict() if v in self.shapes else None) for v in VERTEBRAE
        }
        return {**named, "lordosis_deg": self.lordosis_deg}


@dataclass(frozen=True, slots=True)
class Measurements:
    """All measurements derived from landmarks.

    ``guides`` contains the lines that can be drawn, from cranial to caudal: 13 if no corner is
    missing.
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
    """The complete result for one image; ``to_dict`` returns what ``predict`` prints as JSON."""

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
        uncertainty, view = self.prediction.level_uncertainty, self.prediction.view_uncertainty
        names = self.prediction.names
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
            "names": None if names is None else names.to_dict(),
            "level_doubt": None if uncertainty is None else uncertainty.to_dict(),
            "view_doubt": None if view is None else view.to_dict(),
            **self.measurements.to_dict(),
        }
