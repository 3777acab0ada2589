"""Versions of a case's landmarks: every change adds one, and earlier ones are kept."""

from __future__ import annotations

from typing import Any

from inference.results import Spacing
from studies.cases.models import Case, Image, LandmarkSet


def store_spacing(case: Case, spacing_mm: Spacing | None, source: str) -> None:
    """Store the pixel spacing if the heights of the bodies agree with it, else None."""
    stored = None if spacing_mm is None else list(spacing_mm)
    Image.objects.filter(case=case).update(spacing_mm=stored, spacing_source=source)


def measurements_of(results: dict[str, Any]) -> dict[str, Any]:
    """Return the results that a landmark set stores, from those of `inference.measurements`."""
    return {name: results[name] for name in ("guides", "crop", "morphometry", "warnings")}


def add_version(case: Case, **values: Any) -> LandmarkSet:
    """Add the next version and make it the current one; the caller saves the locked case."""
    # The caller holds the case's lock, so no two versions get the same number.
    last = case.landmark_sets.order_by("-version").first()
    landmark_set = LandmarkSet(case=case, version=last.version + 1 if last else 1, **values)
    landmark_set.full_clean(exclude=["case"])
    landmark_set.save()
    case.landmark_set = landmark_set
    case.anterior = landmark_set.anterior
    return landmark_set
