"""The guides of a reading as JSON, with their origin."""

from __future__ import annotations

from typing import TypedDict

from studies.cases.models import LandmarkSet
from studies.cases.representations.landmarks import GuideJSON, LandmarksJSON, LevelUncertaintyJSON

CORRECTED = {
    LandmarkSet.Source.MOVED: "corners",
    LandmarkSet.Source.SHIFTED: "level labels",
    LandmarkSet.Source.FLIPPED: "anterior side",
}


class GuidesJSON(TypedDict):
    """The guides of a reading and their origin."""

    guides: list[GuideJSON]
    landmarks: LandmarksJSON
    level_uncertainty: LevelUncertaintyJSON | None
    note: str


def guides_json(landmarks: LandmarkSet) -> GuidesJSON:
    """Return the guides of a landmark set and their origin."""
    return {
        "guides": landmarks.guides,
        "landmarks": landmarks.landmarks,
        "level_uncertainty": landmarks.level_uncertainty,
        "note": describe_origin(landmarks),
    }


def describe_origin(landmarks: LandmarkSet) -> str:
    """Return the origin of the guides. A person who corrected them is named by role only."""
    corrections = landmarks.corrections
    changed = [label for source, label in CORRECTED.items() if source in corrections]
    model = describe_model(landmarks)
    # A person's name would tell readers who prepared the case, so only the role appears.
    if not changed:
        return model
    return f"Corrected by a coordinator: {', '.join(changed)}. Originally located by {model}"


def describe_model(landmarks: LandmarkSet) -> str:
    """Return the network that located the landmarks."""
    return f"{landmarks.model_name}, {landmarks.model_checksum[:12]}: {landmarks.model_note}"
