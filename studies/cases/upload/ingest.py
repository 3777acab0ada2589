"""Ingest of one file: from its bytes to a case, or to the reason why it was not added."""

from __future__ import annotations

from typing import IO

from studies.audit.record import record
from studies.cases.dicom.deidentify import UnusableDicom
from studies.cases.linkage.entries import store_identifiers
from studies.cases.models import Case, Image, Patient, Upload
from studies.cases.row_locks import check_study_unlocked
from studies.cases.similar_patient_ids import find_similar_patients
from studies.cases.upload.clean_files import clean_file
from studies.cases.upload.replacement import (
    ImageMatch,
    Relation,
    compare_with_study,
    explain_not_added,
    link_readmitted_image,
    replace_image,
    set_comparison_header,
)
from studies.cases.upload.review_reasons import review_reason
from studies.cases.upload.sandbox_answers import CleanFile
from studies.protocol.models import Site, Study
from studies.readers.models import User
from studies.storage.files import NewFiles, SaveFile


def ingest_file(
    *, study: Study, site: Site, data: bytes | IO[bytes], name: str, uploader: User
) -> Upload:
    """De-identify one file and add it; if it cannot be used, store only the reason."""
    check_study_unlocked(study)
    try:
        clean = clean_file(study, data)
    except UnusableDicom as error:
        upload = Upload(study=study, uploader=uploader, name=name)
        return reject_file(upload, error.code, error.text, error.detail)
    return ingest_clean_file(study=study, site=site, clean=clean, name=name, uploader=uploader)


def ingest_clean_file(
    *, study: Study, site: Site, clean: CleanFile, name: str, uploader: User
) -> Upload:
    """Add a de-identified file as a case, replace an earlier version, or record a duplicate."""
    check_study_unlocked(study)
    upload = Upload(study=study, uploader=uploader, name=name)
    with NewFiles() as files:
        # Files are stored before the study's row is locked, because readers' saves wait for that
        # lock; the comparison is repeated under it.
        header = clean.header
        match = compare_with_study(study, site, header, clean.facts.pixel_hash)
        image = (
            _store_image(study, clean, files.save, match.replaced_case) if match.is_stored else None
        )
        with files.transaction():
            check_study_unlocked(Study.objects.select_for_update().get(pk=study.pk))
            match = compare_with_study(study, site, header, clean.facts.pixel_hash)
            if match.is_stored:
                # Rare: the twin that made the file a duplicate was excluded or replaced between
                # both looks.
                image = image or _store_image(study, clean, files.save, match.replaced_case)
                _add_or_replace(upload, match, site, clean, image)
            else:
                explain_not_added(upload, match)
            upload.save()
        # After the transaction: a rollback deletes the files in NewFiles itself.
        if not match.is_stored:
            files.discard()
    return upload


def _add_or_replace(
    upload: Upload, match: ImageMatch, site: Site, clean: CleanFile, image: Image
) -> None:
    study, uploader, facts = upload.study, upload.uploader, clean.facts
    patient = _patient(study, facts.patient_key, facts.patient_near_key)
    set_comparison_header(image, match, clean)
    if match.relation is Relation.REPLACEMENT:
        case, note = replace_image(
            match=match, image=image, clean=clean, patient=patient, uploader=uploader
        )
    else:
        case, note = _add_case(match, site, clean, uploader, image, patient)
    upload.case = case
    # Only studies with a linkage list have them, so that others need no further query.
    if clean.identifiers is not None:
        store_identifiers(case=case, identifiers=clean.identifiers, file_name=upload.name)
    added = Upload.Status.ACCEPTED if match.replaced_case is None else Upload.Status.REPLACED
    upload.status = (
        Upload.Status.PENDING_REVIEW if case.state == Case.State.PENDING_REVIEW else added
    )
    upload.reason_code = match.relation.value if note else case.reason_code
    upload.reason_text = f"{note} {case.reason_text}".strip()
    _warn_of_similar_patients(upload, case)


def reject_file(upload: Upload, code: str, text: str, detail: str = "") -> Upload:
    """Store why a file was not added."""
    upload.status = Upload.Status.REJECTED
    upload.reason_code, upload.reason_text, upload.reason_detail = code, text, detail
    upload.save()
    record("file.refused", actor=upload.uploader, study=upload.study, code=code)
    return upload


def _store_image(
    study: Study, clean: CleanFile, save: SaveFile, replaced: Case | None = None
) -> Image:
    """Store the files of a new case or version; the caller writes the rows afterwards."""
    image = Image(
        case=replaced or Case(study=study),
        study=study,
        width=clean.width,
        height=clean.height,
        bits=clean.bits,
        windows=clean.windows,
        invert=clean.invert,
        spacing_mm=list(clean.spacing_mm) if clean.spacing_mm else None,
        pixel_aspect=clean.pixel_aspect,
        spacing_source=clean.facts.spacing_source,
        pixel_hash=clean.facts.pixel_hash,
        deidentification=clean.report,
    )
    save(image.dicom, "image.dcm", clean.dicom())
    save(image.pixels, "pixels.gz", clean.pixels())
    save(image.thumbnail, "thumbnail.png", clean.thumbnail())
    return image


def _add_case(
    match: ImageMatch,
    site: Site,
    clean: CleanFile,
    uploader: User,
    image: Image,
    patient: Patient,
) -> tuple[Case, str]:
    """Write the rows of a new case; return it, and a note if its image was excluded before."""
    study, facts = image.study, clean.facts
    # The files may have been stored as a version of a case that was excluded in the meantime.
    if not image.case._state.adding:
        image.case = Case(study=study)
    case = image.case
    case.patient, case.site, case.uploaded_by = patient, site, uploader
    # No two uploads count at the same time, because the study's row is locked.
    case.label = f"C{Case.objects.filter(study=study).count() + 1:04d}"
    case.scanner, case.burned_in = facts.scanner, facts.burned_in
    case.patient_age, case.patient_sex = facts.age, facts.sex
    case.acquired_shifted = facts.acquired
    reason = review_reason(facts)
    if reason is not None:
        case.state = Case.State.PENDING_REVIEW
        case.reason_code, case.reason_text = reason
    case.save()
    note = (
        link_readmitted_image(match, case, uploader)
        if match.relation is Relation.READMITTED
        else ""
    )
    image.save()
    record("case.added", actor=uploader, study=study, subject=case.label, state=case.state)
    return case, note


def _patient(study: Study, key: str, near_key: str) -> Patient:
    patient = Patient.objects.filter(study=study, key=key).first()
    if patient is not None:
        # Patients of version 0.1.0 have no near key until another of their files is uploaded.
        if near_key and not patient.near_key:
            patient.near_key = near_key
            patient.save(update_fields=["near_key"])
        return patient
    number = Patient.objects.filter(study=study).count() + 1
    return Patient.objects.create(study=study, key=key, near_key=near_key, label=f"P{number:04d}")


def _warn_of_similar_patients(upload: Upload, case: Case) -> None:
    """Name the cases whose patient may be the same person under another spelling of the ID."""
    similar = find_similar_patients(case, upload.uploader)
    if similar:
        upload.reason_code = upload.reason_code or "near_patient"
        upload.reason_text = f"{upload.reason_text} {similar.warning}".strip()
        record("patient.near_match", study=case.study, subject=case.label, cases=similar.labels)
