"""The statistics of a study as one JSON document, written piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from studies.analytics.results import Agreement, Block, Deferred, Result
from studies.analytics.study.agreement import agreement
from studies.analytics.study.level_shifts import LEVEL_SHIFT_STATISTICS, MARGIN_STATISTICS
from studies.errors import StudyError
from studies.reports.document.tables.agreement_tables import pairs_of
from studies.reports.snapshot import Cut, expected_comparison

ALL: Final = "all"
MOST_PAIRS: Final = 66
"""With more pairs of readers, all their statistics are written only when asked for: 66 pairs, those
of 12 readers, fill about 24 MB."""
PIECE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Selection:
    """Which statistics a document has.

    Parameters
    ----------
    outcomes
        The outcomes with every statistic of every pair; all outcomes where None.
    summary
        Instead, the statistics of the agreement page: those of all readers together, and those of
        the pairs in the primary outcome alone.
    """

    outcomes: tuple[str, ...] | None = None
    summary: bool = False


def selection_from(text: str, cut: Cut) -> Selection:
    """Return the selection that ``outcomes`` of an address asks for; raises StudyError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        return Selection(summary=len(pairs_of(cut.found)) > MOST_PAIRS)
    if names == [ALL]:
        return Selection()
    known = cut.table.outcomes
    if unknown := [name for name in names if name not in known]:
        raise StudyError(
            "outcome_unknown",
            f"There is no outcome {', '.join(unknown)}. Choose from {', '.join(known)}, or {ALL}.",
        )
    return Selection(tuple(name for name in known if name in names))


def statistics_pieces(cut: Cut, selection: Selection) -> Iterator[bytes]:
    """Yield the facts of the cut, then its records, in pieces of about 64 kB.

    The records of pairs are made as they are written and not kept, so that the memory needed does
    not grow with the document.
    """
    found = cut.found if selection.summary else _in_full(cut, selection)
    facts = {
        "study": cut.facts.slug,
        "data_cut": cut.facts.data_cut.isoformat(),
        "data_hash": cut.facts.data_hash,
        "app_version": cut.facts.app_version,
        "simulated": cut.facts.simulated,
        "bootstrap_seed": cut.facts.seed,
        "selection": "summary" if selection.summary else "full",
        "outcomes": list(selection.outcomes or cut.table.outcomes),
        "warnings": list(found.warnings),
    }
    results = _results(found, cut.facts.outcome, selection)
    piece = [json.dumps(facts)[:-1] + ', "results": [']
    size, mark = 0, ""
    for result in results:
        text = mark + json.dumps(result.record(), allow_nan=False)
        piece.append(text)
        size, mark = size + len(text), ", "
        if size >= PIECE_BYTES:
            yield "".join(piece).encode()
            piece, size = [], 0
    yield "".join([*piece, "]}"]).encode()


def _results(found: Agreement, primary: str, selection: Selection) -> Iterator[Result]:
    """Yield the results of a selection; of the summary, those of pairs in one outcome alone."""
    chosen = (primary,) if selection.summary else selection.outcomes
    for block in found.blocks:
        outcome = _outcome_of(block)
        if chosen is None or outcome is None or outcome in chosen:
            yield from block


def _outcome_of(block: Block) -> str | None:
    """Return the one outcome of a block, None where its results are of several, or few."""
    if block.where is not None:
        return block.where[0]
    of_one = {MARGIN_STATISTICS: "aac_group", LEVEL_SHIFT_STATISTICS: "cells"}
    return of_one.get(frozenset(block.statistics)) if isinstance(block, Deferred) else None


def _in_full(cut: Cut, selection: Selection) -> Agreement:
    options: dict[str, Any] = {"compare": expected_comparison(cut.facts), "detail": True}
    return agreement(cut.table, outcomes=selection.outcomes, **options)
