"""All statistics of a study as one JSON document, streamed in pieces.

Each record is on a separate line, so that scripts without a JSON parser can read the file, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from studies.analytics.result import Result
from studies.analytics.results import Agreement, Block, Deferred
from studies.analytics.study.agreement import agreement
from studies.analytics.study.level_shifts import LEVEL_SHIFT_STATISTICS, MARGIN_STATISTICS
from studies.analytics.table import ReadingTable
from studies.errors import StudyError
from studies.reports.document.finding.headline import headline
from studies.reports.document.summary.study import StudySummary, expected_comparison
from studies.reports.document.tables.agreement_tables import pairs_of
from studies.reports.files.conduct import conduct_record
from studies.reports.files.reference import reference_record

ALL: Final = "all"
MAX_PAIRS: Final = 66
"""With more pairs of readers, all their statistics are written on request only: 66 pairs (12
readers) take about 24 MB."""
PIECE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class StatisticsScope:
    """Extent of a document of statistics.

    Parameters
    ----------
    outcomes
        Outcomes with every statistic of every pair; None for all outcomes.
    summary
        Only the statistics of the agreement page: those of all readers together, and those of
        pairs for the primary outcome.
    """

    outcomes: tuple[str, ...] | None = None
    summary: bool = False


def parse_scope(text: str, table: ReadingTable, results: Agreement) -> StatisticsScope:
    """Return the scope that the query parameter ``outcomes`` describes.

    Raises StudyError if it names an unknown outcome.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        return StatisticsScope(summary=len(pairs_of(results)) > MAX_PAIRS)
    if names == [ALL]:
        return StatisticsScope()
    known = table.outcomes
    if unknown := [name for name in names if name not in known]:
        raise StudyError(
            "outcome_unknown",
            f"Unknown outcome: {', '.join(unknown)}. Use {', '.join(known)}, or {ALL}.",
        )
    return StatisticsScope(tuple(name for name in known if name in names))


def statistics_pieces(
    summary: StudySummary, table: ReadingTable, results: Agreement, scope: StatisticsScope
) -> Iterator[bytes]:
    """Yield the document in pieces of about 64 kB: metadata with the headline, then the results.

    Records of pairs are computed as they are written, so that the memory needed does not grow
    with the document.
    """
    statistics = results if scope.summary else _all_statistics(summary, table, scope)
    metadata = {
        "study": summary.slug,
        "snapshot_at": summary.snapshot_at.isoformat(),
        "data_hash": summary.data_hash,
        "app_version": summary.app_version,
        "simulated": summary.simulated,
        "bootstrap_seed": summary.seed,
        "group_limits": list(summary.group_limits),
        "primary_outcome": summary.outcome,
        "primary_weights": summary.weights,
        "primary_interval": summary.primary_interval,
        "answer": headline(
            summary, table, results, outcome=summary.outcome, weights=summary.weights
        ).record(),
        "compared": list(expected_comparison(summary) or ()),
        "selection": "summary" if scope.summary else "full",
        "outcomes": list(scope.outcomes or table.outcomes),
        "warnings": list(statistics.warnings),
        "conduct": conduct_record(summary),
        "reference_standard": reference_record(summary),
    }
    # The closing brace of the metadata is removed, to continue the object with the results.
    piece = [json.dumps(metadata)[:-1] + ', "results": [\n']
    size, separator = 0, ""
    for result in _results(statistics, summary.outcome, scope):
        # NaN is not valid JSON, so an undefined value that was not replaced must raise an error.
        text = separator + json.dumps(result.record(), allow_nan=False)
        piece.append(text)
        size, separator = size + len(text), ",\n"
        if size >= PIECE_BYTES:
            yield "".join(piece).encode()
            piece, size = [], 0
    yield "".join([*piece, "\n]}\n"]).encode()


def _results(results: Agreement, primary: str, scope: StatisticsScope) -> Iterator[Result]:
    """Yield the results within a scope; a summary has pairs for the primary outcome only."""
    outcomes = (primary,) if scope.summary else scope.outcomes
    for block in results.blocks:
        outcome = _outcome_of(block)
        if outcomes is None or outcome is None or outcome in outcomes:
            yield from block


def _outcome_of(block: Block) -> str | None:
    """Return the outcome of a block; None if its results refer to several outcomes."""
    if block.where is not None:
        return block.where[0]
    of_one = {MARGIN_STATISTICS: "aac_group", LEVEL_SHIFT_STATISTICS: "cells"}
    return of_one.get(frozenset(block.statistics)) if isinstance(block, Deferred) else None


def _all_statistics(
    summary: StudySummary, table: ReadingTable, scope: StatisticsScope
) -> Agreement:
    options: dict[str, Any] = {"compare": expected_comparison(summary), "detail": True}
    return agreement(table, outcomes=scope.outcomes, **options)
