"""Footnotes of the tables of agreement, and their column of the difference between arms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    NO_VALUE,
    ONE_SCORE_ONLY,
    SOME_PAIRS,
    UNDEFINED,
    as_sentence,
    kappa_text,
    outcome_name,
)

MAX_NAMED_PAIRS = 4
"""A note lists up to this many pairs by name and counts them beyond it."""


def notes_of(results: Agreement, *, weights: str) -> Iterator[str]:
    """Yield a sentence for each outcome and reason for undefined or uninformative kappas."""
    affected: dict[tuple[str, str], list[str]] = {}
    for result in results.degenerate_kappas(weights):
        name = " – ".join(result.readers) + (f" {result.arm}" if result.arm else "")
        affected.setdefault((result.outcome, result.estimate.note), []).append(name)
    count = sum(map(len, results.pairs.values()))
    for (outcome, note), names in affected.items():
        listed = ", ".join(names) if len(names) <= MAX_NAMED_PAIRS else ""
        share = f"{len(names)} of {count} kappas"
        yield f"{outcome_name(outcome)}: {note} ({listed or share})."


def method_sentences(*kinds: Iterable[Result]) -> str:
    """Return the methods of the first result of each kind as sentences."""
    firsts = (next(iter(results), None) for results in kinds)
    texts = [first.estimate.method for first in firsts if first and first.estimate.method]
    return " ".join(f"{as_sentence(text)}." for text in texts)


def difference_header(results: Agreement) -> tuple[str, ...]:
    return ("Difference",) if results.compared else ()


def difference_cell(results: Agreement, difference: Result | None) -> tuple[str, ...]:
    """Return the cell of the difference; no cell where the table has no such column."""
    if not results.compared:
        return ()
    return (kappa_text(difference.estimate if difference else None, clip=DIFFERENCE_LIMIT),)


def footnote(rows: Sequence[Sequence[str]], results: Agreement) -> str:
    """Return the footnote: the marks used in the table, and why a difference is missing."""
    texts = [text for row in rows for text in row]
    parts = [results.not_compared] if results.not_compared else []
    if results.compared and NO_VALUE in texts:
        parts.append(
            f"{NO_VALUE}: not read in this arm, or no difference because not read in both arms."
        )
    if UNDEFINED in texts:
        parts.append("Undefined: the reasons are listed separately.")
    if ONE_SCORE_ONLY in texts:
        parts.append(f"One score only: {ONE_SCORE_NOTE}.")
    if any(text.endswith(SOME_PAIRS) for text in texts):
        parts.append(
            f"{SOME_PAIRS} The mean includes pairs in which a reader used one score only (kappa "
            "0), or excludes pairs whose kappa is undefined."
        )
    return " ".join(parts)
