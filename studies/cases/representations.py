"""JSON of cases, landmarks and uploads, for the API and the scripts of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from inference.results import Landmarks
from studies.cases.landmarks.diff import compare_corners
from studies.cases.models import Case, Image, LandmarkSet, Upload
from studies.cases.review import RETURNABLE
from studies.cases.similar_patient_ids import find_similar_patients
from studies.cases.upload.replacement import upload_reason
from studies.readers.models import Membership, User

# Corners in the order in which they outline a vertebral body.
OUTLINE = ("superior_posterior", "superior_anterior", "inferior_anterior", "inferior_posterior")


def image_json(image: Image, anterior: str) -> dict[str, Any]:
    """Return what a viewer needs to show an image; anterior is right until it is known."""
    return {
        "width": image.width,
        "height": image.height,
        "bits": image.bits,
        "windows": image.windows,
        "invert": image.invert,
        "spacing_mm": image.spacing_mm,
        "pixel_aspect": image.pixel_aspect,
        "anterior": anterior or "right",
    }


def case_json(case: Any) -> dict[str, Any]:
    """Return a case that was read with ``CaseQuerySet.listed``."""
    current = case.landmark_set
    has_image = case.state != Case.State.REJECTED
    level_doubt = current.level_doubt if current else None
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
        "doubt": {**level_doubt, "accepted": case.labels_accepted} if level_doubt else None,
        "anterior": case.anterior or None,
        "crop_verdict": current.crop["verdict"] if current else None,
        "thumbnail": _thumbnail_address(case) if has_image else None,
        "image_version": case.image.version if has_image else None,
        "actions": permitted_actions(case),
        "dealt": case.assigned,
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


def permitted_actions(case: Any) -> list[str]:
    """Return the actions that a coordinator may take in the case's present state."""
    if case.study.locked:
        return []
    undo = ["undo_release"] if case.released and not case.assigned else []
    return _actions_by_state(case) + (undo if case.state in RETURNABLE else [])


def _actions_by_state(case: Any) -> list[str]:
    match case.state:
        case Case.State.PENDING_REVIEW:
            return ["release", "reject"]
        case Case.State.RECEIVED | Case.State.ANALYSING:
            return ["analyse", "exclude"]
        case Case.State.FAILED:
            return ["analyse", "reject", "exclude"]
        case Case.State.READY:
            uncertain = case.landmark_set and case.landmark_set.level_doubt
            accept = ["accept"] if uncertain and not case.labels_accepted else []
            return [*accept, "move_corners", "shift_levels", "flip_side", "exclude"]
    return []


def case_detail_json(case: Case, viewer: User) -> dict[str, Any]:
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


def version_json(version: LandmarkSet, image: Image) -> dict[str, Any]:
    """Return one entry of the history, with ``moves`` where a person moved corners."""
    parent = version.parent
    moves = None
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


def landmark_set_json(landmarks: LandmarkSet) -> dict[str, Any]:
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
        "anterior": landmarks.anterior,
        "landmarks": landmarks.landmarks,
        "guides": landmarks.guides,
        "crop": landmarks.crop,
        "morphometry": landmarks.morphometry,
        "level_doubt": landmarks.level_doubt,
        "warnings": landmarks.warnings,
        "confidence": {
            name: body["confidence"] if body else None for name, body in landmarks.landmarks.items()
        },
    }


def uploads_json(uploads: Sequence[Upload], membership: Membership) -> list[dict[str, Any]]:
    """Return uploads, each with its case where this coordinator may see it.

    The case of a duplicate may belong to a site that the coordinator may not see. All cases are
    read in one query.
    """
    keys = {upload.case_id for upload in uploads if upload.case_id}
    cases = Case.objects.seen_by(membership).filter(pk__in=keys).listed().defer_measurements()
    visible = {case.pk: case for case in cases} if keys else {}
    return [_upload_json(upload, visible.get(upload.case_id)) for upload in uploads]


def _upload_json(upload: Upload, case: Case | None) -> dict[str, Any]:
    text = upload_reason(upload, case) if upload.case_id else upload.reason_text
    return {
        "id": str(upload.pk),
        "name": upload.name,
        "status": upload.status,
        "at": upload.at,
        "reason": {
            "code": upload.reason_code,
            "text": text,
            "detail": upload.reason_detail,
        }
        if text
        else None,
        "case": case_json(case) if case else None,
    }
