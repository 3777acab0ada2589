"""Which items of the checklist a report covers, from the anchors in its blocks.

A block has an anchor only if it has content. The PDF gives the page on which typesetting placed the
anchor, the HTML links to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from studies.reports.document.checklist.items import GRRAS

TITLE: Final = "title"
"""The anchor of the title, which every report has."""


def anchors_of(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the anchors of blocks."""
    for block in blocks:
        if anchor := block.get("anchor"):
            yield anchor


def fill_checklist(parts: Sequence[list[dict[str, Any]]]) -> None:
    """Fill the checklist among the blocks of all parts of a report with its items."""
    blocks = [block for part in parts for block in part]
    items = covered_items(set(anchors_of(blocks)))
    for block in blocks:
        if block["kind"] == "checklist":
            block["items"] = items


def covered_items(anchors: Collection[str]) -> list[dict[str, Any]]:
    """Return the items with the anchors that address them and what is missing.

    Parameters
    ----------
    anchors
        Anchors of the report.
    """
    present = {TITLE, *anchors}
    rows = []
    for item in GRRAS:
        addressed: list[str] = []
        missing: list[str] = []
        for requirement in item.requirements:
            available = [anchor for anchor in requirement.anchors if anchor in present]
            addressed += [anchor for anchor in available if anchor not in addressed]
            if not available:
                missing.append(requirement.name)
        rows.append(
            {
                "number": item.number,
                "part": item.part,
                "recommendation": item.recommendation,
                "anchors": addressed,
                # An item without any anchor is "not reported" as a whole.
                "missing": ", ".join(missing) if addressed else "",
            }
        )
    return rows
