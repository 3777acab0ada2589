"""Blocks of a document (paragraphs, tables, figures) in the form that PDF and HTML render."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from studies.reports.document.formatting import unbroken
from studies.reports.document.tables.text_table import TextTable

Block = dict[str, Any]
Progress = Callable[[int, int], None]


class Figures:
    """Collects the drawings of a document.

    Parameters
    ----------
    expected
        Number of figures expected, for the progress.
    progress
        Called after each figure with the figures done and expected.
    """

    def __init__(self, expected: int, progress: Progress | None) -> None:
        self.drawings: dict[str, bytes] = {}
        self.expected, self.progress, self.done = expected, progress, 0

    def block(self, name: str, svg: bytes | list[bytes], caption: str) -> Block:
        """Add one drawing, or several side by side, and return the block of the figure."""
        drawings = [svg] if isinstance(svg, bytes) else svg
        files = [f"{name}-{number}.svg" for number in range(len(drawings))]
        self.drawings |= dict(zip(files, drawings, strict=True))
        self.done += 1
        if self.progress:
            # A study may have more figures than expected; progress never exceeds 100 %.
            self.progress(min(self.done, self.expected), self.expected)
        return {"kind": "figure", "files": files, "caption": unbroken(caption)}


def table_block(table: TextTable) -> Block:
    """Return the block of a table."""
    return {"kind": "table", **asdict(table), "caption": unbroken(table.caption)}


def text_block(text: str) -> Block:
    """Return a paragraph without a title."""
    return {"kind": "paragraph", "title": "", "text": text}
