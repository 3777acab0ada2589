"""Blocks of a document (paragraphs, tables, figures) in the form that PDF and HTML render."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    def block(
        self, name: str, svg: bytes | list[bytes], caption: str, *, anchor: str = "", alt: str = ""
    ) -> Block:
        """Add one drawing, or several side by side, and return the block of the figure.

        Parameters
        ----------
        anchor
            Name by which the checklist refers to the figure.
        alt
            Text alternative; the caption by default.
        """
        drawings = [svg] if isinstance(svg, bytes) else svg
        files = [f"{name}-{number}.svg" for number in range(len(drawings))]
        self.drawings |= dict(zip(files, drawings, strict=True))
        self.done += 1
        if self.progress:
            # A study may have more figures than expected; progress never exceeds 100 %.
            self.progress(min(self.done, self.expected), self.expected)
        caption = unbroken(caption)
        figure = {"kind": "figure", "files": files, "caption": caption, "alt": alt or caption}
        return figure | _anchored(anchor)


def table_block(table: TextTable, anchor: str = "") -> Block:
    """Return the block of a table; the checklist refers to it only if it has rows."""
    block = {"kind": "table", **asdict(table), "caption": unbroken(table.caption)}
    return block | _anchored(anchor if table.rows else "")


def list_block(items: Sequence[str], anchor: str = "") -> Block:
    """Return a list; the checklist refers to it only if it has items."""
    return {"kind": "list", "items": list(items)} | _anchored(anchor if items else "")


def text_block(text: str, title: str = "", anchor: str = "", *, entered: bool = False) -> Block:
    """Return a paragraph, by default without a title; ``entered`` marks a coordinator's text."""
    block = {"kind": "paragraph", "title": title, "text": text}
    return block | _anchored(anchor) | ({"entered": True} if entered else {})


def _anchored(anchor: str) -> Block:
    return {"anchor": anchor} if anchor else {}
