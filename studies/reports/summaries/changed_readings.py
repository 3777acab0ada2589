"""Summarise reopened and revised readings for the report, without any score."""

from __future__ import annotations

from studies.protocol.models import Study
from studies.reports.document.summary.conduct import ReopeningSummary, RevisionSummary
from studies.sessions.models import Reopening
from studies.sessions.submitted_readings.export import revision_counts


def summarise_reopenings(study: Study) -> tuple[ReopeningSummary, ...]:
    """Return the reopened readings, oldest first."""
    reopenings = Reopening.objects.filter(reading__reading_list__study=study).select_related(
        "by", "reading__reading_list__reader", "reading__case"
    )
    return tuple(
        ReopeningSummary(
            row.at,
            row.by.shown_name,
            f"{row.reading.reading_list.reader.label}, {row.reading.name} "
            f"({row.reading.case.label}, {row.reading.arm})",
            row.reason,
        )
        for row in reopenings
    )


def summarise_revisions(study: Study) -> tuple[RevisionSummary, ...]:
    """Return the revisions by reader and arm; empty if readings could not be revised."""
    if study.revision_rule == Study.RevisionRule.NEVER:
        return ()
    return tuple(
        RevisionSummary(row.reader, row.arm, row.submitted, row.revised, row.revisions)
        for row in revision_counts(study)
    )
