"""The report as a document: sections of texts, tables and figures, for PDF and HTML alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from studies.analytics.coefficients.kappa import WEIGHTS, Weights
from studies.analytics.ratings import pair_of
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable, category_labels
from studies.reports.bootstrap_intervals import RESAMPLES, Interval, bootstrap_intervals
from studies.reports.document import additional_statistics, captions
from studies.reports.document.blocks import Block, Figures, Progress, table_block, text_block
from studies.reports.document.formatting import outcome_name, unbroken, when
from studies.reports.document.grras import GRRAS
from studies.reports.document.methods import methods
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
from studies.reports.document.plots.reading_time import longest_rows, time_plot, time_rows
from studies.reports.document.plots.spine import spine_panels, spine_plot
from studies.reports.document.shown_pairs import lowest_pairs
from studies.reports.document.study_summary import StudyFacts
from studies.reports.document.summary import answer
from studies.reports.document.tables import agreement_tables, case_tables, study_tables
from studies.reports.document.tables.bootstrap_table import bootstrap_table
from studies.reports.document.tables.reference_tables import truth_table
from studies.reports.files.pair_csv import pair_csv

FIGURES = 7


@dataclass(frozen=True)
class Document:
    """What a report says, and its drawings as SVG by the names that the content gives them.

    ``pairs`` is the CSV of every pair of readers.
    """

    content: dict[str, Any]
    drawings: dict[str, bytes]
    at: datetime
    pairs: bytes


def make_document(
    facts: StudyFacts,
    table: ReadingTable,
    found: Agreement,
    *,
    progress: Progress | None = None,
) -> Document:
    """Return the report of a cut; ``progress`` is told (figures done, figures in all)."""
    figures = Figures(FIGURES, progress)
    writer = _Writer(facts, table, found, figures)
    content = writer.content()
    return Document(content, figures.drawings, facts.data_cut, writer.pairs())


class _Writer:
    """Puts the document together."""

    def __init__(
        self, facts: StudyFacts, table: ReadingTable, found: Agreement, figures: Figures
    ) -> None:
        self.facts, self.table, self.found = facts, table, found
        self.figures = figures
        self.every = additional_statistics.further_statistics(facts, table, found)
        self.shown = lowest_pairs(found, outcome=facts.outcome, weights=facts.weights)

    @cached_property
    def intervals(self) -> list[Interval]:
        facts = self.facts
        return bootstrap_intervals(
            self.table,
            self.found,
            outcome=facts.outcome,
            weights=_weights(facts.weights),
            seed=facts.seed,
        )

    def pairs(self) -> bytes:
        facts = self.facts
        return pair_csv(self.found, self.intervals, outcome=facts.outcome, weights=facts.weights)

    def content(self) -> dict[str, Any]:
        facts = self.facts
        said = answer(self.table, self.found, outcome=facts.outcome, weights=facts.weights)
        return {
            "title": (
                "Agreement between readers of abdominal aortic calcification"
                + (" with and without intervertebral guides" if len(facts.arms) > 1 else "")
            ),
            "study": facts.name,
            "description": facts.description,
            "simulated": facts.simulated,
            "locked": facts.locked_at is not None,
            "answer": unbroken(said.sentence),
            "caution": said.caution,
            "key_facts": list(study_tables.key_facts(facts, self.table)),
            "first": list(self._first_figure()),
            "sections": [
                {"key": key, "heading": heading, "blocks": list(blocks)}
                for key, heading, blocks in (
                    ("people", "Cases and readers", self._people()),
                    ("methods", "Methods", self._methods()),
                    ("outcomes", "Agreement by outcome", self._by_outcome()),
                    ("pairs", "Agreement of each pair", self._by_pair()),
                    ("totals", "Totals", self._totals()),
                    ("relevance", "What the numbers mean", self._relevance()),
                    ("missing", "Missing data and readability", self._missing()),
                    ("time", "Time and order", self._time()),
                    ("deviations", "Deviations and looks before the lock", self._deviations()),
                    ("provenance", "Where the numbers come from", self._provenance()),
                    ("grras", "GRRAS checklist", self._checklist()),
                )
            ],
            "stamp": (
                f"{facts.slug} · data cut {when(facts.data_cut)} · VerteRead {facts.app_version} "
                f"· seed {facts.seed} · {facts.data_hash[:12]}"
            ),
        }

    def _first_figure(self) -> Iterator[Block]:
        facts = self.facts
        rows = pair_rows(self.found, outcome=facts.outcome, weights=facts.weights)
        yield self.figures.block(
            "pairs",
            forest_plot(rows, arms=self.found.arms, weights=facts.weights),
            captions.pairs_caption(self.found, outcome=facts.outcome, weights=facts.weights),
        )

    def _people(self) -> Iterator[Block]:
        yield {"kind": "flow", **study_tables.flow(self.facts, self.table)}
        yield table_block(study_tables.reader_table(self.facts, self.table))
        yield table_block(case_tables.case_table(self.facts, self.table))
        yield table_block(case_tables.burden_table(self.table))

    def _methods(self) -> Iterator[Block]:
        for title, text in methods(self.facts, self.table, self.found):
            yield {"kind": "paragraph", "title": title, "text": text}

    def _by_outcome(self) -> Iterator[Block]:
        facts = self.facts
        rows = outcome_rows(self.found, weights=facts.weights, primary=facts.outcome)
        yield self.figures.block(
            "outcomes",
            forest_plot(rows, arms=self.found.arms, weights=facts.weights),
            captions.outcomes_caption(facts.weights),
        )
        yield self.figures.block(
            "spine",
            spine_plot(spine_panels(self.found, weights=facts.weights)),
            captions.spine_caption(self.found, weights=facts.weights),
        )
        found = self.found
        yield table_block(
            agreement_tables.outcome_table(found, weights=facts.weights, primary=facts.outcome)
        )
        yield table_block(agreement_tables.weights_table(found, outcome=facts.outcome))
        every = self.every
        yield table_block(
            additional_statistics.coefficient_table(
                every, outcome=facts.outcome, weights=facts.weights
            )
        )

    def _by_pair(self) -> Iterator[Block]:
        facts, found = self.facts, self.found
        outcome, weights = facts.outcome, facts.weights
        yield table_block(
            agreement_tables.pair_table(found, outcome=outcome, weights=weights, shown=self.shown)
        )
        below, above = found.arms[0], found.arms[min(1, len(found.arms) - 1)]
        if found.pairs[below] and found.pairs[above]:
            matrix = kappa_matrix(
                found, outcome=facts.outcome, weights=facts.weights, below=below, above=above
            )
            caption = captions.matrix_caption(found, outcome=facts.outcome, weights=facts.weights)
            yield self.figures.block("matrix", matrix, caption)
        yield from self._confusions()
        yield table_block(self._bootstrap())
        against = truth_table(
            self.table, found, outcome=facts.outcome, weights=_weights(facts.weights)
        )
        if against:
            yield table_block(against)

    def _bootstrap(self) -> agreement_tables.TextTable:
        facts = self.facts
        return bootstrap_table(
            self.intervals,
            outcome=facts.outcome,
            weights=facts.weights,
            seed=facts.seed,
            resamples=RESAMPLES,
            shown=self.shown,
        )

    def _confusions(self) -> Iterator[Block]:
        pair = self._weakest_pair()
        if pair is None:
            return
        outcome = self.facts.outcome
        drawn = [
            confusion_matrix(
                pair_of(self.table, outcome, arm, pair),
                readers=pair,
                labels=category_labels(outcome),
                arm=arm,
            )
            for arm in self.found.arms
        ]
        yield self.figures.block(
            "confusion",
            drawn,
            f"{outcome_name(outcome)}: scores of {pair[0]} against those of {pair[1]}, the pair "
            "with the lowest mean kappa.",
        )

    def _totals(self) -> Iterator[Block]:
        yield table_block(agreement_tables.totals_table(self.found, shown=self.shown))
        yield table_block(additional_statistics.totals_of_all(self.every))
        pair = self._weakest_pair()
        compared = differences_of(self.table, self.found, pair) if pair else {}
        compared = {arm: each for arm, each in compared.items() if len(each.means) > 1}
        if pair and compared:
            reach = shared_reach(list(compared.values()))
            drawn = [
                bland_altman_plot(each, readers=pair, arm=arm, reach=reach)
                for arm, each in compared.items()
            ]
            counts = [len(each.means) for each in compared.values()]
            caption = captions.totals_caption(pair, arms=list(compared), items=counts)
            yield self.figures.block("totals", drawn, caption)

    def _missing(self) -> Iterator[Block]:
        yield table_block(case_tables.missing_table(self.table))
        yield table_block(study_tables.readability_table(self.table))
        low = lowest_pairs(self.found, outcome="readable", weights="none")
        yield table_block(
            agreement_tables.pair_table(self.found, outcome="readable", weights="none", shown=low)
        )

    def _relevance(self) -> Iterator[Block]:
        yield {"kind": "list", "items": list(additional_statistics.relevance(self.every))}

    def _time(self) -> Iterator[Block]:
        compared = self.found.compared
        if rows := time_rows(self.table, compared):
            shown = longest_rows(rows)
            drawn = time_plot(shown, arms=self.found.arms, compared=compared)
            which = captions.shown_readers(len(shown) - 1, len(rows) - 1)
            yield self.figures.block("time", drawn, captions.time_caption(self.found) + which)
        yield table_block(study_tables.time_table(self.table, compared))
        if said := list(additional_statistics.order_and_time(self.every)):
            yield {"kind": "list", "items": said}

    def _checklist(self) -> Iterator[Block]:
        yield text_block(
            "Guidelines for Reporting Reliability and Agreement Studies (Kottner et al. 2011): "
            "where this report answers each of the 15 items."
        )
        items = [asdict(item) for item in GRRAS]
        yield {"kind": "checklist", "items": items}

    def _deviations(self) -> Iterator[Block]:
        facts = self.facts
        if facts.interim_looks:
            yield table_block(study_tables.looks_table(facts))
        else:
            yield text_block("No look at the scores before the lock is on record.")
        said = [
            *study_tables.deviations(facts),
            *self.found.warnings,
            *additional_statistics.level_suspects(self.every),
        ]
        yield {"kind": "list", "items": said}
        if facts.reopenings:
            yield table_block(study_tables.reopenings_table(facts))
        notes = list(agreement_tables.notes_of(self.found, weights=facts.weights))
        if notes:
            yield text_block("Kappas that are undefined or say nothing:")
            yield {"kind": "list", "items": notes}

    def _provenance(self) -> Iterator[Block]:
        facts = self.facts
        rows = [
            ("Study", f"{facts.name} ({facts.slug})"),
            ("Data cut", when(facts.data_cut)),
            ("Seed of lists and resamples", str(facts.seed)),
            ("SHA-256 of the tidy CSV", facts.data_hash),
            ("VerteRead", facts.app_version),
        ]
        rows += [("Network", f"{m.name}, {m.checksum}: {m.training_note}") for m in facts.models]
        yield table_block(
            agreement_tables.TextTable(
                "Provenance", "What this report was made from.", ("", ""), tuple(rows), 2
            )
        )

    def _weakest_pair(self) -> tuple[str, str] | None:
        """Return the pair with the lowest mean kappa of the primary outcome over the arms."""
        facts = self.facts
        lowest = pairs_by_kappa(self.found, outcome=facts.outcome, weights=facts.weights)
        return next(iter(lowest), None)


def _weights(name: str) -> Weights:
    return next(each for each in WEIGHTS if each == name)
