"""PURE. Pseudonyms of patients, objects and pixels: keyed, stable and irreversible."""

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

from studies.cases.dicom import retained_attributes as retained

LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


class Secret:
    """Pseudonyms by HMAC-SHA256 under the study's secret.

    A plain hash would not be enough, because all possible patient IDs could be tried.
    """

    def __init__(self, key: bytes) -> None:
        self.key = key

    def digest(self, kind: str, value: str) -> bytes:
        """Return the keyed hash of a value; ``kind`` separates the uses of the key."""
        # Damaged text may hold lone surrogates, which strict UTF-8 rejects.
        message = f"{kind}|{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self.key, message, hashlib.sha256).digest()

    def uid(self, original: str) -> str:
        """Return a UID under 2.25 (PS3.5 B.2), the same for the same original."""
        return f"2.25.{uuid.UUID(bytes=self.digest('uid', original)[:16], version=4).int}"

    def patient(self, source: Dataset, pixel_hash: str) -> str:
        """Return the key of the patient.

        It comes from the patient ID, else from name and birth date, else from the examination,
        else from the image. Leading zeros and the issuer are significant; surrounding spaces
        and case are not.
        """
        ids = {
            name: retained.text(source, name).upper() for name in ("PatientID", "IssuerOfPatientID")
        }
        if ids["PatientID"]:
            # Numbers are unique within their issuer only, so the issuer belongs to the identity.
            identity = f"id|{ids['IssuerOfPatientID']}|{ids['PatientID']}"
        elif name := retained.text(source, "PatientName").upper():
            identity = f"name|{name}|{retained.text(source, 'PatientBirthDate')}"
        else:
            identity = f"study|{retained.text(source, 'StudyInstanceUID') or pixel_hash}"
        return self.digest("patient", identity).hex()

    def near_patient(self, source: Dataset) -> str:
        """Return a key that is equal for similar patient IDs, such as "0012", "12" and "1-2".

        The issuer does not count. "" when there is no ID.
        """
        # NFKC turns full-width and other compatibility digits into the ordinary ones.
        folded = unicodedata.normalize("NFKC", retained.text(source, "PatientID")).upper()
        characters = "".join(character for character in folded if character.isalnum())
        characters = LEADING_ZEROS.sub("", characters)
        return self.digest("near patient", characters).hex() if characters else ""


def hash_pixels(stored: NDArray[Any]) -> str:
    """Return the SHA-256 of shape and stored values, independent of compression and bit depth."""
    rows, columns = stored.shape
    digest = hashlib.sha256(f"{rows}x{columns}|".encode())
    # 32 bits for every image, so that the same pixels hash alike in 8 and in 16 bits.
    digest.update(np.ascontiguousarray(stored, dtype="<i4").tobytes())
    return digest.hexdigest()
