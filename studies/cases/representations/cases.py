"""JSON of cases, for the API and the scripts of the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypedDict

from django.urls import reverse

from inference.results import CropVerdict, Side
from studies.cases.models import Case
from studies.cases.representations.images import ImageJSON, image_json
from studies.cases.representations.landmarks import (
    LandmarkSetJSON,
    LevelUncertaintyJSON,
    VersionJSON,
    landmark_set_json,
    version_json,
)
from studies.cases.review import RETURNABLE
from studies.cases.similar_patient_ids import find_similar_patients
from studies.openapi import UUIDText
from studies.readers.models import User

# Corners in the order in which they outline a vertebral body.
OUTLINE = ("superior_posterior", "superior_anterior", "inferior_anterior", "inferior_posterior")
CaseAction = Literal[
    "release",
    "undo_release",
    "reject",
    "accept",
    "confirm_corners",
    "exclude",
    "move_corners",
    "shift_levels",
    "flip_side",
    "analyse",
]


class ReasonJSON(TypedDict):
    """Why a case is in its state."""

    code: str
    text: str


class SiteJSON(TypedDict):
    """The site where an image was acquired."""

    code: str
    name: str


class CaseUncertaintyJSON(LevelUncertaintyJSON):
    """Why the level labelling is uncertain, and whether a person has accepted it."""

    accepted: bool


class CaseJSON(TypedDict):
    """A case in a list.

    ``acquired_shifted`` is the date of the scan, shifted by a secret number of days. ``assigned``
    is whether readers have the case. ``corners_confirmed`` is whether a person corrected or
    confirmed the corners; null unless the study has the arm with guides from corrected landmarks.
    Browsers cache the thumbnail by its address, which contains the version of the image.
    """

    id: UUIDText
    label: str
    patient: str
    state: Annotated[str, Case.State]
    state_label: str
    reason: ReasonJSON | None
    site: SiteJSON
    scanner: str
    acquired_shifted: date | None
    level_uncertainty: CaseUncertaintyJSON | None
    corners_confirmed: bool | None
    anterior: Side | None
    crop_verdict: CropVerdict | None
    thumbnail: str | None
    image_version: int | None
    actions: list[CaseAction]
    assigned: bool
    practice: bool
    uploaded_at: datetime


class CasePageJSON(TypedDict):
    """One page of a list of cases; ``count`` is the number of cases on all pages together."""

    results: list[CaseJSON]
    count: int
    page: int
    pages: int


class FormerImageJSON(TypedDict):
    """A version of the image that a file with a corrected header replaced."""

    version: int
    replaced_at: datetime
    changes: str


class CaseDetailJSON(CaseJSON):
    """A case with its image, its landmarks and their history."""

    patient_warning: str | None
    image: ImageJSON | None
    landmark_set: LandmarkSetJSON | None
    history: list[VersionJSON]
    former_images: list[FormerImageJSON]


def case_json(case: Any) -> CaseJSON:
    """Return a case that was read with ``CaseQuerySet.listed``."""
    current = case.landmark_set
    has_image = case.state != Case.State.REJECTED
    level_uncertainty = current.level_uncertainty if current else None
    return {
        "id": str(case.pk),
        "label": case.label,
        "patient": case.patient.label,
        "state": case.state,
        "state_label": case.get_state_display(),
        "reason": {"code": case.reason_code, "text": case.reason_text}
        if case.reason_text
        else None,
        "site": {"code": case.site.code, "name": case.site.name},
        "scanner": case.scanner,
        "acquired_shifted": case.acquired_shifted,
        "level_uncertainty": {
            "reason": level_uncertainty["reason"],
            "detail": level_uncertainty["detail"],
            "accepted": case.labels_accepted,
        }
        if level_uncertainty
        else None,
        "corners_confirmed": case.corners_confirmed if case.needs_confirmed_corners else None,
        "anterior": case.anterior or None,
        "crop_verdict": current.crop["verdict"] if current else None,
        "thumbnail": _thumbnail_address(case) if has_image else None,
        "image_version": case.image.version if has_image else None,
        "actions": permitted_actions(case),
        "assigned": case.assigned,
        "practice": case.practice,
        "uploaded_at": case.uploaded_at,
    }


def _thumbnail_address(case: Case) -> str:
    """Return the address with the image's version, because browsers cache it by address."""
    return f"{reverse('api-case-thumbnail', args=[case.pk])}?v={case.image.version}"


def outline_json(case: Case) -> dict[str, Any] | None:
    """Return the vertebral bodies as SVG polygons over a thumbnail; None without landmarks.

    Points are in pixels of the image; ``scale`` corrects pixels that are not square, and ``box``
    is the view box in true proportions.
    """
    if case.landmark_set is None or case.state == Case.State.REJECTED:
        return None
    image = case.image
    size = image.pixel_size
    bodies = [body for body in case.landmark_set.landmarks.values() if body]
    return {
        "box": f"0 0 {image.width * size.across:.1f} {image.height * size.down:.1f}",
        "scale": f"{size.across:.4f} {size.down:.4f}",
        "bodies": [
            " ".join(f"{x:.0f},{y:.0f}" for x, y in (body[name] for name in OUTLINE if body[name]))
            for body in bodies
        ],
    }


def permitted_actions(case: Any) -> list[CaseAction]:
    """Return the actions that a coordinator may take in the case's present state."""
    if case.study.locked:
        return []
    actions = _actions_by_state(case)
    # The same conditions as in studies.cases.review, so that no button is offered that is refused.
    if case.state in RETURNABLE and case.released and not case.assigned:
        actions.append("undo_release")
    return actions


def _actions_by_state(case: Any) -> list[CaseAction]:
    match case.state:
        case Case.State.PENDING_REVIEW:
            return ["release", "reject"]
        case Case.State.RECEIVED | Case.State.ANALYSING:
            return ["analyse", "exclude"]
        case Case.State.FAILED:
            return ["analyse", "reject", "exclude"]
        case Case.State.READY:
            uncertain = case.landmark_set and case.landmark_set.level_uncertainty
            actions: list[CaseAction] = ["move_corners", "shift_levels", "flip_side", "exclude"]
            if uncertain and not case.labels_accepted:
                actions.insert(0, "accept")
            if case.needs_confirmed_corners and not case.corners_confirmed:
                actions.append("confirm_corners")
            return actions
    return []


def case_detail_json(case: Case, viewer: User) -> CaseDetailJSON:
    """Return a case with its image, its landmarks and their history, for one coordinator."""
    has_image = case.state != Case.State.REJECTED
    versions = case.landmark_sets.select_related("author", "parent").order_by("version")
    current = case.landmark_set
    similar = find_similar_patients(case, viewer)
    return {
        **case_json(case),
        "patient_warning": similar.warning if similar else None,
        "image": image_json(case.image, case.anterior) if has_image else None,
        "landmark_set": landmark_set_json(current) if current else None,
        "history": [version_json(version, case.image) for version in versions],
        "former_images": [
            {
                "version": former.version,
                "replaced_at": former.replaced_at,
                "changes": former.changes,
            }
            for former in case.former_images.all()
        ],
    }
