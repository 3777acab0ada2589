"""PURE. Comparison of two de-identified headers of the same pixels.

Identifiers, series and instance numbers and the dates of an export are not compared: they differ
between two exports of one scan, which is a duplicate and not a correction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from studies.cases.dicom.retained_attributes import date_of, texts

ACQUIRED = "acquired"
PATIENT = "PatientID"
LABELS = {
    PATIENT: "patient",
    "PatientSex": "sex",
    "PatientAge": "age",
    ACQUIRED: "shifted acquisition date",
    "PixelSpacing": "pixel spacing",
    "ImagerPixelSpacing": "imager pixel spacing",
    "NominalScannedPixelSpacing": "nominal scanned pixel spacing",
    "PixelSpacingCalibrationType": "pixel spacing calibration",
    "EstimatedRadiographicMagnificationFactor": "magnification factor",
    "PixelAspectRatio": "pixel aspect ratio",
    "ExposedArea": "exposed area",
    "PhotometricInterpretation": "polarity",
    "PresentationLUTShape": "presentation LUT shape",
    "WindowCenter": "window centre",
    "WindowWidth": "window width",
    "VOILUTFunction": "window function",
    "VOILUTSequence": "VOI table",
    "RescaleSlope": "rescale slope",
    "RescaleIntercept": "rescale intercept",
    "RescaleType": "rescale type",
    "ModalityLUTSequence": "modality table",
    "BitsStored": "bits stored",
    "PixelPaddingValue": "padding value",
    "PixelPaddingRangeLimit": "padding range limit",
    "PatientOrientation": "patient orientation",
    "Laterality": "laterality",
    "ImageLaterality": "image laterality",
    "ViewPosition": "view position",
    "BodyPartExamined": "body part",
    "ProtocolName": "protocol",
    "SeriesDescription": "series description",
    "Manufacturer": "manufacturer",
    "ManufacturerModelName": "scanner model",
    "SoftwareVersions": "scanner software",
    "BurnedInAnnotation": "burned-in annotation",
}
AFFECTS_DISPLAY = frozenset(
    {
        *("PhotometricInterpretation", "PresentationLUTShape", "WindowCenter", "WindowWidth"),
        *("VOILUTFunction", "VOILUTSequence", "RescaleSlope", "RescaleIntercept"),
        *("ModalityLUTSequence", "BitsStored", "PixelPaddingValue", "PixelPaddingRangeLimit"),
        "BurnedInAnnotation",
    }
)
"""Attributes whose change invalidates an earlier de-identification review.

They change what is visible in the picture, or state whether text is burned in.
"""
IN_MM = {"PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"}
TABLES = {"VOILUTSequence", "ModalityLUTSequence"}


def header_of(clean: bytes) -> dict[str, str]:
    """Return the compared attributes of a de-identified DICOM file, without the empty ones.

    Multiple values are joined by a backslash, as in DICOM; tables are represented by a hash.
    """
    dataset = dcmread(BytesIO(clean), stop_before_pixels=True)
    header = {}
    for keyword in LABELS:
        if keyword == ACQUIRED:
            day = date_of(dataset, "AcquisitionDate") or date_of(dataset, "StudyDate")
            value = day.isoformat() if day else ""
        elif keyword in TABLES:
            value = _table_hash(dataset, keyword)
        else:
            value = "\\".join(texts(dataset, keyword))
        if value:
            header[keyword] = value
    return header


def _table_hash(dataset: Dataset, keyword: str) -> str:
    tables = dataset.get(keyword) or Sequence()
    text = "".join(item.to_json() for item in tables)
    # Tables are compared, never shown, so a hash takes the place of thousands of entries.
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def changed_attributes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the keywords whose values differ, in the order of `LABELS`."""
    return [name for name in LABELS if before.get(name, "") != after.get(name, "")]


def describe_changes(
    before: Mapping[str, str], after: Mapping[str, str], *, patients: tuple[str, str]
) -> str:
    """Return a description such as "pixel spacing 0.9 → 0.6 mm, patient P0001 → P0002".

    ``patients`` are the labels of the former and the new patient.
    """
    parts = []
    for name in changed_attributes(before, after):
        old, new = (_formatted(name, header.get(name, "")) for header in (before, after))
        if name == PATIENT:
            old, new = patients
        if name in TABLES:
            parts.append(f"{LABELS[name]} changed")
        else:
            parts.append(f"{LABELS[name]} {old} → {new}{' mm' if name in IN_MM else ''}")
    return ", ".join(parts)


def _formatted(name: str, value: str) -> str:
    if not value:
        return "none"
    values = value.split("\\")
    if name in IN_MM and len(set(values)) == 1:
        return values[0]
    return " × ".join(values) if name in IN_MM else ", ".join(values)
