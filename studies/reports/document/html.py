"""Render a document as one self-contained HTML file; equal documents give equal bytes."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from studies.reports.document.blocks import Block
from studies.reports.document.checklist.coverage import TITLE, anchors_of
from studies.reports.document.document import Document

STYLE = Path(__file__).with_name("style") / "report.css"


def html_of(document: Document) -> bytes:
    """Return the document as HTML in UTF-8, with its style sheet and drawings embedded."""
    content = document.content
    # One count through the summary and all sections, as in the PDF.
    counts = dict.fromkeys(("Figure", "Table"), 0)
    first = list(_blocks(content["first"], document, counts))
    sections = [
        {**section, "number": number, "blocks": list(_blocks(section["blocks"], document, counts))}
        for number, section in enumerate(content["sections"], start=1)
    ]
    places = {TITLE: "title"}
    for name, blocks in [("summary", first)] + [
        (f"section {section['number']}", section["blocks"]) for section in sections
    ]:
        places |= dict.fromkeys(anchors_of(blocks), name)
        places |= {block["anchor"]: block["label"] for block in blocks if _is_numbered(block)}
    for section in sections:
        for block in section["blocks"]:
            if block["kind"] == "checklist":
                block["items"] = [_linked(item, places) for item in block["items"]]
    text = render_to_string(
        "reports/document.html",
        {
            **content,
            "first": first,
            "sections": sections,
            "style": STYLE.read_text(encoding="utf-8"),
        },
    )
    # A number and its per cent sign stay on one line.
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", text).encode()


def _is_numbered(block: Block) -> bool:
    return "anchor" in block and "label" in block


def _linked(item: dict[str, Any], places: dict[str, str]) -> dict[str, Any]:
    """Return an item of the checklist with the places that its anchors link to."""
    return {**item, "places": [(anchor, places[anchor]) for anchor in item["anchors"]]}


def _blocks(
    blocks: list[Block], document: Document, counts: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Yield the blocks for the template: numbered, with drawings, and cells marked as numbers."""
    for block in blocks:
        kind = block["kind"]
        extra: dict[str, Any] = {}
        if kind in ("table", "figure"):
            name = kind.capitalize()
            counts[name] += 1
            extra["label"] = f"{name} {counts[name]}"
        if kind == "figure":
            extra["images"] = [_data_url(document.drawings[file]) for file in block["files"]]
        if kind == "table":
            extra["rows"] = [
                {"cells": _cells(row, block["text_columns"]), "strong": number in block["strong"]}
                for number, row in enumerate(block["rows"])
            ]
            extra["header"] = _cells(block["header"], block["text_columns"])
            # Tables of facts have an empty header, which is left out.
            extra["named"] = any(block["header"])
        yield {**block, **extra}


def _cells(texts: tuple[str, ...], text_columns: int) -> list[tuple[str, bool]]:
    """Return each text and whether its column holds numbers, which are right-aligned."""
    return [(text, column >= text_columns) for column, text in enumerate(texts)]


def _data_url(drawing: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}"
