"""The adjudicated reference standard of a study, for its files; as in its report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studies.reports.document.methods.reference import describe_reference, reference_caveat
from studies.reports.document.summary.study import StudySummary


def reference_record(summary: StudySummary) -> dict[str, Any] | None:
    """Return version, description and caveat as a JSON record; None unless it was adjudicated."""
    if summary.reference is None:
        return None
    return {
        "version": summary.reference.version,
        "description": describe_reference(summary),
        "caveat": reference_caveat(summary),
    }


def reference_items(summary: StudySummary) -> Iterator[tuple[str, str]]:
    """Yield the description, which ends with the caveat, as a pair of name and text."""
    if text := describe_reference(summary):
        yield "reference standard", text
