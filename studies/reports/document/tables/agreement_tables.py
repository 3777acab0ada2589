"""Tables of agreement as text: every estimate with its confidence interval, n and weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE
from studies.analytics.results import Agreement, Result
from studies.analytics.scale import CELLS, LEVELS
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    NO_VALUE,
    ONE_SCORE_ONLY,
    SOME_PAIRS,
    UNDEFINED,
    arm_name,
    as_sentence,
    decimal,
    kappa_name,
    kappa_text,
    number_text,
    outcome_name,
    weights_name,
)
from studies.reports.document.shown_pairs import ShownPairs, every_pair

OUTCOME_ORDER = (
    "cells", *CELLS, *LEVELS, "posterior", "anterior", "aac24", "aac8", "aac_group", "readable",
)  # fmt: skip

MAX_NAMED_PAIRS = 4
"""A note lists up to this many pairs by name and counts them beyond it."""


@dataclass(frozen=True)
class TextTable:
    """A table ready for typesetting.

    Parameters
    ----------
    title
        Short title, used as a heading on the page.
    caption
        Understandable without the text: statistic, readers, weights, intervals.
    header, rows
        Texts; the first ``text_columns`` columns are left-aligned, the others hold numbers.
    strong
        Indices of the rows set in bold.
    note
        Footnote that explains marks and missing values.
    method
        Footnote on how the estimates were computed, from the results themselves.
    """

    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    strong: tuple[int, ...] = ()
    note: str = ""
    method: str = ""


def outcome_table(results: Agreement, *, weights: str, primary: str) -> TextTable:
    """Return mean pairwise kappa of every outcome: one column per arm, and the difference."""
    rows: list[tuple[str, ...]] = []
    strong: list[int] = []
    means = {
        (result.outcome, result.arm): result.estimate
        for result in results.find("light_kappa", weights=weights)
    }
    for outcome in OUTCOME_ORDER:
        arms = [means.get((outcome, arm)) for arm in results.arms]
        if not any(arms):
            continue
        if outcome == primary:
            strong.append(len(rows))
        patients = max(estimate.n for estimate in arms if estimate)
        difference = next(
            results.find("mean_kappa_difference", outcome=outcome, weights=weights), None
        )
        rows.append(
            (
                outcome_name(outcome),
                str(patients),
                *(kappa_text(estimate) for estimate in arms),
                *_difference_cell(results, difference),
            )
        )
    return TextTable(
        title="Agreement by outcome",
        caption=(
            f"Cohen’s {kappa_name(weights)} by outcome, mean over pairs of readers, with 95 % "
            "confidence intervals. Bold: outcome of the main finding."
        ),
        header=("Outcome", "Patients", *map(arm_name, results.arms), *_difference_header(results)),
        rows=tuple(rows),
        strong=tuple(strong),
        note=_note(rows, results),
        method=_methods(
            results.find("light_kappa", outcome=primary, weights=weights),
            results.find("mean_kappa_difference", outcome=primary, weights=weights),
        ),
    )


def pairs_of(results: Agreement) -> list[tuple[str, str]]:
    """Return the pairs of readers of all arms, sorted as text."""
    return list(every_pair(results).pairs)


def pair_table(
    results: Agreement,
    *,
    outcome: str,
    weights: str,
    pairs: Sequence[tuple[str, str]] | None = None,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Return n, kappa and exact agreement of pairs of readers in each arm, and the difference.

    Parameters
    ----------
    pairs
        Pairs to list, in this order; all pairs if neither this nor ``shown`` is given.
    shown
        Pairs to list, described in the caption.
    """
    rows = []
    for pair in _listed_pairs(results, pairs, shown):
        kappas, exact, items = [], [], []
        for arm in results.arms:
            kappa = results.get(
                "cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair
            )
            same = results.get("percent_agreement", outcome=outcome, arm=arm, readers=pair)
            items.append(str(kappa.estimate.n) if kappa else "0")
            kappas.append(kappa_text(kappa.estimate if kappa else None))
            share = same.estimate.value if same else None
            exact.append(NO_VALUE if share is None else f"{100 * share:.0f} %")
        difference = results.get(
            "kappa_difference",
            outcome=outcome,
            arm=results.difference_arm,
            weights=weights,
            readers=pair,
        )
        last = _difference_cell(results, difference)
        rows.append((" – ".join(pair), " / ".join(items), *kappas, *last, " / ".join(exact)))
    arms = " / ".join(arm_name(arm).lower() for arm in results.arms)
    kind = "cells" if outcome in ("cells", "readable") else "cases"
    return TextTable(
        title=(
            f"{'Pairs of readers' if not shown or shown.all_shown else 'Pairs with lowest kappa'}: "
            f"{outcome_name(outcome)}"
        ),
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of {_describe(pairs, shown)} with "
            f"95 % confidence intervals, and exact agreement. {kind.capitalize()}: number scored "
            f"by both readers ({arms})."
        ),
        header=(
            "Readers",
            kind.capitalize(),
            *map(arm_name, results.arms),
            *_difference_header(results),
            "Exact agreement",
        ),
        rows=tuple(rows),
        note=" ".join(filter(None, (shown.note if shown else "", _note(rows, results)))),
        method=_methods(
            results.find("cohen_kappa", outcome=outcome, weights=weights),
            results.find("kappa_difference", outcome=outcome, weights=weights),
            results.find("percent_agreement", outcome=outcome),
        ),
    )


def _listed_pairs(
    results: Agreement, pairs: Sequence[tuple[str, str]] | None, shown: ShownPairs | None
) -> Sequence[tuple[str, str]]:
    if shown is not None:
        return shown.pairs
    return every_pair(results).pairs if pairs is None else pairs


def _describe(pairs: Sequence[tuple[str, str]] | None, shown: ShownPairs | None) -> str:
    if shown is not None:
        return shown.description
    return "every pair of readers" if pairs is None else "pairs of readers"


def weights_table(results: Agreement, *, outcome: str) -> TextTable:
    """Return the mean pairwise kappa of one outcome, unweighted and with each set of weights."""
    rows = []
    for weights in ("none", "linear", "quadratic"):
        means = {
            result.arm: result.estimate
            for result in results.find("light_kappa", outcome=outcome, weights=weights)
        }
        if not means:
            continue
        difference = next(
            results.find("mean_kappa_difference", outcome=outcome, weights=weights), None
        )
        last = _difference_cell(results, difference)
        cells = (kappa_text(means.get(arm)) for arm in results.arms)
        patients = str(max(estimate.n for estimate in means.values()))
        rows.append((weights_name(weights).capitalize(), patients, *cells, *last))
    return TextTable(
        title="Agreement by kappa weights",
        caption=(
            f"{outcome_name(outcome)}: Cohen’s kappa by weighting scheme, mean over pairs of "
            "readers, with 95 % confidence intervals."
        ),
        header=("Weights", "Patients", *map(arm_name, results.arms), *_difference_header(results)),
        rows=tuple(rows),
        note=_note(rows, results),
        method=(
            "Mean of the pairwise Cohen’s kappas (Light 1971); each pair contributes the items "
            "that both of its readers scored."
        ),
    )


def totals_table(
    results: Agreement,
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Return bias, limits of agreement and ICC of AAC-24 totals: one row per pair and arm.

    ``pairs`` and ``shown`` are those of `pair_table`.
    """
    rows = []
    for pair in _listed_pairs(results, pairs, shown):
        for arm in results.arms:
            numbers = {
                name: results.get(name, outcome="aac24", arm=arm, readers=pair)
                for name in (
                    "bland_altman_bias", "bland_altman_lower", "bland_altman_upper", "icc_a_1",
                )
            }  # fmt: skip
            bias, lower, upper, icc = (
                result.estimate if result else None for result in numbers.values()
            )
            if bias is None or lower is None or upper is None:
                continue
            rows.append(
                (
                    " – ".join(pair),
                    arm_name(arm),
                    str(bias.n),
                    number_text(bias),
                    f"{decimal(lower.value)} to {decimal(upper.value)}",
                    number_text(icc),
                )
            )
    return TextTable(
        title="AAC-24 totals: bias, limits of agreement and ICC",
        caption=(
            f"AAC-24 total of {_describe(pairs, shown)}: bias (mean difference, first minus "
            "second reader) and ICC(A,1) with 95 % confidence intervals, and 95 % limits of "
            "agreement. Cases: number with a total by both readers."
        ),
        header=(
            "Readers",
            "Arm",
            "Cases",
            "Bias, points",
            "Limits of agreement, points",
            "ICC(A,1)",
        ),
        rows=tuple(rows),
        text_columns=2,
        note=shown.note if shown else "",
        method=_methods(
            results.find("bland_altman_bias", outcome="aac24"),
            results.find("bland_altman_lower", outcome="aac24"),
            results.find("icc_a_1", outcome="aac24"),
        ),
    )


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


def _methods(*kinds: Iterable[Result]) -> str:
    """Return the methods of the first result of each kind as sentences."""
    firsts = (next(iter(results), None) for results in kinds)
    texts = [first.estimate.method for first in firsts if first and first.estimate.method]
    return " ".join(f"{as_sentence(text)}." for text in texts)


def _difference_header(results: Agreement) -> tuple[str, ...]:
    return ("Difference",) if results.compared else ()


def _difference_cell(results: Agreement, difference: Result | None) -> tuple[str, ...]:
    """Return the cell of the difference; no cell where the table has no such column."""
    if not results.compared:
        return ()
    return (kappa_text(difference.estimate if difference else None, clip=DIFFERENCE_LIMIT),)


def _note(rows: Sequence[Sequence[str]], results: Agreement) -> str:
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
