"""Methods text of a report, generated from the study's settings and the analysis performed."""

from __future__ import annotations

from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.methods.analysis import bootstrap, outcomes, reading_time, statistics
from studies.reports.document.methods.design import background, design, sampling
from studies.reports.document.methods.reading import blinding, guides, measured_reading, scoring
from studies.reports.document.methods.reference import describe_reference
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.display_table import describe_display
from studies.reports.document.tables.training_tables import describe_refreshers, describe_training


def methods(
    summary: StudySummary, table: ReadingTable, results: Agreement
) -> list[tuple[str, str]]:
    """Return the paragraphs of the methods, each as title and text."""
    paragraphs = [
        ("Background", background(summary)),
        ("Study design", design(summary)),
        ("Cases and repeated readings", sampling(summary, table)),
        ("Images and scoring", scoring(summary)),
        ("Blinding", blinding(summary)),
        ("Outcomes", outcomes(summary)),
        ("Statistical analysis", statistics(table, results)),
        ("Bootstrap", bootstrap(summary, results)),
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
    details = summary.details
    # In reverse order, because each is inserted at the same place.
    for title, text in (
        ("Sample size", details.sample_size),
        ("Sampling of readers", details.reader_sampling),
        ("Sampling of subjects", details.subject_sampling),
        ("Reader population", details.reader_population),
        ("Subject population", details.subject_population),
    ):
        if text:
            paragraphs.insert(2, (title, text))
    if details.rationale:
        paragraphs.insert(1, ("Rationale", details.rationale))
    return paragraphs


def declarations(summary: StudySummary) -> list[tuple[str, str, str]]:
    """Return title, text and anchor of each declaration that the coordinator entered."""
    details = summary.details
    entered = (
        ("Authors", details.authors, "authors"),
        ("Registration", details.registration, "registration"),
        ("Ethics approval", details.ethics, "ethics"),
        ("Funding and competing interests", details.funding, "funding"),
    )
    return [declaration for declaration in entered if declaration[1]]
