"""Amendments, drop-outs, interruptions and reopenings of a study, for its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studies.reports.document.formatting import when
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.conduct_tables import describe_unamended


def conduct_record(summary: StudySummary) -> dict[str, list[dict[str, Any]]]:
    """Return amendments, events and reopenings of the locked study as JSON records."""
    return {
        "amendments": [
            {
                "number": row.number,
                "dated": row.dated.isoformat(),
                "change": row.change,
                "reason": row.reason,
            }
            for row in summary.amendments
        ],
        "events": [{"at": row.at.isoformat(), "text": row.text} for row in summary.events],
        "study_reopenings": [
            {
                "locked_at": row.locked_at.isoformat(),
                "requested_by": row.requested_by,
                "requested_at": row.requested_at.isoformat(),
                "confirmed_by": row.confirmed_by,
                "reopened_at": row.at.isoformat(),
                "reason": row.reason,
            }
            for row in summary.study_reopenings
        ],
    }


def conduct_items(summary: StudySummary) -> Iterator[tuple[str, str]]:
    """Yield the same as pairs of name and text; kinds that never occurred are listed as well.

    Times are in UTC.
    """
    for amendment in summary.amendments:
        date = f"{amendment.dated:%-d %b %Y}"
        yield (
            f"amendment {amendment.number}",
            f"{date}: {amendment.change}. Reason: {amendment.reason}",
        )
    if unamended := describe_unamended(summary):
        yield "change without amendment", unamended
    elif not summary.amendments:
        yield "amendments", "none recorded"
    for event in summary.events:
        yield "drop-out, reassignment or interruption", f"{when(event.at)}: {event.text}"
    if not summary.events:
        yield "drop-outs, reassignments and interruptions", "none recorded"
    for row in summary.study_reopenings:
        yield (
            "reopening of the database",
            (
                f"Locked {when(row.locked_at)}. Requested by {row.requested_by}, "
                f"{when(row.requested_at)}. Reopened by {row.confirmed_by}, {when(row.at)}. "
                f"Reason: {row.reason}"
            ),
        )
    if not summary.study_reopenings:
        yield "reopenings of the database", "none"
