"""Read the JSON that ``python -m inference predict`` and ``phantom`` write: one per image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from inference.annotations.marked_images import (
    FormatError,
    MarkedImage,
    parse_subject_code,
    validate_landmarks,
)
from inference.results import Analysis, Landmarks


def read_verteread_json(text: str) -> MarkedImage:
    """Return the landmarks of one JSON: a phantom's reference standard or a corrected prediction.

    Raises
    ------
    FormatError
        If the document is not such a JSON.
    """
    try:
        return validate_landmarks(image_from_document(json.loads(text)))
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"not a landmark JSON of VerteRead ({error!r})") from error


def image_from_document(document: Mapping[str, Any]) -> MarkedImage:
    """Return the landmarks in a document with the keys of ``predict``.

    The crop verdict is used only if it is a reference standard (``method`` is ``truth``).
    """
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
        # A predicted verdict is not a reference standard.
        crop=crop.get("verdict") if crop.get("method") == "truth" else None,
        levels_knowable=document.get("levels_knowable"),
        subject=parse_subject_code(document.get("subject")),
    )


def image_from_analysis(analysis: Analysis) -> MarkedImage:
    """Return the landmarks of a prediction, for writing them in another format."""
    return MarkedImage(
        file=analysis.file,
        width=analysis.width,
        height=analysis.height,
        landmarks=analysis.prediction.landmarks,
        anterior=analysis.prediction.anterior,
        spacing_mm=analysis.spacing_mm,
    )
