"""Sections of a report: which texts, tables and figures each contains, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from studies.reports.document import additional_statistics, captions, order_effects
from studies.reports.document.agreement_sections import AgreementSections
from studies.reports.document.blocks import Block, list_block, table_block, text_block
from studies.reports.document.flow import CAPTION, describe_flow, flow_columns
from studies.reports.document.methods.paragraphs import declarations, methods
from studies.reports.document.plots.flow import flow_plot
from studies.reports.document.plots.reading_time import longest_rows, time_plot, time_rows
from studies.reports.document.plots.style import plotted_arms
from studies.reports.document.shown_pairs import lowest_pairs
from studies.reports.document.tables import (
    agreement_tables,
    case_tables,
    conduct_tables,
    study_tables,
)
from studies.reports.document.tables.agreement_notes import notes_of
from studies.reports.document.tables.display_table import display_table
from studies.reports.document.tables.measured_tables import measured_tables
from studies.reports.document.tables.profile_tables import profile_tables
from studies.reports.document.tables.revision_table import describe_revision, revision_table
from studies.reports.document.tables.training_tables import refresher_table, training_table

Section = tuple[str, str, Iterator[Block]]
ANCHORS: Final = {
    "Rationale": "rationale",
    "Study design": "design",
    "Cases and repeated readings": "replicates",
    "Subject population": "subject-population",
    "Reader population": "reader-population",
    "Sampling of subjects": "subject-sampling",
    "Sampling of readers": "reader-sampling",
    "Sample size": "sample-size",
    "Images and scoring": "scoring",
    "Blinding": "blinding",
    "Statistical analysis": "statistics",
}
"""Paragraphs of the methods to which the checklist refers, by their titles."""
ENTERED: Final = {
    "Rationale", "Subject population", "Reader population", "Sampling of subjects",
    "Sampling of readers", "Sample size",
}  # fmt: skip
"""Paragraphs of the methods that the coordinator entered."""


class Sections(AgreementSections):
    """Sections of the report of one data snapshot."""

    def all(self) -> Iterator[Section]:
        """Yield key, heading and blocks of each section; GRRAS refers to them by their keys."""
        yield "people", "Cases and readers", self._cases_and_readers()
        yield "methods", "Methods", self._methods()
        yield "outcomes", "Agreement by outcome", self.by_outcome()
        yield "pairs", "Agreement by pair of readers", self.by_pair()
        if repeats := list(self.intrareader()):
            yield "intrareader", "Intrareader agreement", iter(repeats)
        yield "totals", "AAC-24 total scores", self.totals()
        if "aac8" in self.table.outcomes:
            yield "aac8", "AAC-8 scores", self.aac8()
        if measured := list(
            measured_tables(self.table, self.results, weights=self.weights, shown=self.shown)
        ):
            yield "measured", "Measured reading", map(table_block, measured)
        yield "relevance", "Practical relevance", self._relevance()
        yield "missing", "Missing data and readability", self._missing()
        yield "time", "Reading time and order effects", self._time()
        yield "deviations", "Protocol deviations and interim looks", self._deviations()
        if blocks := list(self._declarations()):
            yield "declarations", "Declarations", iter(blocks)
        yield "provenance", "Data provenance", self._provenance()
        yield "grras", "GRRAS checklist", self._checklist()

    def _cases_and_readers(self) -> Iterator[Block]:
        columns = flow_columns(self.summary, self.table)
        yield self.figures.block(
            "flow", flow_plot(columns), CAPTION, anchor="flow", alt=describe_flow(columns)
        )
        yield table_block(study_tables.reader_table(self.summary, self.table), "readers")
        for number, characteristics in enumerate(profile_tables(self.summary)):
            # The checklist refers to the first of them.
            yield table_block(characteristics, "" if number else "reader-characteristics")
        if self.summary.training:
            yield table_block(training_table(self.summary.training))
            if self.summary.training.refresher_interval is not None:
                yield table_block(refresher_table(self.summary.training))
        if self.summary.display and (checks := display_table(self.summary.display)):
            yield table_block(checks)
        yield table_block(case_tables.case_table(self.summary, self.table), "cases")
        yield table_block(case_tables.burden_table(self.table))
        if gaps := conduct_tables.gap_table(self.summary):
            yield table_block(gaps, "gaps")

    def _methods(self) -> Iterator[Block]:
        for title, text in methods(self.summary, self.table, self.results):
            yield text_block(text, title, ANCHORS.get(title, ""), entered=title in ENTERED)

    def _relevance(self) -> Iterator[Block]:
        yield list_block(list(additional_statistics.relevance(self.further)), "relevance-list")

    def _missing(self) -> Iterator[Block]:
        yield table_block(case_tables.missing_table(self.table), "missing-table")
        yield table_block(study_tables.readability_table(self.table))
        shown = lowest_pairs(self.results, outcome="readable", weights="none")
        yield table_block(
            agreement_tables.pair_table(
                self.results, outcome="readable", weights="none", shown=shown
            )
        )

    def _time(self) -> Iterator[Block]:
        compared = self.results.compared
        if rows := time_rows(self.table, compared):
            shown = longest_rows(rows)
            drawing = time_plot(
                shown, arms=plotted_arms(self.results.arms, compared), compared=compared
            )
            # The first row is that of all readers together.
            scope = captions.shown_readers(len(shown) - 1, len(rows) - 1)
            caption = captions.time_caption(self.results) + study_tables.repeats_excluded(
                self.table
            )
            yield self.figures.block("time", drawing, caption + scope)
        yield table_block(study_tables.time_table(self.table, compared))
        if sessions := order_effects.session_table(self.summary):
            yield table_block(sessions)
        if sentences := list(order_effects.order_and_time(self.further)):
            yield {"kind": "list", "items": sentences}

    def _deviations(self) -> Iterator[Block]:
        summary = self.summary
        if summary.interim_looks:
            yield table_block(conduct_tables.interim_looks_table(summary))
        else:
            yield text_block("No interim look at the scores before the database lock was recorded.")
        if summary.study_reopenings:
            yield table_block(conduct_tables.study_reopenings_table(summary))
        sentences = [
            *conduct_tables.deviations(summary),
            describe_revision(summary),
            *self.results.warnings,
            *additional_statistics.level_suspects(self.further),
        ]
        yield {"kind": "list", "items": sentences}
        if batches := conduct_tables.batches_table(summary):
            yield table_block(batches)
        if summary.amendments:
            yield table_block(conduct_tables.amendments_table(summary))
        if summary.events:
            yield table_block(conduct_tables.events_table(summary))
        if summary.reopenings:
            yield table_block(conduct_tables.reopenings_table(summary))
        if any(row.revisions for row in summary.revisions):
            yield table_block(revision_table(summary))
        notes = list(notes_of(self.results, weights=self.weights))
        if notes:
            yield text_block("Kappas that are undefined or not informative:")
            yield {"kind": "list", "items": notes}

    def _provenance(self) -> Iterator[Block]:
        yield table_block(conduct_tables.provenance_table(self.summary))

    def _checklist(self) -> Iterator[Block]:
        yield text_block(
            "Where this report addresses each of the 15 items of the Guidelines for Reporting "
            "Reliability and Agreement Studies (GRRAS; Kottner et al. 2011) and the declarations "
            "that journals require. Items that are not reported need information that only the "
            "authors have."
        )
        # Filled in once the anchors of all sections are known.
        yield {"kind": "checklist", "items": []}

    def _declarations(self) -> Iterator[Block]:
        for title, text, anchor in declarations(self.summary):
            yield text_block(text, title, anchor, entered=True)
