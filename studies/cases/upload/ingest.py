"""From the bytes of one file to a case, or to the reason why not."""

from __future__ import annotations

from typing import IO

from studies.audit.record import record
from studies.cases.dicom.deidentify import UnusableDicom
from studies.cases.editable import check_study_changeable
from studies.cases.models import Case, Image, Patient, Upload
from studies.cases.similar_patient_ids import near_patients
from studies.cases.upload.clean_files import CleanFile, clean_file
from studies.cases.upload.replacement import (
    HELD_TEXT,
    Arrival,
    Kind,
    judge_arrival,
    note_header,
    note_not_added,
    readmit,
    replace_image,
)
from studies.protocol.models import Site, Study
from studies.readers.models import User
from studies.storage.files import NewFiles, SaveFile


def ingest_file(
    *, study: Study, site: Site, data: bytes | IO[bytes], name: str, uploader: User
) -> Upload:
    """De-identify one file and add it; a file that cannot be used leaves only its reason."""
    check_study_changeable(study)
    try:
        clean = clean_file(study, data)
    except UnusableDicom as error:
        upload = Upload(study=study, uploader=uploader, name=name)
        return refuse_file(upload, error.code, error.text, error.detail)
    return take_in_clean_file(study=study, site=site, clean=clean, name=name, uploader=uploader)


def take_in_clean_file(
    *, study: Study, site: Site, clean: CleanFile, name: str, uploader: User
) -> Upload:
    """Add a de-identified file as a case, unless the study has its image already."""
    check_study_changeable(study)
    upload = Upload(study=study, uploader=uploader, name=name)
    with NewFiles() as files:
        # Stored before the study is locked: readers' saves wait for that lock.
        arrival = judge_arrival(study, site, clean)
        image = _store_image(study, clean, files.save, arrival.case) if arrival.stored else None
        with files.transaction():
            check_study_changeable(Study.objects.select_for_update().get(pk=study.pk))
            arrival = judge_arrival(study, site, clean)
            if arrival.stored:
                image = image or _store_image(study, clean, files.save, arrival.case)
                _add_or_replace(upload, arrival, site, clean, image)
            else:
                note_not_added(upload, arrival)
            upload.save()
        if not arrival.stored:
            files.discard()
    return upload


def _add_or_replace(
    upload: Upload, arrival: Arrival, site: Site, clean: CleanFile, image: Image
) -> None:
    study, uploader, facts = upload.study, upload.uploader, clean.facts
    patient = _patient(study, facts.patient_key, facts.patient_near_key)
    note_header(image, arrival, clean)
    if arrival.kind is Kind.REPLACEMENT:
        case, text = replace_image(
            arrival=arrival, image=image, clean=clean, patient=patient, uploader=uploader
        )
    else:
        case, text = _add_case(arrival, site, clean, uploader, image, patient)
    upload.case = case
    added = Upload.Status.ACCEPTED if arrival.case is None else Upload.Status.REPLACED
    upload.status = Upload.Status.PENDING_REVIEW if case.state == Case.State.PENDING_REVIEW else added
    upload.reason_code = arrival.kind.value if text else case.reason_code
    upload.reason_text = f"{text} {case.reason_text}".strip()
    _warn_of_near_patients(upload, case)


def refuse_file(upload: Upload, code: str, text: str, detail: str = "") -> Upload:
    upload.status = Upload.Status.REJECTED
    upload.reason_code, upload.reason_text, upload.reason_detail = code, text, detail
    upload.save()
    record("file.refused", actor=upload.uploader, study=upload.study, code=code)
    return upload


def _store_image(
    study: Study, clean: CleanFile, save: SaveFile, replaced: Case | None = None
) -> Image:
    """Store the files of a new case or of a new version; rows are written afterwards."""
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
    arrival: Arrival,
    site: Site,
    clean: CleanFile,
    uploader: User,
    image: Image,
    patient: Patient,
) -> tuple[Case, str]:
    """Write the rows of a new case; returns it with a sentence if the image was excluded before."""
    study, facts = image.study, clean.facts
    if not image.case._state.adding:  # it was stored as a version of a case excluded since
        image.case = Case(study=study)
    case = image.case
    case.patient, case.site, case.uploaded_by = patient, site, uploader
    case.label = f"C{Case.objects.filter(study=study).count() + 1:04d}"
    case.scanner, case.burned_in = facts.scanner, facts.burned_in
    case.patient_age, case.patient_sex = facts.age, facts.sex
    case.acquired_shifted = facts.acquired
    if facts.burned_in != "NO":
        case.state = Case.State.PENDING_REVIEW
        case.reason_code, case.reason_text = "burned_in_unknown", HELD_TEXT
    case.save()
    text = readmit(arrival, case, uploader) if arrival.kind is Kind.READMITTED else ""
    image.save()
    record("case.added", actor=uploader, study=study, subject=case.label, state=case.state)
    return case, text


def _patient(study: Study, key: str, near_key: str) -> Patient:
    patient = Patient.objects.filter(study=study, key=key).first()
    if patient is not None:
        if near_key and not patient.near_key:
            patient.near_key = near_key
            patient.save(update_fields=["near_key"])
        return patient
    number = Patient.objects.filter(study=study).count() + 1
    return Patient.objects.create(study=study, key=key, near_key=near_key, label=f"P{number:04d}")


def _warn_of_near_patients(upload: Upload, case: Case) -> None:
    """Name the cases whose patient may be the same person under another spelling of the ID."""
    near = near_patients(case, upload.uploader)
    if near:
        upload.reason_code = upload.reason_code or "near_patient"
        upload.reason_text = f"{upload.reason_text} {near.text}".strip()
        record("patient.near_match", study=case.study, subject=case.label, cases=near.labels)
