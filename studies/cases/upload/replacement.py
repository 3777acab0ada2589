"""What an upload is whose pixels are in the study already, and the new version of an image.

A corrected header replaces the image of a case that is not assigned to a reader. The former
version stays stored with its files and is described in the audit trail. An excluded case is never
changed: the same pixels are added again as a new case.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from studies.audit.record import record
from studies.cases.dicom.header import SHOWN, changed_attributes, describe_changes, header_of
from studies.cases.models import Case, FormerImage, Image, Patient, Upload
from studies.cases.upload.clean_files import CleanFile
from studies.protocol.models import Site, Study
from studies.readers.models import User
from studies.storage.files import read_stored

# Without the case's label: the case may belong to a site that the uploader may not see.
DUPLICATE_TEXT = "This image is already in the study. It was not added again."
HELD_TEXT = "The file's header does not rule out a name in the picture."


class Kind(Enum):
    """How a file relates to the images of its study."""

    NEW = "new"
    READMITTED = "readmitted"
    REPLACEMENT = "replaced"
    DUPLICATE = "duplicate"
    FORMER = "former_version"
    OTHER_SITE = "other_site"
    ASSIGNED = "assigned"


STORED = {Kind.NEW, Kind.READMITTED, Kind.REPLACEMENT}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file beside what the study has; ``twin`` is the image with the same pixels."""

    kind: Kind
    header: dict[str, str] = field(default_factory=dict)
    twin: Image | None = None

    @property
    def stored(self) -> bool:
        """Whether the file's content is to be stored."""
        return self.kind in STORED

    @property
    def case(self) -> Case | None:
        """The case whose image the file replaces."""
        return self.twin.case if self.twin and self.kind is Kind.REPLACEMENT else None


def judge_arrival(study: Study, site: Site, clean: CleanFile) -> Arrival:
    """Compare a file with the study's images.

    Only a case of the same site is replaced, so that the uploader learns nothing of another
    site's cases. A file that is a former version counts as a duplicate: sending a folder again
    must not undo a correction.
    """
    header = header_of(clean.dicom())
    twin = (
        Image.objects.filter(study=study, pixel_hash=clean.facts.pixel_hash)
        .filter(readmitted_as__isnull=True)
        .select_related("case__site", "case__patient")
        .first()
    )
    if twin is None:
        return Arrival(Kind.NEW, header)
    return Arrival(_kind_beside(twin, site, header), header, twin)


def _kind_beside(twin: Image, site: Site, header: dict[str, str]) -> Kind:
    if twin.case.state == Case.State.EXCLUDED:
        return Kind.READMITTED
    _fill_in_header(twin)
    if not changed_attributes(twin.header, header):
        return Kind.DUPLICATE
    if twin.case.site_id != site.pk:
        return Kind.OTHER_SITE
    former = FormerImage.objects.filter(case=twin.case).values_list("header", flat=True)
    if any(not changed_attributes(earlier, header) for earlier in former):
        return Kind.FORMER
    return Kind.ASSIGNED if twin.case.readings.exists() else Kind.REPLACEMENT


def _fill_in_header(image: Image) -> None:
    """Read header and checksum of an image that was stored before they were noted."""
    if not image.checksum:
        data = read_stored(image.dicom)
        image.header, image.checksum = header_of(data), hashlib.sha256(data).hexdigest()
        image.save(update_fields=["header", "checksum"])


def note_header(image: Image, arrival: Arrival, clean: CleanFile) -> None:
    """Set what later uploads of the same pixels are compared with."""
    image.header = arrival.header
    image.checksum = hashlib.sha256(clean.dicom()).hexdigest()


def replace_image(
    *, arrival: Arrival, image: Image, clean: CleanFile, patient: Patient, uploader: User
) -> tuple[Case, str]:
    """Make ``image`` the next version of the twin's case; returns the case and what changed.

    Call it in the transaction that holds the study's row, so that the case is not assigned
    meanwhile. The landmarks stay in the case's history, and a running analysis is dropped.
    """
    if arrival.twin is None:
        raise ValueError("Without an earlier image there is nothing to replace.")
    case = Case.objects.select_for_update(of=("self",)).get(pk=arrival.twin.case_id)
    former = Image.objects.get(pk=arrival.twin.pk)
    changed = changed_attributes(former.header, arrival.header)
    changes = describe_changes(
        former.header, arrival.header, patients=(case.patient.label, patient.label)
    )
    _keep_former(former, case, changes, uploader)
    image.pk, image.case, image.version = former.pk, case, former.version + 1
    image.save(force_update=True)
    corrected = case.landmark_set is not None and case.landmark_set.corrected
    _describe_anew(case, clean, patient)
    _wait_for_review_or_analysis(case, review_void=not SHOWN.isdisjoint(changed))
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
    return case, _replaced_text(case, former.version, changes, corrected)


def _keep_former(former: Image, case: Case, changes: str, uploader: User) -> None:
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


def _describe_anew(case: Case, clean: CleanFile, patient: Patient) -> None:
    facts = clean.facts
    case.patient, case.scanner, case.burned_in = patient, facts.scanner, facts.burned_in
    case.patient_age, case.patient_sex = facts.age, facts.sex
    case.acquired_shifted = facts.acquired
    case.landmark_set = case.doubt_accepted_for = None
    case.anterior = ""


def _wait_for_review_or_analysis(case: Case, *, review_void: bool) -> None:
    """Set the state of a replaced version.

    A review of the same pixels stays valid unless the header says something else about them. A
    case whose release was undone stays pending: a person had a reason.
    """
    if case.state == Case.State.PENDING_REVIEW and case.reason_code == "release_undone":
        return
    case.released = case.released and not review_void
    if case.burned_in != "NO" and not case.released:
        case.state = Case.State.PENDING_REVIEW
        case.reason_code, case.reason_text = "burned_in_unknown", HELD_TEXT
    else:
        case.wait_anew()
        case.reason_code = case.reason_text = ""


def _replaced_text(case: Case, version: int, changes: str, corrected: bool) -> str:
    text = f"Replaced version {version} of case {case.label}: {changes}."
    if corrected:
        text += (
            " The image is analysed again. The corrected corners stay in the case's history, "
            "where they can be taken again."
        )
    return text


def note_not_added(upload: Upload, arrival: Arrival) -> None:
    """Say why a file whose pixels are in the study was not stored, and what can be done."""
    if arrival.twin is None:
        raise ValueError("Only a file with an earlier image is not added.")
    case = upload.case = arrival.twin.case
    refused = arrival.kind is Kind.ASSIGNED
    upload.status = Upload.Status.REJECTED if refused else Upload.Status.DUPLICATE
    upload.reason_code = arrival.kind.value
    upload.reason_text = _not_added_text(arrival, case)
    if refused:
        record("file.refused", actor=upload.uploader, study=case.study, code=upload.reason_code)


def _not_added_text(arrival: Arrival, case: Case) -> str:
    """Name the case only where it is of the uploader's site; `reason_for` names the others."""
    if arrival.kind is Kind.FORMER:
        return (
            f"This file is a former version of case {case.label} and was not added again. To "
            f"return to it, exclude {case.label} with a reason and upload this file again."
        )
    if arrival.kind is Kind.ASSIGNED:
        return (
            f"This image is already in the study as case {case.label}, with another header. "
            f"{case.label} is assigned to readers, so it was not replaced. Keep it, or exclude "
            "it with a reason and upload this file again: it is then added as a new case."
        )
    return DUPLICATE_TEXT


def reason_for(upload: Upload, case: Case | None) -> str:
    """Return the reason of an upload that has a case, for a person who may see ``case`` or not."""
    if case is None:
        added = upload.status in {Upload.Status.ACCEPTED, Upload.Status.PENDING_REVIEW}
        return "" if added else DUPLICATE_TEXT
    if upload.reason_code == Kind.OTHER_SITE.value:
        return (
            f"This image is already in the study as case {case.label} of {case.site.name}, with "
            "another header. It was not replaced, because you uploaded it for another site. "
            "Choose that site and upload the file again to replace it."
        )
    if upload.status == Upload.Status.DUPLICATE and upload.reason_code != Kind.FORMER.value:
        return f"This image is already in the study, as {case.label}."
    return upload.reason_text


def readmit(arrival: Arrival, case: Case, uploader: User) -> str:
    """Link an excluded image to the case as which it was added again; returns the sentence."""
    if arrival.twin is None:
        raise ValueError("Only an image that was excluded can be added again.")
    excluded = arrival.twin.case
    Image.objects.filter(pk=arrival.twin.pk).update(readmitted_as=case)
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
