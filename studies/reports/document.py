"""The report as PDF: the same study, readings and version give the same bytes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

import typst

from studies.analytics.continuous import bland_altman
from studies.analytics.ratings import pair_of
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable, category_labels
from studies.reports import further, study_tables, tables
from studies.reports.facts import StudyFacts
from studies.reports.grras import GRRAS
from studies.reports.methods import methods
from studies.reports.plots.bland_altman import bland_altman_plot
from studies.reports.plots.forest import forest_plot, outcome_rows, pair_rows
from studies.reports.plots.matrices import confusion_matrix, kappa_matrix
from studies.reports.summary import answer
from studies.reports.wording import arm_name, kappa_name, outcome_name, unbroken, when

TEMPLATE = Path(__file__).with_name("report.typ")

Block = dict[str, Any]
Progress = Callable[[int, int], None]


def make_report(
    facts: StudyFacts,
    table: ReadingTable,
    found: Agreement,
    *,
    progress: Progress | None = None,
) -> bytes:
    """Return the report as PDF bytes; ``progress`` is told (steps done, steps in all)."""
    pages = compile_report(facts, table, found, progress=progress)
    return pages[0]


def compile_report(
    facts: StudyFacts,
    table: ReadingTable,
    found: Agreement,
    *,
    form: Literal["pdf", "png"] = "pdf",
    progress: Progress | None = None,
) -> list[bytes]:
    """Return the report as one PDF, or as one PNG a page."""
    with tempfile.TemporaryDirectory(prefix="verteread-report-") as name:
        folder = Path(name)
        writer = _Writer(facts, table, found, folder, progress)
        (folder / "report.json").write_text(json.dumps(writer.content()), encoding="utf-8")
        (folder / "report.typ").write_bytes(TEMPLATE.read_bytes())
        made = typst.compile(
            folder / "report.typ",
            root=folder,
            format=form,
            ppi=110,
            ignore_system_fonts=True,
            timestamp=facts.data_cut.astimezone(UTC).replace(microsecond=0),
        )
    if isinstance(made, list):
        return made
    return [made] if made is not None else []


class _Writer:
    """Puts the report together: sections of texts, tables and figures, figures as SVG files."""

    STEPS = 6

    def __init__(
        self,
        facts: StudyFacts,
        table: ReadingTable,
        found: Agreement,
        folder: Path,
        progress: Progress | None,
    ) -> None:
        self.facts, self.table, self.found = facts, table, found
        self.folder, self.progress, self.done = folder, progress, 0
        self.every = further.further_statistics(facts, table, found)

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
                    ("people", "Cases and readers", self._flow()),
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
                f"· {facts.data_hash[:12]}"
            ),
        }

    def _first_figure(self) -> Iterator[Block]:
        facts = self.facts
        rows = pair_rows(self.found, outcome=facts.outcome, weights=facts.weights)
        name = outcome_name(facts.outcome)
        yield self._figure(
            "pairs.svg",
            forest_plot(rows, arms=self.found.arms, weights=facts.weights),
            f"{name}: Cohen’s {kappa_name(facts.weights)} of every pair of readers in each arm, "
            "and the difference, with 95 % confidence intervals clustered by patient.",
        )

    def _flow(self) -> Iterator[Block]:
        yield {"kind": "flow", **study_tables.flow(self.facts, self.table)}
        yield _table(study_tables.reader_table(self.facts, self.table))

    def _methods(self) -> Iterator[Block]:
        for title, text in methods(self.facts, self.table, self.found):
            yield {"kind": "paragraph", "title": title, "text": text}

    def _by_outcome(self) -> Iterator[Block]:
        facts = self.facts
        rows = outcome_rows(self.found, weights=facts.weights, primary=facts.outcome)
        yield self._figure(
            "outcomes.svg",
            forest_plot(rows, arms=self.found.arms, weights=facts.weights),
            f"Mean {kappa_name(facts.weights)} over pairs of readers by outcome. Kappas of scales "
            "of different length are not comparable with one another; arms of one row are.",
        )
        found = self.found
        yield _table(tables.outcome_table(found, weights=facts.weights, primary=facts.outcome))
        yield _table(tables.weights_table(found, outcome=facts.outcome))
        every = self.every
        yield _table(further.coefficient_table(every, outcome=facts.outcome, weights=facts.weights))

    def _by_pair(self) -> Iterator[Block]:
        facts, found = self.facts, self.found
        yield _table(tables.pair_table(found, outcome=facts.outcome, weights=facts.weights))
        below, above = found.arms[0], found.arms[min(1, len(found.arms) - 1)]
        if found.pairs[below] and found.pairs[above]:
            matrix = kappa_matrix(
                found, outcome=facts.outcome, weights=facts.weights, below=below, above=above
            )
            caption = (
                f"{outcome_name(facts.outcome)}: {kappa_name(facts.weights)} of every two readers."
            )
            yield self._figure("matrix.svg", matrix, caption)
        yield from self._confusions()

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
        yield self._figure(
            "confusion.svg",
            drawn,
            f"{outcome_name(outcome)}: scores of {pair[0]} against those of {pair[1]}, the pair "
            "with the lowest mean kappa.",
        )

    def _totals(self) -> Iterator[Block]:
        yield _table(tables.totals_table(self.found))
        yield _table(further.totals_of_all(self.every))
        pair = self._weakest_pair()
        for arm in self.found.arms if pair else ():
            assert pair is not None
            items = pair_of(self.table, "aac24", arm, pair)
            if len(items) < 2:
                continue
            drawn = bland_altman_plot(
                bland_altman(items.first, items.second), readers=pair, arm=arm
            )
            yield self._figure(
                f"bland-altman-{self.found.arms.index(arm)}.svg",
                drawn,
                f"AAC-24 total of {pair[0]} and {pair[1]}, {arm_name(arm).lower()}: "
                "differences against means; bias and limits of agreement with 95 % confidence "
                "intervals (bands). Larger discs are several cases.",
            )

    def _missing(self) -> Iterator[Block]:
        yield _table(study_tables.readability_table(self.table))
        yield _table(tables.pair_table(self.found, outcome="readable", weights="none"))

    def _relevance(self) -> Iterator[Block]:
        yield {"kind": "list", "items": list(further.relevance(self.every))}

    def _time(self) -> Iterator[Block]:
        yield _table(study_tables.time_table(self.table))
        if said := list(further.order_and_time(self.every)):
            yield {"kind": "list", "items": said}

    def _checklist(self) -> Iterator[Block]:
        yield _text(
            "Guidelines for Reporting Reliability and Agreement Studies (Kottner et al. 2011): "
            "where this report answers each of the 15 items."
        )
        items = [asdict(item) for item in GRRAS]
        yield {"kind": "checklist", "items": items}

    def _deviations(self) -> Iterator[Block]:
        looks = self.facts.interim_looks
        if looks:
            rows = tuple((when(look.at), look.by, look.reason) for look in looks)
            header = ("When", "Who", "Why")
            yield _table(
                tables.TextTable("Looks", "Looks at the scores before the lock.", header, rows, 3)
            )
        else:
            yield _text("No look at the scores before the lock is on record.")
        for warning in self.found.warnings:
            yield _text(warning)
        for sentence in further.level_suspects(self.every):
            yield _text(sentence)
        notes = list(tables.notes_of(self.found, weights=self.facts.weights))
        if notes:
            yield _text("Kappas that are undefined or say nothing:")
            yield {"kind": "list", "items": notes}

    def _provenance(self) -> Iterator[Block]:
        facts = self.facts
        rows = [
            ("Study", f"{facts.name} ({facts.slug})"),
            ("Data cut", when(facts.data_cut)),
            ("Seed of the lists", str(facts.seed)),
            ("SHA-256 of the tidy CSV", facts.data_hash),
            ("VerteRead", facts.app_version),
        ]
        rows += [("Network", f"{m.name}, {m.checksum}: {m.training_note}") for m in facts.models]
        yield _table(
            tables.TextTable(
                "Provenance", "What this report was made from.", ("", ""), tuple(rows), 2
            )
        )

    def _weakest_pair(self) -> tuple[str, str] | None:
        """Return the pair with the lowest mean kappa of the primary outcome over the arms."""
        sums: dict[tuple[str, str], list[float]] = {}
        for result in self.found.find(
            "cohen_kappa", outcome=self.facts.outcome, weights=self.facts.weights
        ):
            if result.estimate.value is not None:
                pair = (result.readers[0], result.readers[1])
                sums.setdefault(pair, []).append(result.estimate.value)
        if not sums:
            return None
        return min(sums, key=lambda pair: (sum(sums[pair]) / len(sums[pair]), pair))

    def _figure(self, name: str, svg: bytes | list[bytes], caption: str) -> Block:
        """Write one drawing, or several that stand side by side, and return the figure."""
        drawings = [svg] if isinstance(svg, bytes) else svg
        files = [f"{place}-{name}" for place in range(len(drawings))]
        for file, drawing in zip(files, drawings, strict=True):
            (self.folder / file).write_bytes(drawing)
        self.done += 1
        if self.progress:
            self.progress(min(self.done, self.STEPS), self.STEPS)
        return {"kind": "figure", "files": files, "caption": caption}


def _table(table: tables.TextTable) -> Block:
    return {"kind": "table", **asdict(table)}


def _text(text: str) -> Block:
    return {"kind": "paragraph", "title": "", "text": text}
