"""The words of a PDF, page by page."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, laid out as it stands there."""
    return [page.extract_text(extraction_mode="layout") for page in PdfReader(BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    """The text of all pages with single spaces."""
    return " ".join(" ".join(pages_of(pdf)).split())
