"""Validate what a sandbox returns of an uploaded file.

The file may have taken control of the sandbox, so nothing of its answer is used unchecked.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from inference.dicom.pixel_header import MAX_SIDE
from inference.sandbox.pool import Answer
from inference.sandbox.values import Values
from inference.sandboxed_image import read_windows
from studies.cases.dicom.deidentify import MAX_REPORTED
from studies.cases.dicom.facts import Facts
from studies.cases.dicom.header import LABELS
from studies.cases.dicom.identifiers import MAX_IDENTIFIER, Identifiers

HASH = re.compile(r"[0-9a-f]{64}")
# First bytes of the parts of an answer: DICOM, gzip and PNG.
# The sandbox may be compromised, so even the kind of its output is checked.
STARTS = (b"\0" * 128 + b"DICM", b"\x1f\x8b", b"\x89PNG\r\n\x1a\n")
MAX_HEADER_TEXT = 500
"""Characters of a compared attribute, which may have several values."""


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A de-identified file with its renditions, as returned by a sandbox.

    The bytes stay in the answer until they are read.
    """

    facts: Facts
    report: dict[str, Any]
    header: dict[str, str]
    """Attributes with which files of the same pixels are compared."""
    width: int
    height: int
    bits: int
    windows: list[dict[str, Any]]
    invert: bool
    spacing_mm: tuple[float, float] | None
    pixel_aspect: float
    # Not in the representation: the answer and the identifiers can name the patient.
    answer: Answer = field(repr=False)
    identifiers: Identifiers | None = field(default=None, repr=False)
    """For the linkage list; None in studies that keep none."""

    def dicom(self) -> bytes:
        """Return the de-identified DICOM file."""
        return self.answer.part(0)

    def checksum(self) -> str:
        """Return the SHA-256 of the de-identified DICOM file, which is read piece by piece."""
        digest = hashlib.sha256()
        for piece in self.answer.pieces(0):
            digest.update(piece)
        return digest.hexdigest()

    def pixels(self) -> bytes:
        """Return the packed pixels for viewers."""
        return self.answer.part(1)

    def thumbnail(self) -> bytes:
        """Return the thumbnail as PNG."""
        return self.answer.part(2)


def checked_file(values: Values, answer: Answer) -> CleanFile:
    """Return the de-identified file in an answer; raises ValueError for unusable values."""
    starts = tuple(answer.start(number, len(start)) for number, start in enumerate(STARTS))
    # The first bytes show the kind of each part without decoding it outside the sandbox.
    if len(answer) != len(STARTS) or starts != STARTS:
        raise ValueError("The sandbox returned other parts than it announced.")
    bits = values.whole("bits", 8, 16)
    return CleanFile(
        facts=_checked_facts(values.inner("facts")),
        report=_checked_report(values.inner("report")),
        header=checked_header(values.inner("header")),
        width=values.whole("width", 1, MAX_SIDE),
        height=values.whole("height", 1, MAX_SIDE),
        bits=8 if bits == 8 else 16,
        windows=[
            {"name": window.name, "center": window.center, "width": window.width}
            for window in read_windows(values)
        ],
        invert=values.flag("invert"),
        spacing_mm=values.pair("spacing_mm"),
        pixel_aspect=values.number("pixel_aspect"),
        answer=answer,
        identifiers=_checked_identifiers(values.inner("identifiers"))
        if values.has("identifiers")
        else None,
    )


def _checked_identifiers(values: Values) -> Identifiers:
    # Shown on a page and in a CSV, so a compromised sandbox must not return other characters.
    texts = [
        "".join(c for c in values.text(name, most=MAX_IDENTIFIER) if c.isprintable())
        for name in ("patient_id", "accession_number")
    ]
    return Identifiers(*texts)


def _checked_facts(values: Values) -> Facts:
    near_key = values.text("patient_near_key")
    burned = values.text("burned_in")
    return Facts(
        manufacturer=values.text("manufacturer"),
        model=values.text("model"),
        software=values.text("software"),
        scanner=values.text("scanner"),
        family=values.text("family"),
        sex=values.text("sex", most=1),
        age=values.text("age", most=4),
        acquired=date.fromisoformat(values.text("acquired")) if values.has("acquired") else None,
        burned_in="YES" if burned == "YES" else "NO" if burned == "NO" else "unknown",
        patient_key=_checked_hash(values.text("patient_key")),
        patient_near_key=near_key and _checked_hash(near_key),
        sop_instance_uid=values.text("sop_instance_uid", most=64),
        # Hashes identify rows, so a compromised sandbox must not return text of its choice.
        pixel_hash=_checked_hash(values.text("pixel_hash")),
        spacing_mm=values.pair("spacing_mm"),
        spacing_source=values.text("spacing_source", most=60),
        long_field=values.flag("long_field"),
    )


def checked_header(values: Values) -> dict[str, str]:
    """Return the compared attributes of a file; raises ValueError for unusable values."""
    return {name: values.text(name, most=MAX_HEADER_TEXT) for name in LABELS if values.has(name)}


def _checked_hash(text: str) -> str:
    if not HASH.fullmatch(text):
        raise ValueError("The sandbox returned a value that is not a hash.")
    return text


def _checked_report(values: Values) -> dict[str, Any]:
    texts = {name: values.text(name) for name in ("profile", "method")}
    lists = {
        name: values.texts(name, most=MAX_REPORTED) for name in ("options", "written", "removed")
    }
    counts = ("removed_private", "removed_unknown")
    return {**texts, **lists, **{name: values.whole(name, 0, 2**31 - 1) for name in counts}}
