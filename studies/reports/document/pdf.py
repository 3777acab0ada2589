"""Typeset a document as PDF; equal documents and versions give equal bytes."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC
from pathlib import Path
from typing import Literal

import typst

from studies.reports.document.document import Document

TEMPLATE = Path(__file__).with_name("style") / "report.typ"


def pdf_of(document: Document) -> bytes:
    """Return the document as PDF."""
    return typeset(document)[0]


def typeset(document: Document, form: Literal["pdf", "png"] = "pdf") -> list[bytes]:
    """Return the document as one PDF, or as one PNG per page (110 pixels per inch)."""
    with tempfile.TemporaryDirectory(prefix="verteread-report-") as name:
        folder = Path(name)
        for file, drawing in document.drawings.items():
            (folder / file).write_bytes(drawing)
        (folder / "report.json").write_text(json.dumps(document.content), encoding="utf-8")
        # A copy, because the compiler may read files below its root only.
        (folder / "report.typ").write_bytes(TEMPLATE.read_bytes())
        # Embedded fonts and the time of the snapshot make the bytes independent of the machine
        # and of the moment of typesetting.
        output = typst.compile(
            folder / "report.typ",
            root=folder,
            format=form,
            ppi=110,
            ignore_system_fonts=True,
            timestamp=document.at.astimezone(UTC).replace(microsecond=0),
        )
    if isinstance(output, list):
        return output
    return [output] if output is not None else []
