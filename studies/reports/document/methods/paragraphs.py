"""Methods text of a report, generated from the study's settings and the analysis performed."""

from __future__ import annotations

from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.methods.analysis import bootstrap, outcomes, reading_time, statistics
from studies.reports.document.methods.design import design, rationale, sampling
from studies.reports.document.methods.reading import blinding, guides, measured_reading, scoring
from studies.reports.document.methods.reference import describe_reference
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.display_table import describe_display
from studies.reports.document.tables.refresher_table import describe_refreshers
from studies.reports.document.tables.training_table import describe_training


def methods(
    summary: StudySummary, table: ReadingTable, results: Agreement
) -> list[tuple[str, str]]:
    """Return the paragraphs of the methods, each as title and text."""
    paragraphs = [
        ("Rationale", rationale(summary)),
        ("Study design", design(summary)),
        ("Sample size and sampling", sampling(summary, table)),
        ("Images and scoring", scoring(summary)),
        ("Blinding", blinding(summary)),
        ("Outcomes", outcomes(summary)),
        ("Statistical analysis", statistics(table, results)),
        ("Bootstrap", bootstrap(summary)),
    ]
    if reference := describe_reference(summary):
        paragraphs.append(("Reference standard", reference))
    if time := reading_time(table, results):
        paragraphs.append(("Reading time", time))
    if summary.display:
        paragraphs.insert(4, ("Image size and display", describe_display(summary.display)))
    if summary.training:
        paragraphs.insert(4, ("Training of readers", describe_training(summary.training)))
        refreshers = describe_refreshers(summary.training)
        if refreshers:
            paragraphs.insert(5, ("Refreshers", refreshers))
    if any("measured" in arm for arm in summary.arms):
        paragraphs.insert(4, ("Measured reading", measured_reading(summary)))
    if summary.models and any(arm.startswith("guided") for arm in summary.arms):
        paragraphs.insert(4, ("Guides", guides(summary)))
    return paragraphs
