"""The report as a document: sections of text, tables and figures, for PDF and HTML alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studies.analytics.arms import arms_in_order
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.blocks import Figures, Progress
from studies.reports.document.checklist.coverage import fill_checklist
from studies.reports.document.finding.headline import headline
from studies.reports.document.formatting import as_sentence, unbroken, when
from studies.reports.document.pair_csv import pair_csv
from studies.reports.document.references import cite_references
from studies.reports.document.sections import Sections
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables import study_tables

EXPECTED_FIGURES = 8


@dataclass(frozen=True)
class Document:
    """A report before typesetting.

    Parameters
    ----------
    content
        Title, main finding and sections as JSON-compatible values.
    drawings
        SVG drawings by the file names that the content refers to.
    at
        Time of the data snapshot.
    pairs
        CSV file with the statistics of every pair of readers.
    """

    content: dict[str, Any]
    drawings: dict[str, bytes]
    at: datetime
    pairs: bytes


def make_document(
    summary: StudySummary,
    table: ReadingTable,
    results: Agreement,
    *,
    progress: Progress | None = None,
) -> Document:
    """Return the report of a data snapshot.

    Parameters
    ----------
    progress
        Called after each figure with the figures done and expected.
    """
    figures = Figures(EXPECTED_FIGURES, progress)
    sections = Sections(summary, table, results, figures)
    content = _content(summary, table, results, sections)
    # After the sections, which compute the bootstrap intervals that the CSV file repeats.
    pairs = pair_csv(results, sections.intervals, outcome=summary.outcome, weights=summary.weights)
    return Document(content, figures.drawings, summary.snapshot_at, pairs)


def _title(summary: StudySummary, keys: Collection[str]) -> str:
    """Return the title, which names the kinds of agreement in the sections with these keys."""
    kinds = "Interreader and intrareader" if "intrareader" in keys else "Interreader"
    return f"{kinds} agreement in scoring abdominal aortic calcification{_compared(summary)}"


def _compared(summary: StudySummary) -> str:
    """Return the end of the title: what the arms of the study compare."""
    if len(summary.arms) < 2:
        return ""
    if set(summary.arms) == {"unguided", "guided"}:
        return " with and without intervertebral guides"
    *others, last = (str(arm) for arm in arms_in_order(summary.arms))
    return f" by {', '.join(others)} and {last} reading"


def _content(
    summary: StudySummary, table: ReadingTable, results: Agreement, sections: Sections
) -> dict[str, Any]:
    answer = headline(
        summary,
        table,
        results,
        outcome=summary.outcome,
        weights=summary.weights,
        intervals=sections.intervals,
    )
    finding = answer.finding
    first = list(sections.first_figure())
    parts: list[dict[str, Any]] = [
        {"key": key, "heading": heading, "blocks": list(blocks)}
        for key, heading, blocks in sections.all()
    ]
    fill_checklist([first, *(part["blocks"] for part in parts)])
    references = cite_references([first, *(part["blocks"] for part in parts)])
    parts.append(
        {
            "key": "references",
            "heading": "References",
            "blocks": [{"kind": "references", "items": references}],
        }
    )
    return {
        "title": _title(summary, {part["key"] for part in parts}),
        "study": summary.name,
        "description": summary.description,
        "simulated": summary.simulated,
        "locked": summary.locked_at is not None,
        "main_finding": unbroken(finding.sentence),
        "caution": as_sentence(finding.caution),
        "interval": unbroken(answer.interval_text),
        "characteristics": list(study_tables.study_characteristics(summary, table)),
        "first": first,
        "sections": parts,
        "stamp": (
            f"{summary.slug} · data snapshot {when(summary.snapshot_at)} · VerteRead "
            f"{summary.app_version} · seed {summary.seed} · {summary.data_hash[:12]}"
        ),
    }
