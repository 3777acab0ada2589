"""The document as one HTML file that needs nothing else: the same document, the same bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from studies.reports.document.blocks import Block
from studies.reports.document.document import Document

STYLE = Path(__file__).with_name("report.css")
FIGURES = ("figure", "flow")


def html_of(document: Document) -> bytes:
    content = document.content
    counts = dict.fromkeys(("Figure", "Table"), 0)
    first = list(_blocks(content["first"], document, counts))
    sections = [
        {**section, "number": number, "blocks": list(_blocks(section["blocks"], document, counts))}
        for number, section in enumerate(content["sections"], start=1)
    ]
    numbers = {"first": "summary"} | {each["key"]: each["number"] for each in sections}
    text = render_to_string(
        "reports/document.html",
        {
            **content,
            "first": first,
            "sections": sections,
            "numbers": numbers,
            "style": STYLE.read_text(encoding="utf-8"),
        },
    )
    return text.encode()


def _blocks(
    blocks: list[Block], document: Document, counts: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Number figures and tables, put drawings in, and mark which cells are numbers."""
    for block in blocks:
        kind = block["kind"]
        more: dict[str, Any] = {}
        if kind == "table" or kind in FIGURES:
            name = "Figure" if kind in FIGURES else "Table"
            counts[name] += 1
            more["label"] = f"{name} {counts[name]}"
        if kind == "figure":
            more["images"] = [_address(document.drawings[file]) for file in block["files"]]
        if kind == "table":
            more["rows"] = [
                {"cells": _cells(row, block["text_columns"]), "strong": place in block["strong"]}
                for place, row in enumerate(block["rows"])
            ]
            more["header"] = _cells(block["header"], block["text_columns"])
            more["named"] = any(block["header"])
        yield {**block, **more}


def _cells(texts: tuple[str, ...], text_columns: int) -> list[tuple[str, bool]]:
    return [(text, place >= text_columns) for place, text in enumerate(texts)]


def _address(drawing: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}"
