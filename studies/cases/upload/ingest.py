"""From the bytes of one file to a case, or to the reason why not."""

from __future__ import annotations

from inference.image import display, read_image
from studies.audit.record import record
from studies.cases.dicom.deidentify import Deidentified, UnusableDicom, deidentify
from studies.cases.editable import check_study_changeable
from studies.cases.models import Case, Image, Patient, Upload
from studies.cases.renditions import packed_pixels, thumbnail
from studies.cases.similar_patient_ids import near_patient_labels, near_patient_text
from studies.protocol.models import Site, Study
from studies.readers.models import User
from studies.storage.files import NewFiles, SaveFile

HELD_TEXT = "The file's header does not rule out a name in the picture."
# Without the case's label: the case may belong to a site that the uploader may not see.
DUPLICATE_TEXT = "This image is already in the study. It was not added again."


def ingest_file(*, study: Study, site: Site, data: bytes, name: str, uploader: User) -> Upload:
    """De-identify one file and add it; a file that cannot be used leaves only its reason."""
    check_study_changeable(study)
    upload = Upload(study=study, uploader=uploader, name=name)
    try:
        clean = deidentify(data, key=bytes(study.key), date_shift_days=study.date_shift_days)
    except UnusableDicom as error:
        return refuse_file(upload, error.code, error.text, error.detail)
    with NewFiles() as files:
        # Decoded and stored before the study is locked: readers' saves wait for that lock.
        image = None if _twin(study, clean) else _store_image(study, clean, files.save)
        with files.transaction():
            check_study_changeable(Study.objects.select_for_update().get(pk=study.pk))
            twin = _twin(study, clean)
            if twin is not None:
                upload.status = Upload.Status.DUPLICATE
                upload.case = twin.case
                upload.reason_code = "duplicate"
                upload.reason_text = DUPLICATE_TEXT
            else:
                image = image or _store_image(study, clean, files.save)
                upload.case = _add_case(study, site, clean, uploader, image)
                held = upload.case.state == Case.State.HELD
                upload.status = Upload.Status.HELD if held else Upload.Status.ACCEPTED
                upload.reason_code = upload.case.reason_code
                upload.reason_text = upload.case.reason_text
                _warn_of_near_patients(upload, upload.case)
            upload.save()
        if twin is not None:
            files.discard()
    return upload


def _twin(study: Study, clean: Deidentified) -> Image | None:
    """The study's image with the same pixels."""
    return Image.objects.filter(study=study, pixel_hash=clean.facts.pixel_hash).first()


def refuse_file(upload: Upload, code: str, text: str, detail: str = "") -> Upload:
    upload.status = Upload.Status.REFUSED
    upload.reason_code, upload.reason_text, upload.reason_detail = code, text, detail
    upload.save()
    record("file.refused", actor=upload.uploader, study=upload.study, code=code)
    return upload


def _store_image(study: Study, clean: Deidentified, save: SaveFile) -> Image:
    """Store the files of a new case; its rows are written afterwards."""
    shown = display(read_image(clean.data))
    height, width = shown.pixels.shape
    image = Image(
        case=Case(study=study),
        study=study,
        width=width,
        height=height,
        bits=shown.bits,
        windows=[
            {"name": window.name, "center": window.center, "width": window.width}
            for window in shown.windows
        ],
        invert=shown.invert,
        spacing_mm=list(shown.spacing_mm) if shown.spacing_mm else None,
        pixel_aspect=shown.pixel_aspect,
        spacing_source=clean.facts.spacing_source,
        pixel_hash=clean.facts.pixel_hash,
        deidentification=clean.report,
    )
    save(image.dicom, "image.dcm", clean.data)
    save(image.pixels, "pixels.gz", packed_pixels(shown))
    save(image.thumbnail, "thumbnail.png", thumbnail(shown))
    return image


def _add_case(study: Study, site: Site, clean: Deidentified, uploader: User, image: Image) -> Case:
    facts, case = clean.facts, image.case
    case.patient = _patient(study, facts.patient_key, facts.patient_near_key)
    case.site, case.uploaded_by = site, uploader
    case.label = f"C{Case.objects.filter(study=study).count() + 1:04d}"
    case.scanner, case.burned_in = facts.scanner, facts.burned_in
    case.patient_age, case.patient_sex = facts.age, facts.sex
    case.acquired_shifted = facts.acquired
    if facts.burned_in != "NO":
        case.state = Case.State.HELD
        case.reason_code, case.reason_text = "burned_in_unknown", HELD_TEXT
    case.save()
    image.save()
    record("case.added", actor=uploader, study=study, subject=case.label, state=case.state)
    return case


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
    near = near_patient_labels(case)
    if near:
        upload.reason_code = upload.reason_code or "near_patient"
        upload.reason_text = f"{upload.reason_text} {near_patient_text(near)}".strip()
        record("patient.near_match", study=case.study, subject=case.label, cases=near)
