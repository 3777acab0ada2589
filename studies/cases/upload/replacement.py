"""Uploads whose pixels are already in the study: duplicates, replacements and readmissions.

A corrected header replaces the image of a case that is not assigned to a reader. The former
version is kept with its files and is described in the audit trail. An excluded case is never
changed: the same pixels are added again as a new case.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from studies.audit.record import record
from studies.cases.dicom.header import (
    AFFECTS_DISPLAY,
    changed_attributes,
    describe_changes,
)
from studies.cases.models import Case, FormerImage, Image, Patient, Upload
from studies.cases.upload.clean_files import read_header
from studies.cases.upload.review_reasons import review_reason
from studies.cases.upload.sandbox_answers import CleanFile
from studies.compiled_query import CompiledQuery
from studies.protocol.models import Site, Study
from studies.readers.models import User
from studies.storage.files import read_stored

# Does not name the case, which may belong to a site that the uploader may not see.
DUPLICATE_TEXT = "This image is already in the study. It was not added again."


class Relation(Enum):
    """Relation of a file to the images of its study; the values are reason codes."""

    NEW = "new"
    READMITTED = "readmitted"
    REPLACEMENT = "replaced"
    DUPLICATE = "duplicate"
    FORMER = "former_version"
    OTHER_SITE = "other_site"
    ASSIGNED = "assigned"


STORED = {Relation.NEW, Relation.READMITTED, Relation.REPLACEMENT}


@dataclass(frozen=True, slots=True)
class ImageMatch:
    """An uploaded file and its ``twin``, the image of the study with the same pixels."""

    relation: Relation
    header: dict[str, str] = field(default_factory=dict)
    twin: Image | None = None

    @property
    def is_stored(self) -> bool:
        """Return whether the file's content is to be stored."""
        return self.relation in STORED

    @property
    def replaced_case(self) -> Case | None:
        """Return the case whose image the file replaces."""
        return self.twin.case if self.twin and self.relation is Relation.REPLACEMENT else None


TWIN = CompiledQuery(
    lambda study, pixel_hash: Image.objects.filter(
        study=study, pixel_hash=pixel_hash, readmitted_as__isnull=True
    ).values_list("pk"),
    study=int,
    pixel_hash=str,
)
"""The image with the same pixels; there is at most one (constraint ``image_once_in_study``)."""


def compare_with_study(
    study: Study, site: Site, header: dict[str, str], pixel_hash: str
) -> ImageMatch:
    """Compare a file, given by its header and its pixels, with the study's images.

    Only a case of the same site is replaced, so that the uploader learns nothing of another
    site's cases. A file that equals a former version counts as a duplicate: uploading a folder
    again must not undo a correction.
    """
    # Nearly all files are new, so most comparisons need only this query.
    row = TWIN.first(study=study.pk, pixel_hash=pixel_hash)
    if row is None:
        return ImageMatch(Relation.NEW, header)
    twin = Image.objects.select_related("case__site", "case__patient").get(pk=row[0])
    return ImageMatch(_relation_to(twin, site, header), header, twin)


def _relation_to(twin: Image, site: Site, header: dict[str, str]) -> Relation:
    if twin.case.state == Case.State.EXCLUDED:
        return Relation.READMITTED
    _fill_in_header(twin)
    if not changed_attributes(twin.header, header):
        return Relation.DUPLICATE
    if twin.case.site_id != site.pk:
        return Relation.OTHER_SITE
    # Without this rule, uploading an old folder again would undo corrections of headers.
    former = FormerImage.objects.filter(case=twin.case).values_list("header", flat=True)
    if any(not changed_attributes(earlier, header) for earlier in former):
        return Relation.FORMER
    return Relation.ASSIGNED if twin.case.readings.exists() else Relation.REPLACEMENT


def _fill_in_header(image: Image) -> None:
    """Fill in header and checksum of an image that was stored before they were recorded."""
    if not image.checksum:
        data = read_stored(image.dicom)
        image.header, image.checksum = read_header(data), hashlib.sha256(data).hexdigest()
        image.save(update_fields=["header", "checksum"])


def set_comparison_header(image: Image, match: ImageMatch, clean: CleanFile) -> None:
    """Set the header and checksum with which later uploads of the same pixels are compared."""
    image.header = match.header
    image.checksum = clean.checksum()


def replace_image(
    *, match: ImageMatch, image: Image, clean: CleanFile, patient: Patient, uploader: User
) -> tuple[Case, str]:
    """Make ``image`` the next version of the twin's case; return the case and a description.

    Call it in the transaction that locks the study's row, so that the case cannot be assigned in
    the meantime. The landmarks stay in the case's history; the result of a running analysis is
    discarded.
    """
    if match.twin is None:
        raise ValueError("A replacement needs an earlier image.")
    # An analysis may be storing its result at this moment; its claim is gone afterwards.
    case = Case.objects.select_for_update(of=("self",)).get(pk=match.twin.case_id)
    former = Image.objects.get(pk=match.twin.pk)
    changed = changed_attributes(former.header, match.header)
    changes = describe_changes(
        former.header, match.header, patients=(case.patient.label, patient.label)
    )
    _store_former_version(former, case, changes, uploader)
    # The row keeps its key: a case has one image, and earlier versions are FormerImage rows.
    image.pk, image.case, image.version = former.pk, case, former.version + 1
    image.save(force_update=True)
    corrected = case.landmark_set is not None and case.landmark_set.corrected
    _update_case_facts(case, clean, patient)
    review_invalid = not AFFECTS_DISPLAY.isdisjoint(changed)
    _set_state_after_replacement(case, clean, review_invalid=review_invalid)
    case.save()
    record(
        "case.replaced",
        actor=uploader,
        study=case.study,
        subject=case.label,
        version=image.version,
        changed=changed,
        checksum=image.checksum,
        former={
            "version": former.version,
            "checksum": former.checksum,
            "pixel_hash": former.pixel_hash,
            "header": former.header,
        },
    )
    return case, _replacement_text(case, former.version, changes, corrected)


def _store_former_version(former: Image, case: Case, changes: str, uploader: User) -> None:
    FormerImage.objects.create(
        case=case,
        version=former.version,
        dicom=former.dicom.name,
        pixels=former.pixels.name,
        thumbnail=former.thumbnail.name,
        checksum=former.checksum,
        header=former.header,
        deidentification=former.deidentification,
        changes=changes,
        replaced_by=uploader,
    )


def _update_case_facts(case: Case, clean: CleanFile, patient: Patient) -> None:
    facts = clean.facts
    case.patient, case.scanner, case.burned_in = patient, facts.scanner, facts.burned_in
    case.patient_age, case.patient_sex = facts.age, facts.sex
    case.acquired_shifted = facts.acquired
    # They stay in the history, but belong to the former version of the image.
    case.landmark_set = case.uncertainty_accepted_for = case.corners_confirmed_for = None
    case.anterior = ""


def _set_state_after_replacement(case: Case, clean: CleanFile, *, review_invalid: bool) -> None:
    """Set the state of a case after its image was replaced.

    A review of the same pixels stays valid unless the new header changes how they are displayed.
    A case whose release was undone stays pending, because that was a person's decision.
    """
    if case.state == Case.State.PENDING_REVIEW and case.reason_code == "release_undone":
        return
    case.released = case.released and not review_invalid
    reason = review_reason(clean.facts)
    if reason is not None and not case.released:
        case.state = Case.State.PENDING_REVIEW
        case.reason_code, case.reason_text = reason
    else:
        case.reset_attempts()
        case.reason_code = case.reason_text = ""


def _replacement_text(case: Case, version: int, changes: str, corrected: bool) -> str:
    text = f"Replaced version {version} of case {case.label}: {changes}."
    if corrected:
        text += (
            " The image is being analysed again. The corrected corners remain in the case's "
            "history and can be restored there."
        )
    return text


def explain_not_added(upload: Upload, match: ImageMatch) -> None:
    """Set why a file whose pixels are in the study was not stored, and what to do about it."""
    if match.twin is None:
        raise ValueError("Only a file with an earlier image can be a duplicate.")
    case = upload.case = match.twin.case
    rejected = match.relation is Relation.ASSIGNED
    upload.status = Upload.Status.REJECTED if rejected else Upload.Status.DUPLICATE
    upload.reason_code = match.relation.value
    upload.reason_text = _not_added_text(match, case)
    if rejected:
        record("file.refused", actor=upload.uploader, study=case.study, code=upload.reason_code)


def _not_added_text(match: ImageMatch, case: Case) -> str:
    """Return the explanation; it names the case only where it is at the uploader's site."""
    if match.relation is Relation.FORMER:
        return (
            f"This file is a former version of case {case.label} and was not added again. To "
            f"return to it, exclude {case.label} with a reason and upload this file again."
        )
    if match.relation is Relation.ASSIGNED:
        return (
            f"This image is already in the study as case {case.label}, with a different header. "
            f"{case.label} is assigned to readers, so it was not replaced. To use this "
            "file instead, exclude the case with a reason and upload the file again as a new case."
        )
    return DUPLICATE_TEXT


def upload_reason(upload: Upload, case: Case | None) -> str:
    """Return the explanation of an upload; ``case`` is None where the person may not see it."""
    # The reason is hidden too, because it would name a case of another site.
    if case is None:
        added = upload.status in {Upload.Status.ACCEPTED, Upload.Status.PENDING_REVIEW}
        return "" if added else DUPLICATE_TEXT
    if upload.reason_code == Relation.OTHER_SITE.value:
        return (
            f"This image is already in the study as case {case.label} of {case.site.name}, with "
            "a different header. It was not replaced, because you uploaded it for another site. "
            "Choose that site and upload the file again to replace it."
        )
    if upload.status == Upload.Status.DUPLICATE and upload.reason_code != Relation.FORMER.value:
        return f"This image is already in the study as case {case.label}."
    return upload.reason_text


def link_readmitted_image(match: ImageMatch, case: Case, uploader: User) -> str:
    """Link an excluded image to the new case with the same pixels; return a note about it."""
    if match.twin is None:
        raise ValueError("Only an image that was excluded can be readmitted.")
    excluded = match.twin.case
    Image.objects.filter(pk=match.twin.pk).update(readmitted_as=case)
    record(
        "case.readmitted",
        actor=uploader,
        study=case.study,
        subject=case.label,
        excluded=excluded.label,
    )
    if excluded.site_id != case.site_id:
        return "The same image was excluded earlier at another site. It was added as a new case."
    return f"The same image was excluded as case {excluded.label}. It was added as a new case."
