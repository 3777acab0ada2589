"""Cases as the API and the pages' scripts get them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from inference.results import Landmarks
from studies.cases.landmarks.diff import moves_between
from studies.cases.models import Case, Image, LandmarkSet, Upload
from studies.cases.review import RETURNABLE
from studies.cases.similar_patient_ids import near_patients
from studies.cases.upload.replacement import reason_for
from studies.readers.models import Membership, User

AROUND = ("superior_posterior", "superior_anterior", "inferior_anterior", "inferior_posterior")


def image_json(image: Image, anterior: str) -> dict[str, Any]:
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
    """A case of ``CaseQuerySet.listed``."""
    current = case.landmark_set
    has_image = case.state != Case.State.REJECTED
    doubt = current.level_doubt if current else None
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
        "doubt": {**doubt, "accepted": case.doubt_accepted} if doubt else None,
        "anterior": case.anterior or None,
        "crop_verdict": current.crop["verdict"] if current else None,
        "thumbnail": _thumbnail_address(case) if has_image else None,
        "image_version": case.image.version if has_image else None,
        "actions": possible_actions(case),
        "dealt": case.assigned,
        "uploaded_at": case.uploaded_at,
    }


def _thumbnail_address(case: Case) -> str:
    """With the version, because browsers keep the picture under its address."""
    return f"{reverse('api-case-thumbnail', args=[case.pk])}?v={case.image.version}"


def outline_of(case: Case) -> dict[str, Any] | None:
    """The bodies as polygons for a thumbnail: points in pixels, the box in true proportions."""
    if case.landmark_set is None or case.state == Case.State.REJECTED:
        return None
    image = case.image
    size = image.pixel_size
    bodies = [body for body in case.landmark_set.landmarks.values() if body]
    return {
        "box": f"0 0 {image.width * size.across:.1f} {image.height * size.down:.1f}",
        "scale": f"{size.across:.4f} {size.down:.4f}",
        "bodies": [
            " ".join(f"{x:.0f},{y:.0f}" for x, y in (body[name] for name in AROUND if body[name]))
            for body in bodies
        ],
    }


def possible_actions(case: Any) -> list[str]:
    """What a coordinator can do with the case in its present state."""
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
            doubtful = case.landmark_set and case.landmark_set.level_doubt
            accept = ["accept"] if doubtful and not case.doubt_accepted else []
            return [*accept, "move_corners", "shift_levels", "flip_side", "exclude"]
    return []


def case_detail_json(case: Case, viewer: User) -> dict[str, Any]:
    has_image = case.state != Case.State.REJECTED
    versions = case.landmark_sets.select_related("author", "parent").order_by("version")
    current = case.landmark_set
    near = near_patients(case, viewer)
    return {
        **case_json(case),
        "patient_warning": near.text if near else None,
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
    """One line of the history; ``moves`` where a person moved corners."""
    parent = version.parent
    moves = None
    if parent is not None and version.source == LandmarkSet.Source.MOVED:
        before, after = (Landmarks.from_dict(found.landmarks) for found in (parent, version))
        moves = moves_between(before, after, image.pixel_size).to_dict()
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
    """Uploads, each with its case where this coordinator may see it: a twin may be another site's.

    The cases are read in one query, however many there are.
    """
    keys = {upload.case_id for upload in uploads if upload.case_id}
    cases = Case.objects.seen_by(membership).filter(pk__in=keys).listed().without_measures()
    seen = {case.pk: case for case in cases} if keys else {}
    return [_upload_json(upload, seen.get(upload.case_id)) for upload in uploads]


def _upload_json(upload: Upload, case: Case | None) -> dict[str, Any]:
    text = reason_for(upload, case) if upload.case_id else upload.reason_text
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
