"""The reference standard of a phantom, in the format of ``python -m inference predict``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.geometry.guides import draw_guides
from inference.geometry.morphometry import measure_bodies
from inference.geometry.pixel_size import PixelSize
from inference.phantom.anatomy import LEVELS
from inference.results import VERTEBRAE, Body, Landmarks, Side, Vertebra


class Subject(Protocol):
    """The attributes of a phantom that its reference standard is derived from."""

    @property
    def pixels(self) -> NDArray[Any]: ...
    @property
    def spacing_mm(self) -> tuple[float, float]: ...
    @property
    def family(self) -> str: ...
    @property
    def scanner(self) -> str: ...
    @property
    def sacrum_hidden(self) -> bool: ...
    @property
    def seed(self) -> int: ...
    @property
    def anterior(self) -> str: ...
    @property
    def corners(self) -> NDArray[np.float64]: ...
    @property
    def aac24(self) -> Mapping[str, int]: ...
    @property
    def front_mm(self) -> Mapping[str, float]: ...
    @property
    def ends_mm(self) -> Mapping[str, float]: ...


# Stands in place of a model's name in the JSON.
MODEL: Final = "truth"


def true_landmarks(subject: Subject) -> Landmarks:
    """Return the landmarks of those of T12-L5 whose centres lie in the image.

    Corners outside the image are ``None``.
    """
    height, width = subject.pixels.shape
    bodies = {}
    for vertebra in VERTEBRAE:
        points = subject.corners[LEVELS.index(vertebra.value)]
        if _inside(points.mean(axis=0), width, height):  # NaN lies nowhere
            first, second, third, fourth = ((float(x), float(y)) for x, y in points)
            bodies[vertebra] = Body(first, second, third, fourth).within(width, height)
    return Landmarks(bodies)


def has_identifiable_levels(subject: Subject) -> bool:
    """Return whether all of T12-L5 are in the image and can be labelled with certainty."""
    return len(identifiable_levels(subject)) == len(VERTEBRAE)


def identifiable_levels(subject: Subject) -> list[Vertebra]:
    """Return those of T12-L5 that a reader can label with certainty.

    These are all bodies in the image if levels can be counted from either end: downwards from the
    last rib if T11 and T12 are in the image, or upwards from the sacrum if L5 and S1 are and the
    disc between them can be seen. With four or six lumbar bodies, conventions differ on which one
    is L1: no level is certain if their number can be seen. If it cannot, the image looks like any
    other and its levels follow from the last rib.
    """
    unusual = not _exists(subject, "L5") or _exists(subject, "L6")
    if unusual and is_lumbar_count_visible(subject):
        return []
    from_sacrum = not unusual and _visible(subject, "L5", "S1") and not subject.sacrum_hidden
    if not (_visible(subject, "T11", "T12") or from_sacrum):
        return []
    return list(true_landmarks(subject).bodies)


def is_lumbar_count_visible(subject: Subject) -> bool:
    """Return whether the number of lumbar bodies can be counted down from T12.

    With six, the sixth must be in the image; otherwise the sacrum, to show that none is missing.
    Neither counts if the lumbosacral disc lies in the image but cannot be seen.
    """
    last = "L6" if _exists(subject, "L6") else "S1"
    return _visible(subject, last) and not subject.sacrum_hidden


def _exists(subject: Subject, level: str) -> bool:
    return bool(np.isfinite(subject.corners[LEVELS.index(level)]).all())


def _visible(subject: Subject, *levels: str) -> bool:
    """Return whether the centres of all these bodies are in the image."""
    height, width = subject.pixels.shape
    centers = [subject.corners[LEVELS.index(level)].mean(axis=0) for level in levels]
    return all(_inside(center, width, height) for center in centers)


def describe(subject: Subject) -> dict[str, Any]:
    """Return the reference standard as JSON data.

    The keys are those of ``predict``, with ``aac24``, ``family``, ``scanner``, ``seed``,
    ``levels_knowable``, ``lumbar_count_visible`` and ``knowable_levels`` in addition. The crop
    verdict follows from the anatomy: "cropped" if part of the anterior aortic wall at L1-L4 lies
    outside the field.
    """
    height, width = subject.pixels.shape
    margins = {
        level: round(min(margin, subject.ends_mm[level]), 2)
        for level, margin in subject.front_mm.items()
    }
    cropped = min(margins.values()) < 0
    landmarks = true_landmarks(subject)
    size = PixelSize.of(subject.spacing_mm)
    side: Side = "left" if subject.anterior == "left" else "right"
    return {
        "file": None,
        "width": width,
        "height": height,
        "spacing_mm": list(subject.spacing_mm),
        "spacing_source": "phantom",
        "anterior": subject.anterior,
        "model": MODEL,
        "landmarks": landmarks.to_dict(),
        "level_doubt": None,
        "levels_knowable": has_identifiable_levels(subject),
        "lumbar_count_visible": is_lumbar_count_visible(subject),
        "knowable_levels": [vertebra.value for vertebra in identifiable_levels(subject)],
        "guides": [guide.to_dict() for guide in draw_guides(landmarks, size)],
        "crop": {
            "method": MODEL,
            "verdict": "cropped" if cropped else "ok",
            "levels": {level: {"margin_mm": margin} for level, margin in margins.items()},
        },
        "morphometry": measure_bodies(landmarks, size, side).to_dict(),
        "warnings": [],
        "aac24": dict(subject.aac24),
        "family": subject.family,
        "scanner": subject.scanner,
        "seed": subject.seed,
    }


def _inside(point: NDArray[np.float64], width: int, height: int) -> bool:
    return bool(-0.5 <= point[0] <= width - 0.5 and -0.5 <= point[1] <= height - 0.5)
