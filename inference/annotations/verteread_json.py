"""Landmarks as ``python -m inference predict`` and ``phantom`` write them: one JSON an image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from inference.annotations.marked_images import (
    FormatError,
    MarkedImage,
    checked,
    parse_subject_code,
)
from inference.results import Analysis, Landmarks


def read_verteread_json(text: str) -> MarkedImage:
    """The landmarks of one JSON; a corrected prediction serves as truth as well as a phantom's.

    Raises
    ------
    FormatError
        Where the document is none of ours.
    """
    try:
        return checked(image_from_document(json.loads(text)))
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"not a landmark JSON of ours ({error!r})") from error


def image_from_document(document: Mapping[str, Any]) -> MarkedImage:
    """The landmarks in the keys of ``predict``; the crop verdict only where it is the truth's."""
    spacing = document.get("spacing_mm")
    crop = document.get("crop") or {}
    return MarkedImage(
        file=document.get("file") or "",
        width=int(document["width"]),
        height=int(document["height"]),
        landmarks=Landmarks.from_dict(document["landmarks"]),
        anterior=document.get("anterior"),
        spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        family=document.get("family"),
        crop=crop.get("verdict") if crop.get("method") == "truth" else None,
        levels_knowable=document.get("levels_knowable"),
        subject=parse_subject_code(document.get("subject")),
    )


def image_from_analysis(analysis: Analysis) -> MarkedImage:
    """A prediction's landmarks, to be written in another format."""
    return MarkedImage(
        file=analysis.file,
        width=analysis.width,
        height=analysis.height,
        landmarks=analysis.prediction.landmarks,
        anterior=analysis.prediction.anterior,
        spacing_mm=analysis.spacing_mm,
    )
