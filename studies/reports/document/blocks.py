"""What the sections of a document consist of: paragraphs, tables, and figures with drawings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from studies.reports.document.formatting import unbroken
from studies.reports.document.tables.agreement_tables import TextTable

Block = dict[str, Any]
Progress = Callable[[int, int], None]


class Figures:
    """Keeps the drawings of a document; ``progress`` is told (figures done, figures in all)."""

    def __init__(self, expected: int, progress: Progress | None) -> None:
        self.drawings: dict[str, bytes] = {}
        self.expected, self.progress, self.done = expected, progress, 0

    def block(self, name: str, svg: bytes | list[bytes], caption: str) -> Block:
        """Keep one drawing, or several that stand side by side, and return the figure."""
        drawn = [svg] if isinstance(svg, bytes) else svg
        files = [f"{name}-{place}.svg" for place in range(len(drawn))]
        self.drawings |= dict(zip(files, drawn, strict=True))
        self.done += 1
        if self.progress:
            self.progress(min(self.done, self.expected), self.expected)
        return {"kind": "figure", "files": files, "caption": unbroken(caption)}


def table_block(table: TextTable) -> Block:
    return {"kind": "table", **asdict(table), "caption": unbroken(table.caption)}


def text_block(text: str) -> Block:
    return {"kind": "paragraph", "title": "", "text": text}
