"""PURE. The identifiers of an uploaded file, for the encrypted linkage list of its study.

Read in the sandbox, next to the de-identification, and only if the study keeps a linkage list.
Nothing of it is in the de-identified file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inference.dicom.dataset import open_dataset
from studies.cases.dicom.retained_attributes import text

# DICOM allows 64 and 16 characters; exports do not always obey.
MAX_IDENTIFIER = 64


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Patient ID and accession number as in the header, "" where they are missing.

    Neither is part of the representation, so that no log or traceback shows them.
    """

    patient_id: str = field(default="", repr=False)
    accession_number: str = field(default="", repr=False)


def read_identifiers(data: bytes) -> Identifiers:
    """Return the identifiers of a file; a damaged element counts as missing."""
    try:
        source = open_dataset(data)
    except Exception:
        return Identifiers()
    return Identifiers(_text(source, "PatientID"), _text(source, "AccessionNumber"))


def _text(source: Any, keyword: str) -> str:
    try:
        value = text(source, keyword)
    except Exception:  # a damaged header fails anywhere in pydicom
        return ""
    return "".join(character for character in value if character.isprintable())[:MAX_IDENTIFIER]
