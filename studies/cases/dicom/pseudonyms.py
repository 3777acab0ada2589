"""PURE. New names for people, objects and pixels: keyed, stable, and not to be undone."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
import uuid
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from studies.cases.dicom import retained_attributes as kept

LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


class Secret:
    """Keyed, stable new names: HMAC-SHA256 under the study's secret."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def digest(self, kind: str, value: str) -> bytes:
        message = f"{kind}|{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self.key, message, hashlib.sha256).digest()

    def uid(self, original: str) -> str:
        """A UID under 2.25 (PS3.5 B.2), the same for the same original."""
        return f"2.25.{uuid.UUID(bytes=self.digest('uid', original)[:16], version=4).int}"

    def patient(self, source: Dataset, pixel_hash: str) -> str:
        """By patient ID, else name and birth date, else the examination, else the image.

        The ID counts as it is, leading zeros and all, and together with its issuer; only spaces
        around it and the case of its letters do not matter.
        """
        words = {
            name: kept.text(source, name).upper() for name in ("PatientID", "IssuerOfPatientID")
        }
        if words["PatientID"]:
            who = f"id|{words['IssuerOfPatientID']}|{words['PatientID']}"
        elif name := kept.text(source, "PatientName").upper():
            who = f"name|{name}|{kept.text(source, 'PatientBirthDate')}"
        else:
            who = f"study|{kept.text(source, 'StudyInstanceUID') or pixel_hash}"
        return self.digest("patient", who).hex()

    def near_patient(self, source: Dataset) -> str:
        """The same for patient IDs that may be one: "0012", "12" and "12 " of another issuer.

        "" where there is no ID.
        """
        folded = unicodedata.normalize("NFKC", kept.text(source, "PatientID")).upper()
        signs = "".join(sign for sign in folded if sign.isalnum())
        signs = LEADING_ZEROS.sub("", signs)
        return self.digest("near patient", signs).hex() if signs else ""


def hash_pixels(stored: NDArray[Any]) -> str:
    """SHA-256 over the shape and the stored values, the same whatever the compression."""
    rows, columns = stored.shape
    digest = hashlib.sha256(f"{rows}x{columns}|".encode())
    digest.update(np.ascontiguousarray(stored, dtype="<i4").tobytes())
    return digest.hexdigest()
