"""Sections of a report: which texts, tables and figures each contains, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from studies.analytics.coefficients.kappa import weights_named
from studies.analytics.outcomes import category_labels
from studies.analytics.ratings import pair_of
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document import additional_statistics, captions, order_effects
from studies.reports.document.blocks import Block, Figures, list_block, table_block, text_block
from studies.reports.document.bootstrap_intervals import RESAMPLES, Interval, bootstrap_intervals
from studies.reports.document.flow import CAPTION, describe_flow, flow_columns
from studies.reports.document.formatting import outcome_name
from studies.reports.document.methods.paragraphs import declarations, methods
from studies.reports.document.methods.reference import CAVEAT
from studies.reports.document.plots.bland_altman import (
    bland_altman_plot,
    differences_of,
    shared_reach,
)
from studies.reports.document.plots.flow import flow_plot
from studies.reports.document.plots.forest import (
    forest_plot,
    outcome_rows,
    pair_rows,
    pairs_by_kappa,
)
from studies.reports.document.plots.matrices import confusion_matrix, kappa_matrix
from studies.reports.document.plots.reading_time import longest_rows, time_plot, time_rows
from studies.reports.document.plots.spine import spine_panels, spine_plot
from studies.reports.document.shown_pairs import lowest_pairs
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables import (
    agreement_tables,
    case_tables,
    conduct_tables,
    study_tables,
)
from studies.reports.document.tables.aac8_table import aac8_table
from studies.reports.document.tables.agreement_notes import notes_of
from studies.reports.document.tables.bootstrap_table import bootstrap_table
from studies.reports.document.tables.contrast_table import contrast_table, icc_contrast_table
from studies.reports.document.tables.display_table import display_table
from studies.reports.document.tables.measured_tables import measured_tables
from studies.reports.document.tables.profile_tables import profile_tables
from studies.reports.document.tables.reference_tables import consensus_table, reference_table
from studies.reports.document.tables.refresher_table import refresher_table
from studies.reports.document.tables.revision_table import describe_revision, revision_table
from studies.reports.document.tables.training_table import training_table

Section = tuple[str, str, Iterator[Block]]
ANCHORS: Final = {
    "Rationale": "rationale",
    "Study design": "design",
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


class Sections:
    """Sections of the report of one data snapshot.

    Parameters
    ----------
    summary, table, results
        The study, its readings and their agreement.
    figures
        Collects the drawings.
    """

    def __init__(
        self, summary: StudySummary, table: ReadingTable, results: Agreement, figures: Figures
    ) -> None:
        self.summary, self.table, self.results = summary, table, results
        self.figures = figures
        self.outcome, self.weights = summary.outcome, weights_named(summary.weights)
        self.further = additional_statistics.further_statistics(summary, table, results)
        self.shown = lowest_pairs(results, outcome=summary.outcome, weights=summary.weights)

    @cached_property
    def intervals(self) -> list[Interval]:
        """Return the bootstrap intervals of the primary outcome."""
        return bootstrap_intervals(
            self.table,
            self.results,
            outcome=self.outcome,
            weights=self.weights,
            seed=self.summary.seed,
        )

    def all(self) -> Iterator[Section]:
        """Yield key, heading and blocks of each section; GRRAS refers to them by their keys."""
        yield "people", "Cases and readers", self._cases_and_readers()
        yield "methods", "Methods", self._methods()
        yield "outcomes", "Agreement by outcome", self._by_outcome()
        yield "pairs", "Agreement by pair of readers", self._by_pair()
        yield "totals", "AAC-24 total scores", self._totals()
        if "aac8" in self.table.outcomes:
            yield "aac8", "AAC-8 scores", self._aac8()
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

    def first_figure(self) -> Iterator[Block]:
        """Yield the figure of the first page: kappa of the primary outcome by pair."""
        rows = pair_rows(self.results, outcome=self.outcome, weights=self.weights)
        yield self.figures.block(
            "pairs",
            forest_plot(rows, arms=self.results.arms, weights=self.weights),
            captions.pairs_caption(self.results, outcome=self.outcome, weights=self.weights),
        )

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

    def _by_outcome(self) -> Iterator[Block]:
        results, outcome, weights = self.results, self.outcome, self.weights
        rows = outcome_rows(results, weights=weights, primary=outcome)
        yield self.figures.block(
            "outcomes",
            forest_plot(rows, arms=results.arms, weights=weights),
            captions.outcomes_caption(weights),
        )
        yield self.figures.block(
            "spine",
            spine_plot(spine_panels(results, weights=weights)),
            captions.spine_caption(results, weights=weights),
        )
        yield table_block(
            agreement_tables.outcome_table(results, weights=weights, primary=outcome),
            "outcome-table",
        )
        if contrasts := contrast_table(results, outcome=outcome, weights=weights):
            yield table_block(contrasts)
        yield table_block(agreement_tables.weights_table(results, outcome=outcome))
        yield table_block(
            additional_statistics.coefficient_table(self.further, outcome=outcome, weights=weights)
        )

    def _by_pair(self) -> Iterator[Block]:
        results, outcome, weights = self.results, self.outcome, self.weights
        yield table_block(
            agreement_tables.pair_table(
                results, outcome=outcome, weights=weights, shown=self.shown
            ),
            "pair-table",
        )
        below, above = results.arms[0], results.arms[min(1, len(results.arms) - 1)]
        if results.pairs[below] and results.pairs[above]:
            matrix = kappa_matrix(
                results, outcome=outcome, weights=weights, below=below, above=above
            )
            caption = captions.matrix_caption(results, outcome=outcome, weights=weights)
            yield self.figures.block("matrix", matrix, caption)
        yield from self._confusion()
        yield table_block(
            bootstrap_table(
                self.intervals,
                outcome=outcome,
                weights=weights,
                seed=self.summary.seed,
                resamples=RESAMPLES,
                shown=self.shown,
            )
        )
        accuracy = reference_table(self.table, results, outcome=outcome, weights=weights)
        if accuracy:
            yield table_block(accuracy)
            if self.summary.reference:
                yield text_block(CAVEAT)
        consensus = consensus_table(self.table, results, outcome=outcome, weights=weights)
        if consensus:
            yield table_block(consensus)
        if tests := list(additional_statistics.tests_across_pairs(self.further)):
            yield {"kind": "list", "items": tests}

    def _confusion(self) -> Iterator[Block]:
        pair = self._weakest_pair()
        if pair is None:
            return
        drawings = [
            confusion_matrix(
                pair_of(self.table, self.outcome, arm, pair),
                readers=pair,
                labels=category_labels(self.outcome),
                arm=arm,
            )
            for arm in self.results.arms
        ]
        yield self.figures.block(
            "confusion",
            drawings,
            f"{outcome_name(self.outcome)}: cross-tabulation of the scores of {pair[0]} and "
            f"{pair[1]}, the pair of readers with the lowest mean kappa.",
        )

    def _totals(self) -> Iterator[Block]:
        yield table_block(agreement_tables.totals_table(self.results, shown=self.shown))
        yield table_block(additional_statistics.totals_of_all(self.further))
        contrasts = icc_contrast_table(
            self.table, self.results, seed=self.summary.seed, resamples=RESAMPLES
        )
        if contrasts:
            yield table_block(contrasts)
        pair = self._weakest_pair()
        by_arm = differences_of(self.table, self.results, pair) if pair else {}
        # Limits of agreement need at least two cases.
        by_arm = {arm: plot for arm, plot in by_arm.items() if len(plot.means) > 1}
        if pair and by_arm:
            reach = shared_reach(list(by_arm.values()))
            drawings = [
                bland_altman_plot(plot, readers=pair, arm=arm, reach=reach)
                for arm, plot in by_arm.items()
            ]
            counts = [len(plot.means) for plot in by_arm.values()]
            caption = captions.totals_caption(pair, arms=list(by_arm), items=counts)
            yield self.figures.block("totals", drawings, caption)

    def _aac8(self) -> Iterator[Block]:
        yield table_block(aac8_table(self.results, weights=self.weights))
        yield table_block(
            agreement_tables.totals_table(self.results, outcome="aac8", shown=self.shown)
        )

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
            drawing = time_plot(shown, arms=self.results.arms, compared=compared)
            # The first row is that of all readers together.
            scope = captions.shown_readers(len(shown) - 1, len(rows) - 1)
            yield self.figures.block("time", drawing, captions.time_caption(self.results) + scope)
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

    def _weakest_pair(self) -> tuple[str, str] | None:
        """Return the pair with the lowest mean kappa of the primary outcome over the arms."""
        lowest = pairs_by_kappa(self.results, outcome=self.outcome, weights=self.weights)
        return next(iter(lowest), None)
