"""PURE. De-identification: bytes of an upload in; a clean DICOM file, report and facts out.

Follows the Basic Application Level Confidentiality Profile of PS3.15 Annex E with the options
Clean Descriptors, Retain Longitudinal Temporal Information with Modified Dates, Retain Patient
Characteristics (sex, and age up to 89 years) and Retain Device Identity (manufacturer, model and
software, but not serial number or station). A new dataset is built from the attributes that
`studies.cases.dicom.retained_attributes` lists; everything else, whether private, unknown or
nested, is never copied. Pixels are decoded and written again without compression, which also
removes comments inside a compressed stream, padding bytes and overlay bits. A header cannot show
whether a name is burned into the picture, so BurnedInAnnotation is copied and never set to NO.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from pydicom import dcmwrite
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from inference.dicom.dataset import UnreadableImage, open_dataset
from inference.dicom.pixels import GreyValues, decode_grey
from inference.dicom.samples import bits_needed
from inference.results import Spacing
from studies.cases.dicom import retained_attributes as retained
from studies.cases.dicom.facts import Facts, age_in_years, facts_of
from studies.cases.dicom.field_size import has_whole_body_area, read_spacing
from studies.cases.dicom.pseudonyms import Secret, hash_pixels
from studies.cases.dicom.retained_numbers import ImplausibleTable, copy_numbers
from studies.cases.dicom.sop_classes import unsupported_class
from studies.cases.dicom.views import detect_other_view

# Derived from a UUID (PS3.5 B.2), which needs no registered root.
IMPLEMENTATION_CLASS_UID = "2.25.207187612935302417184305112226403526407"
METHOD = "VerteRead: PS3.15 E, closed list, dates shifted, pixels redone"
CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113105", "Clean Descriptors Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
    ("113109", "Retain Device Identity Option"),
)
# Bounds the stored report of a header with thousands of elements.
MAX_REPORTED = 400
PADDING = ("PixelPaddingValue", "PixelPaddingRangeLimit")
# Significant digits that the clean dataset keeps of a spacing.
SPACING_DIGITS = 4


class UnusableDicom(Exception):
    """A file that cannot be used: a code, a message for the uploader, and a detail to expand."""

    def __init__(self, code: str, text: str, detail: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Deidentified:
    """The de-identified file, a report of the changes without values, and the facts."""

    data: bytes
    report: dict[str, Any]
    facts: Facts


def deidentify(data: bytes, *, key: bytes, date_shift_days: int) -> Deidentified:
    """De-identify one DICOM file.

    Parameters
    ----------
    data
        The uploaded file.
    key
        The study's secret. Within a study the same patient and the same UIDs get the same
        pseudonyms; in another study they get different ones.
    date_shift_days
        Number of days that are subtracted from every date.

    Raises
    ------
    UnusableDicom
        The file cannot be read, is not a single greyscale image of a kind that DXA scanners
        produce, or is not a lateral spine according to its header.
    """
    try:
        # The kind of object is checked first, so that pixels of a report are never decoded.
        source = open_dataset(data)
        _check_kind(source)
        grey = decode_grey(source)
        spacing, long_field = read_spacing(source, grey.stored.shape)
        _check_view(source, grey)
        return _rebuild(source, grey, key, date_shift_days, spacing, long_field=long_field)
    except UnreadableImage as error:
        raise UnusableDicom(error.code, error.text) from error
    except (UnusableDicom, MemoryError):
        raise
    except Exception as error:  # a damaged header fails anywhere in pydicom
        raise UnusableDicom(
            "damaged",
            "This file's header is damaged and cannot be read safely. Export it again.",
            type(error).__name__,
        ) from error


def _check_kind(source: Dataset) -> None:
    problem = unsupported_class(_sop_class(source), retained.text(source, "Modality"))
    if problem is not None:
        raise UnusableDicom("not_an_xray", *problem)
    colour = retained.text(source, "PhotometricInterpretation").upper()
    # Both are checked, because either may be missing or wrong.
    samples = retained.text(source, "SamplesPerPixel")
    if samples not in ("", "1") or colour.startswith(("RGB", "YBR", "PALETTE", "HSV", "CMYK")):
        raise UnusableDicom(
            "colour",
            "This is a colour capture of a report, not the scan itself. Such captures often show "
            "the patient's name. It was not added. Upload the greyscale lateral image instead.",
        )


def _sop_class(source: Dataset) -> str:
    """Return the SOP class, from the file meta information where the dataset has none."""
    meta = getattr(source, "file_meta", Dataset())
    return retained.text(source, "SOPClassUID") or retained.text(meta, "MediaStorageSOPClassUID")


def _check_view(source: Dataset, grey: GreyValues) -> None:
    whole_body_area = has_whole_body_area(source, grey.stored.shape)
    other = detect_other_view(source, whole_body_area=whole_body_area)
    if other is not None:
        raise UnusableDicom(
            "other_view",
            f"This file is {other.view}, not a lateral spine image. It was not added.",
            other.evidence,
        )


def _rebuild(
    source: FileDataset,
    grey: GreyValues,
    key: bytes,
    days: int,
    spacing: tuple[Spacing | None, str],
    *,
    long_field: bool,
) -> Deidentified:
    secret = Secret(key)
    pixel_hash = hash_pixels(grey.stored)
    patient_keys = secret.patient(source, pixel_hash), secret.near_patient(source)
    # A new dataset from named elements, so that whatever was not thought of cannot pass.
    clean = Dataset()
    for keyword, rule in retained.RETAINED.items():
        # Rules get text and return new values: nothing of the source's own elements is passed on.
        value = rule(retained.texts(source, keyword)) if keyword in source else None
        if value is not None:
            setattr(clean, keyword, value)
    for keyword in retained.DATES:
        day = retained.shifted(retained.date_of(source, keyword), days)
        if day is not None:
            setattr(clean, keyword, day.strftime("%Y%m%d"))
    for keyword in retained.EMPTIED:
        setattr(clean, keyword, "")
    for keyword in retained.UIDS:
        # A missing UID is made from the pixels, so that a second upload gets the same one.
        original = retained.text(source, keyword)
        # A frame of reference is optional, so none is invented.
        if original or keyword != "FrameOfReferenceUID":
            setattr(clean, keyword, secret.uid(original or f"{keyword} of {pixel_hash}"))
    clean.SOPClassUID = _sop_class(source)
    # Elements of type 2: required, but they may be empty.
    clean.StudyDate = clean.get("StudyDate", "")
    clean.PatientSex = clean.get("PatientSex", "")
    clean.PatientID = clean.PatientName = f"P-{patient_keys[0][:12].upper()}"
    age = age_in_years(source)
    if age:
        # All ages above 89 share one value (see `facts.OLDEST_AGE`).
        clean.PatientAge = "090Y" if age.endswith("+") else f"{int(age):03d}Y"
    try:
        copy_numbers(source, clean, grey, spacing[1])
    except ImplausibleTable as error:
        raise UnusableDicom(
            "grey_table",
            "The grey-value lookup table in this file is not monotonic, so the image cannot be "
            "shown correctly. It was not added. Export the image again without this table.",
        ) from error
    _write_pixels(source, clean, grey)
    _declare(clean)
    if spacing[0] is not None:  # as exact as the clean dataset, not more
        down, across = (retained.significant(mm, SPACING_DIGITS) for mm in spacing[0])
        spacing = ((down, across), spacing[1])
    facts = facts_of(clean, age, patient_keys, pixel_hash, spacing, long_field=long_field)
    return Deidentified(_to_bytes(clean), _report(source, clean), facts)


def _write_pixels(source: Dataset, clean: Dataset, grey: GreyValues) -> None:
    stored = grey.stored
    signed = stored.dtype.kind == "i"
    bits = stored.dtype.itemsize * 8
    clean.SamplesPerPixel = 1
    # The polarity stays as in the file: inverting stored values would change what a study archives.
    inverted = retained.text(source, "PhotometricInterpretation").upper() == "MONOCHROME1"
    clean.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    clean.Rows, clean.Columns = stored.shape
    clean.BitsAllocated = bits
    # Padding counts too: a reader that masks the unused bits must get the same values.
    clean.BitsStored = min(bits, max(grey.bits_stored, bits_needed(stored)))
    clean.HighBit = clean.BitsStored - 1
    clean.PixelRepresentation = int(signed)
    if grey.padding is not None and grey.padding_range is not None:
        for keyword, value in zip(PADDING, grey.padding_range, strict=True):
            clean.add_new(keyword, "SS" if signed else "US", value)
    raw = np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("<")).tobytes()
    # Values have an even length in DICOM (PS3.5 7.1.1).
    clean.add_new("PixelData", "OB" if bits == 8 else "OW", raw + b"\0" * (len(raw) % 2))
    syntax = source.file_meta.get("TransferSyntaxUID")
    # JPEG baseline and extended. Pixels stay lossy after decompression, and the header has to say
    # so.
    lossy = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
    if syntax in lossy and "LossyImageCompression" not in clean:
        clean.LossyImageCompression = "01"


def _declare(clean: Dataset) -> None:
    """State in the dataset that it was de-identified, and how (PS3.15 E.1.1)."""
    clean.PatientIdentityRemoved = "YES"
    clean.DeidentificationMethod = METHOD
    clean.LongitudinalTemporalInformationModified = "MODIFIED"
    items = []
    for value, meaning in CODES:
        item = Dataset()
        # 64 characters is the limit of the VR LO.
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning[:64]
        items.append(item)
    clean.DeidentificationMethodCodeSequence = Sequence(items)


def _to_bytes(clean: Dataset) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = clean.SOPClassUID
    meta.MediaStorageSOPInstanceUID = clean.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = "VERTEREAD"
    clean.file_meta = meta
    out = BytesIO()
    dcmwrite(out, clean, enforce_file_format=True)
    return out.getvalue()


def _report(source: Dataset, clean: Dataset) -> dict[str, Any]:
    """Return which elements were written and removed, by keyword; values are never reported."""
    removed, private, unknown = [], 0, 0
    for tag in list(source.keys()):
        if tag.is_private:
            private += 1
        elif tag not in clean:
            keyword = keyword_for_tag(tag)
            if keyword:
                removed.append(keyword)
            else:
                unknown += 1
    return {
        "profile": "DICOM PS3.15 Annex E, Basic Application Level Confidentiality Profile",
        "method": METHOD,
        "options": [meaning for _, meaning in CODES],
        "written": [element.keyword for element in clean],
        "removed": sorted(set(removed))[:MAX_REPORTED],
        "removed_private": private,
        "removed_unknown": unknown,
    }
