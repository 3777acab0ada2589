"""JSON of landmarks: their corners, everything measured on them, and their history.

Corners and measurements are stored as ``to_dict`` of `inference.results` returns them. Points are
``[x, y]`` in pixels of the original image.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, NotRequired, TypedDict

from inference.results import CropVerdict, Landmarks, Side
from studies.cases.landmarks.diff import CornerChangesJSON, compare_corners
from studies.cases.models import Image, LandmarkSet
from studies.openapi import UUIDText

Point = tuple[float, float]
FieldSide = Literal["right", "left", "top", "bottom"]


class VertebralBodyJSON(TypedDict):
    """The corners of a vertebral body, null outside the image; a person's have no confidence."""

    superior_posterior: Point | None
    superior_anterior: Point | None
    inferior_posterior: Point | None
    inferior_anterior: Point | None
    confidence: float | None


class LandmarksJSON(TypedDict):
    """The vertebral bodies by level; null where a body was not detected."""

    T12: VertebralBodyJSON | None
    L1: VertebralBodyJSON | None
    L2: VertebralBodyJSON | None
    L3: VertebralBodyJSON | None
    L4: VertebralBodyJSON | None
    L5: VertebralBodyJSON | None


class RelabelledJSON(TypedDict):
    """Landmarks as they would be labelled."""

    landmarks: LandmarksJSON


class GuideJSON(TypedDict):
    """A line across the aorta. ``end`` lies beyond the aorta and possibly outside the image."""

    name: str
    kind: Literal["guide", "third"]
    posterior: Point
    anterior: Point
    end: Point


class LevelCropJSON(TypedDict):
    """The crop check of one level; ``margin_px`` replaces ``margin_mm`` without a spacing."""

    verdict: CropVerdict
    margin_mm: float | None
    margin_px: float | None


class FieldEndJSON(TypedDict):
    """Where the field of view ends, on which side, and whether the image ends there too."""

    at: Point
    side: FieldSide
    kind: Literal["image", "edge"]


class CropLineJSON(FieldEndJSON):
    """The margin of one line, and where the line leaves the field."""

    name: str
    margin: float
    leaves: bool
    field_end: Point | None


class VerteNetSamplesJSON(TypedDict):
    """The verdict of VerteNet's rule at one distance, with its counts of samples."""

    verdict: CropVerdict
    outside: NotRequired[int]
    black: NotRequired[int]
    samples: NotRequired[int]


VerteNetEvidenceJSON = TypedDict(
    "VerteNetEvidenceJSON",
    {
        "verdict": CropVerdict,
        "reason": NotRequired[str],
        "curve": NotRequired[list[Point]],
        "0.9": NotRequired[VerteNetSamplesJSON],
        "1.0": NotRequired[VerteNetSamplesJSON],
        "1.1": NotRequired[VerteNetSamplesJSON],
    },
)


class CropEvidenceJSON(TypedDict, total=False):
    """The evidence for the verdict: the expected anterior aortic wall and the ends of the field."""

    reason: str
    width: float
    unit: Literal["mm", "px"]
    front: list[Point]
    front_near: list[Point]
    front_far: list[Point]
    lines: list[CropLineJSON]
    narrowest: dict[str, FieldEndJSON]
    borderline: list[str]
    unseen: list[str]
    vertenet: VerteNetEvidenceJSON


class CropCheckJSON(TypedDict):
    """Whether the field of view includes the aorta at L1 to L4."""

    method: str
    verdict: CropVerdict
    levels: dict[str, LevelCropJSON]
    evidence: CropEvidenceJSON


class BodyShapeJSON(TypedDict):
    """Heights of a vertebral body, and its height losses as fractions of the reference height."""

    posterior_height_mm: float | None
    anterior_height_mm: float | None
    wedge: float | None
    reverse_wedge: float | None
    crush: float | None
    grade: Literal["normal", "mild", "moderate", "severe"] | None


class MorphometryJSON(TypedDict):
    """The shape of each vertebral body, and the lordosis from L1 to L5 in degrees."""

    T12: BodyShapeJSON | None
    L1: BodyShapeJSON | None
    L2: BodyShapeJSON | None
    L3: BodyShapeJSON | None
    L4: BodyShapeJSON | None
    L5: BodyShapeJSON | None
    lordosis_deg: float | None


class LevelUncertaintyJSON(TypedDict):
    """Why the level labelling, or the view, is uncertain."""

    reason: str
    detail: str


class RunnerUpJSON(TypedDict):
    """The second most probable labelling; ``shift`` is null for another number of lumbar bodies."""

    shift: int | None
    probability: float


class LevelNamesJSON(TypedDict):
    """Probabilities of the network's level labels and of other labellings.

    ``shifts`` has the probability of all labels moved by a number of levels (positive: caudally),
    and ``other_count`` that of another number of lumbar vertebrae. ``views`` is the number of
    views on which the probabilities are based.
    """

    probability: float
    runner_up: RunnerUpJSON | None
    shifts: dict[str, float]
    other_count: float
    views: int


class WarningJSON(TypedDict):
    """A warning for the person who reviews the landmarks."""

    code: str
    text: str


class ModelJSON(TypedDict):
    """The weights that located the corners. ``checksum`` is the SHA-256 of their file."""

    name: str
    checksum: str
    training_note: str


class LandmarkSetJSON(TypedDict):
    """One version of the landmarks with everything measured on it."""

    id: UUIDText
    version: int
    source: Annotated[str, LandmarkSet.Source]
    model: ModelJSON
    anterior: Side
    landmarks: LandmarksJSON
    guides: list[GuideJSON]
    crop: CropCheckJSON
    morphometry: MorphometryJSON
    level_uncertainty: LevelUncertaintyJSON | None
    names: LevelNamesJSON | None
    warnings: list[WarningJSON]
    confidence: dict[str, float | None]


class VersionJSON(TypedDict):
    """One entry of the history of the landmarks; ``moves`` where a person moved corners."""

    version: int
    source: Annotated[str, LandmarkSet.Source]
    text: str
    by: str
    at: datetime
    parent: int | None
    reason: str
    moves: CornerChangesJSON | None


def landmark_set_json(landmarks: LandmarkSet) -> LandmarkSetJSON:
    """Return one version of the landmarks with everything measured on it."""
    return {
        "id": str(landmarks.pk),
        "version": landmarks.version,
        "source": landmarks.source,
        "model": {
            "name": landmarks.model_name,
            "checksum": landmarks.model_checksum,
            "training_note": landmarks.model_note,
        },
        "anterior": "left" if landmarks.anterior == "left" else "right",
        "landmarks": landmarks.landmarks,
        "guides": landmarks.guides,
        "crop": landmarks.crop,
        "morphometry": landmarks.morphometry,
        "level_uncertainty": landmarks.level_uncertainty,
        "names": landmarks.level_names,
        "warnings": landmarks.warnings,
        "confidence": {
            name: body["confidence"] if body else None for name, body in landmarks.landmarks.items()
        },
    }


def version_json(version: LandmarkSet, image: Image) -> VersionJSON:
    """Return one entry of the history."""
    parent = version.parent
    moves: CornerChangesJSON | None = None
    if parent is not None and version.source == LandmarkSet.Source.MOVED:
        before, after = (Landmarks.from_dict(entry.landmarks) for entry in (parent, version))
        moves = compare_corners(before, after, image.pixel_size).to_dict()
    return {
        "version": version.version,
        "source": version.source,
        "text": version.get_source_display(),
        "by": version.shown_author,
        "at": version.created_at,
        "parent": parent.version if parent else None,
        "reason": version.reason,
        "moves": moves,
    }
