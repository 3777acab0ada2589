"""Footnotes of the tables of agreement, and their column of the difference between arms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE
from studies.analytics.estimate import Estimate, Status
from studies.analytics.result import Result
from studies.analytics.results import Agreement, DegenerateKappa
from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    SOME_PAIRS,
    as_sentence,
    kappa_text,
    outcome_name,
)

NOT_READ = ("not read in this arm", "no difference because not read in both arms")
"""Why an estimate of an arm, and a difference between arms, are missing."""
MAX_NAMED_PAIRS = 4
"""A note lists up to this many pairs by name and counts them beyond it."""


def notes_of(results: Agreement, *, weights: str) -> Iterator[str]:
    """Yield a sentence for each outcome and reason for undefined or uninformative kappas."""
    affected: dict[tuple[str, str], list[DegenerateKappa]] = {}
    for kappa in results.degenerate_kappas(weights):
        affected.setdefault((kappa.outcome, kappa.note), []).append(kappa)
    count = sum(map(len, results.pairs.values()))
    for (outcome, note), kappas in affected.items():
        named = kappas if len(kappas) <= MAX_NAMED_PAIRS else []
        listed = ", ".join(
            " – ".join(kappa.readers) + (f" {kappa.arm}" if kappa.arm else "") for kappa in named
        )
        share = f"{len(kappas)} of {count} kappas"
        yield f"{outcome_name(outcome)}: {note} ({listed or share})."


def method_sentences(*kinds: Iterable[Result]) -> str:
    """Return the methods of the first result of each kind as sentences."""
    firsts = (next(iter(results), None) for results in kinds)
    texts = [first.estimate.method for first in firsts if first and first.estimate.method]
    return " ".join(f"{as_sentence(text)}." for text in texts)


def difference_header(results: Agreement) -> tuple[str, ...]:
    return ("Difference",) if results.compared else ()


def difference_estimates(
    results: Agreement, difference: Result | None
) -> tuple[Estimate | None, ...]:
    """Return the estimate in the column of the difference; none where there is no such column."""
    if not results.compared:
        return ()
    return (difference.estimate if difference else None,)


def difference_cells(estimates: Iterable[Estimate | None]) -> tuple[str, ...]:
    """Return the texts of `difference_estimates`."""
    return tuple(kappa_text(estimate, clip=DIFFERENCE_LIMIT) for estimate in estimates)


def patient_counts(
    kappas: Sequence[Estimate | None], differences: Sequence[Estimate | None]
) -> str:
    """Return the patients of kappas and of their difference, as one number if they are equal."""
    counts = [str(one.n) if one else NO_VALUE for one in (*kappas, *differences)]
    known = set(counts) - {NO_VALUE}
    return known.pop() if len(known) == 1 else " / ".join(counts)


def counts_caption(rows: Sequence[tuple[str, ...]], results: Agreement) -> str:
    """Return what several numbers of patients in the second column of rows refer to, or ""."""
    if not any("/" in row[1] for row in rows):
        return ""
    names = [arm.lower() if arm else "all readings" for arm in results.arms]
    text = f" Patients: where the numbers differ, those of the kappas ({' / '.join(names)})"
    if results.compared:
        text += " and of the difference, which counts patients read in both arms"
    return f"{text}."


def footnote(
    estimates: Sequence[Estimate | None],
    results: Agreement,
    *,
    absent: tuple[str, str] = NOT_READ,
) -> str:
    """Return the footnote: the marks used in the table, and why a difference is missing.

    Parameters
    ----------
    estimates
        The kappas and differences that the table shows; None for a cell without one.
    results
        The results of the study.
    absent
        Why the estimate of an arm, and the difference between arms, are missing.
    """
    present = [estimate for estimate in estimates if estimate is not None]
    defined = [estimate for estimate in present if estimate.value is not None]
    parts = [results.not_compared] if results.not_compared else []
    if len(present) < len(estimates):
        in_arm, between_arms = absent
        difference = f", or {between_arms}" if results.compared else ""
        parts.append(f"{NO_VALUE}: {in_arm}{difference}.")
    if len(defined) < len(present):
        parts.append("Undefined: the reasons are listed separately.")
    if any(estimate.status.is_degenerate for estimate in defined):
        parts.append(f"One score only: {ONE_SCORE_NOTE}.")
    if any(estimate.status is Status.SOME_PAIRS for estimate in defined):
        parts.append(
            f"{SOME_PAIRS} The mean includes pairs in which a reader used one score only (kappa "
            "0), or excludes pairs whose kappa is undefined."
        )
    return " ".join(parts)
