"""Sections of a report about the agreement between readers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from studies.analytics.coefficients.kappa import weights_named
from studies.analytics.outcomes import category_labels
from studies.analytics.ratings import pair_of
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document import additional_statistics, captions
from studies.reports.document.blocks import Block, Figures, table_block
from studies.reports.document.bootstrap.intervals import (
    RESAMPLES,
    WITH_CONTRASTS,
    Interval,
    bootstrap_intervals,
)
from studies.reports.document.formatting import outcome_name
from studies.reports.document.methods.reference import reference_caveat
from studies.reports.document.plots.bland_altman import (
    bland_altman_plot,
    differences_of,
    shared_reach,
)
from studies.reports.document.plots.forest import (
    forest_plot,
    outcome_rows,
    pair_rows,
    pairs_by_kappa,
)
from studies.reports.document.plots.matrices import confusion_matrix, kappa_matrix
from studies.reports.document.plots.spine import spine_panels, spine_plot
from studies.reports.document.plots.style import plotted_arms
from studies.reports.document.shown_pairs import lowest_pairs
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables import agreement_tables
from studies.reports.document.tables.aac8_table import aac8_table
from studies.reports.document.tables.bootstrap_table import bootstrap_table
from studies.reports.document.tables.contrast_table import contrast_table, icc_contrast_table
from studies.reports.document.tables.intrareader_tables import intrareader_tables
from studies.reports.document.tables.reference_tables import consensus_table, reference_table


class AgreementSections:
    """Sections about the agreement of one data snapshot.

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
            statistics=WITH_CONTRASTS,
        )

    def first_figure(self) -> Iterator[Block]:
        """Yield the figure of the first page: kappa of the primary outcome by pair."""
        rows = pair_rows(self.results, outcome=self.outcome, weights=self.weights)
        yield self.figures.block(
            "pairs",
            forest_plot(
                rows,
                arms=plotted_arms(self.results.arms, self.results.compared),
                weights=self.weights,
            ),
            captions.pairs_caption(self.results, outcome=self.outcome, weights=self.weights),
        )

    def by_outcome(self) -> Iterator[Block]:
        """Yield kappa by outcome, level and wall, with the contrasts of three or more arms."""
        results, outcome, weights = self.results, self.outcome, self.weights
        rows = outcome_rows(results, weights=weights, primary=outcome)
        yield self.figures.block(
            "outcomes",
            forest_plot(rows, arms=plotted_arms(results.arms, results.compared), weights=weights),
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
        contrasts = contrast_table(
            results, outcome=outcome, weights=weights, intervals=self.intervals
        )
        if contrasts:
            yield table_block(contrasts)
        yield table_block(agreement_tables.weights_table(results, outcome=outcome))
        yield table_block(
            additional_statistics.coefficient_table(self.further, outcome=outcome, weights=weights)
        )

    def by_pair(self) -> Iterator[Block]:
        """Yield kappa by pair of readers, bootstrap intervals, and agreement with the reference."""
        results, outcome, weights = self.results, self.outcome, self.weights
        yield table_block(
            agreement_tables.pair_table(
                results, outcome=outcome, weights=weights, shown=self.shown
            ),
            "pair-table",
        )
        arms = plotted_arms(results.arms, results.compared)
        below, above = arms[0], arms[-1]
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
        accuracy = reference_table(
            self.table,
            results,
            outcome=outcome,
            weights=weights,
            note=reference_caveat(self.summary),
        )
        if accuracy:
            yield table_block(accuracy)
        consensus = consensus_table(self.table, results, outcome=outcome, weights=weights)
        if consensus:
            yield table_block(consensus)
        if tests := list(additional_statistics.tests_across_pairs(self.further)):
            yield {"kind": "list", "items": tests}

    def intrareader(self) -> Iterator[Block]:
        """Yield the agreement of hidden repeats with first readings."""
        tables = intrareader_tables(self.further, outcome=self.outcome, weights=self.weights)
        for number, one in enumerate(tables):
            yield table_block(one, "" if number else "intrareader-table")

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
            if pair in self.results.pairs[arm]
        ]
        yield self.figures.block(
            "confusion",
            drawings,
            f"{outcome_name(self.outcome)}: cross-tabulation of the scores of {pair[0]} and "
            f"{pair[1]}, the pair of readers with the lowest mean kappa.",
        )

    def totals(self) -> Iterator[Block]:
        """Yield the agreement of AAC-24 totals."""
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

    def aac8(self) -> Iterator[Block]:
        """Yield the agreement of AAC-8 scores."""
        yield table_block(aac8_table(self.results, weights=self.weights))
        yield table_block(
            agreement_tables.totals_table(self.results, outcome="aac8", shown=self.shown)
        )

    def _weakest_pair(self) -> tuple[str, str] | None:
        """Return the pair with the lowest mean kappa of the primary outcome over the arms."""
        lowest = pairs_by_kappa(self.results, outcome=self.outcome, weights=self.weights)
        return next(iter(lowest), None)
