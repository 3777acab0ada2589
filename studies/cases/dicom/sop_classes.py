"""PURE. The kinds of DICOM object that can hold a lateral spine scan."""

from __future__ import annotations

from pydicom.uid import UID
from pydicom.uid import MediaStorageDirectoryStorage as MEDIA_STORAGE_DIRECTORY

ACCEPTED = {
    "1.2.840.10008.5.1.4.1.1.1": "Computed Radiography",
    "1.2.840.10008.5.1.4.1.1.1.1": "Digital X-Ray, for presentation",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "Digital X-Ray, for processing",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture",
    "1.2.840.10008.5.1.4.1.1.7.2": "Multi-frame Grayscale Byte Secondary Capture",
    "1.2.840.10008.5.1.4.1.1.7.3": "Multi-frame Grayscale Word Secondary Capture",
}
# Beginnings of SOP class UIDs, with a description for the uploader.
KINDS = (
    ("1.2.840.10008.5.1.4.1.1.88", "a structured report with measurements, not an image"),
    ("1.2.840.10008.5.1.4.1.1.104", "a document, not an image"),
    ("1.2.840.10008.5.1.4.1.1.11", "a presentation state (how to show an image), not an image"),
    ("1.2.840.10008.5.1.4.1.1.7.4", "a colour capture of a report, not the scan itself"),
)
OTHER_MODALITIES = {
    "CT": "a CT image",
    "MR": "an MR image",
    "US": "an ultrasound image",
    "MG": "a mammogram",
    "NM": "a nuclear medicine image",
    "PT": "a PET image",
    "XA": "an angiogram",
    "ES": "an endoscopy image",
    "ECG": "an ECG",
    "SR": "a report, not an image",
    "PR": "a presentation state, not an image",
    "DOC": "a document, not an image",
}
DIRECTORY_TEXT = (
    "This file is a directory of files (DICOMDIR), not an image. It was not added. Upload the "
    "image files that it lists instead."
)
ADVICE = "It was not added. Upload the lateral scan itself, as exported by the scanner."


def unsupported_class(sop_class: str, modality: str) -> tuple[str, str] | None:
    """Return message and detail for an object of an unsupported kind; None for a supported one.

    Parameters
    ----------
    sop_class
        The SOP class UID, "" when the file has none.
    modality
        The Modality attribute, which some exports set although the SOP class fits.
    """
    if sop_class in ACCEPTED:
        other = OTHER_MODALITIES.get(modality.upper())
        return (
            None
            if other is None
            else (
                f"This file is {other}. {ADVICE}",
                "According to the Modality attribute in the header.",
            )
        )
    for root, description in KINDS:
        if sop_class.startswith(root):
            return f"This file is {description}. {ADVICE}", ""
    if sop_class == MEDIA_STORAGE_DIRECTORY:
        return DIRECTORY_TEXT, ""
    if not sop_class:
        return f"The header does not state what kind of object this file is. {ADVICE}", ""
    name = UID(sop_class).name
    if name == sop_class:
        return f"This file is an object of an unknown kind. {ADVICE}", ""
    return (
        f"This file is of a kind that DXA scanners do not use for a lateral spine. {ADVICE}",
        f"Kind: {name}.",
    )
