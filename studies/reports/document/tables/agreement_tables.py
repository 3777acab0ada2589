"""The tables of page and report as text: every number with its interval, n and weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE
from studies.analytics.results import Agreement, Result
from studies.analytics.scale import CELLS, LEVELS
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    NOTHING,
    ONE_SCORE_ONLY,
    SOME_PAIRS,
    UNDEFINED,
    arm_name,
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

FEW_PLACES = 4
"""Up to so many pairs are named one by one in a note."""


@dataclass(frozen=True)
class TextTable:
    """A table ready to be set.

    Parameters
    ----------
    title
        In a few words.
    caption
        Stands alone: what, for whom, which weights.
    header, rows
        Texts; the first ``text_columns`` columns are words, the rest numbers.
    strong
        Rows that matter most.
    note
        Printed below.
    method
        How the numbers were made, in the words of their records.
    """

    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    strong: tuple[int, ...] = ()
    note: str = ""
    method: str = ""


def outcome_table(found: Agreement, *, weights: str, primary: str) -> TextTable:
    """Mean kappa over pairs of every outcome, an arm a column, and the difference."""
    rows: list[tuple[str, ...]] = []
    strong: list[int] = []
    means = {
        (result.outcome, result.arm): result.estimate
        for result in found.find("light_kappa", weights=weights)
    }
    for outcome in OUTCOME_ORDER:
        arms = [means.get((outcome, arm)) for arm in found.arms]
        if not any(arms):
            continue
        if outcome == primary:
            strong.append(len(rows))
        patients = max(estimate.n for estimate in arms if estimate)
        difference = next(
            found.find("mean_kappa_difference", outcome=outcome, weights=weights), None
        )
        rows.append(
            (
                outcome_name(outcome),
                str(patients),
                *(kappa_text(estimate) for estimate in arms),
                *_difference_cell(found, difference),
            )
        )
    return TextTable(
        title="By outcome",
        caption=(
            f"Cohen’s {kappa_name(weights)} between readers, mean over pairs, with 95 % confidence "
            "intervals. In bold: the outcome of the answer."
        ),
        header=("Outcome", "Patients", *map(arm_name, found.arms), *_difference_header(found)),
        rows=tuple(rows),
        strong=tuple(strong),
        note=_note(rows, found),
        method=_methods(
            found.find("light_kappa", outcome=primary, weights=weights),
            found.find("mean_kappa_difference", outcome=primary, weights=weights),
        ),
    )


def pairs_of(found: Agreement) -> list[tuple[str, str]]:
    """Return the pairs of readers of all arms, sorted as text."""
    return list(every_pair(found).pairs)


def pair_table(
    found: Agreement,
    *,
    outcome: str,
    weights: str,
    pairs: Sequence[tuple[str, str]] | None = None,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Pairs of readers: n, kappa and exact agreement in each arm, and the difference.

    All pairs, unless ``pairs`` are given, or ``shown``, which the caption then names.
    """
    rows = []
    for pair in _chosen(found, pairs, shown):
        kappas, exact, items = [], [], []
        for arm in found.arms:
            kappa = found.get(
                "cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair
            )
            same = found.get("percent_agreement", outcome=outcome, arm=arm, readers=pair)
            items.append(str(kappa.estimate.n) if kappa else "0")
            kappas.append(kappa_text(kappa.estimate if kappa else None))
            share = same.estimate.value if same else None
            exact.append(NOTHING if share is None else f"{100 * share:.0f} %")
        difference = found.get(
            "kappa_difference",
            outcome=outcome,
            arm=found.difference_arm,
            weights=weights,
            readers=pair,
        )
        last = _difference_cell(found, difference)
        rows.append((" – ".join(pair), " / ".join(items), *kappas, *last, " / ".join(exact)))
    arms = " / ".join(arm_name(arm).lower() for arm in found.arms)
    kind = "cells" if outcome in ("cells", "readable") else "cases"
    return TextTable(
        title=f"{'Pairs' if not shown or shown.all_shown else 'Lowest pairs'} of readers: "
        + outcome_name(outcome),
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of {_which(pairs, shown)} with 95 % "
            f"confidence intervals, and exact agreement. {kind.capitalize()}: those that both "
            f"readers scored, {arms}."
        ),
        header=(
            "Readers",
            kind.capitalize(),
            *map(arm_name, found.arms),
            *_difference_header(found),
            "Exact",
        ),
        rows=tuple(rows),
        note=" ".join(filter(None, (shown.note if shown else "", _note(rows, found)))),
        method=_methods(
            found.find("cohen_kappa", outcome=outcome, weights=weights),
            found.find("kappa_difference", outcome=outcome, weights=weights),
            found.find("percent_agreement", outcome=outcome),
        ),
    )


def _chosen(
    found: Agreement, pairs: Sequence[tuple[str, str]] | None, shown: ShownPairs | None
) -> Sequence[tuple[str, str]]:
    if shown is not None:
        return shown.pairs
    return every_pair(found).pairs if pairs is None else pairs


def _which(pairs: Sequence[tuple[str, str]] | None, shown: ShownPairs | None) -> str:
    if shown is not None:
        return shown.words
    return "every pair of readers" if pairs is None else "pairs of readers"


def weights_table(found: Agreement, *, outcome: str) -> TextTable:
    """The mean kappa of one outcome under each kind of weights."""
    rows = []
    for weights in ("none", "linear", "quadratic"):
        means = {
            result.arm: result.estimate
            for result in found.find("light_kappa", outcome=outcome, weights=weights)
        }
        if not means:
            continue
        difference = next(
            found.find("mean_kappa_difference", outcome=outcome, weights=weights), None
        )
        last = _difference_cell(found, difference)
        cells = (kappa_text(means.get(arm)) for arm in found.arms)
        patients = str(max(estimate.n for estimate in means.values()))
        rows.append((weights_name(weights).capitalize(), patients, *cells, *last))
    return TextTable(
        title="Unweighted, linear and quadratic",
        caption=f"{outcome_name(outcome)}: mean kappa over pairs under each kind of weights.",
        header=("Weights", "Patients", *map(arm_name, found.arms), *_difference_header(found)),
        rows=tuple(rows),
        note=_note(rows, found),
        method="Mean of the pairwise Cohen’s kappas (Light 1971), each pair on its own items.",
    )


def totals_table(
    found: Agreement,
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Bland-Altman and ICC of the AAC-24 total of pairs, an arm a row; pairs as `pair_table`."""
    rows = []
    for pair in _chosen(found, pairs, shown):
        for arm in found.arms:
            numbers = {
                name: found.get(name, outcome="aac24", arm=arm, readers=pair)
                for name in (
                    "bland_altman_bias", "bland_altman_lower", "bland_altman_upper", "icc_a_1",
                )
            }  # fmt: skip
            bias, lower, upper, icc = (each.estimate if each else None for each in numbers.values())
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
        title="AAC-24 totals: bias, limits and ICC",
        caption=(
            f"AAC-24 total of {_which(pairs, shown)}: mean difference (first minus second "
            "reader), 95 % limits of agreement, and ICC(A,1), with 95 % confidence intervals. "
            "Cases: those with both totals."
        ),
        header=("Readers", "Arm", "Cases", "Bias, points", "Limits, points", "ICC(A,1)"),
        rows=tuple(rows),
        text_columns=2,
        note=shown.note if shown else "",
        method=_methods(
            found.find("bland_altman_bias", outcome="aac24"),
            found.find("bland_altman_lower", outcome="aac24"),
            found.find("icc_a_1", outcome="aac24"),
        ),
    )


def notes_of(found: Agreement, *, weights: str) -> Iterator[str]:
    """Yield a sentence for every outcome with kappas that are undefined or say little."""
    where: dict[tuple[str, str], list[str]] = {}
    for result in found.degenerate_kappas(weights):
        place = " – ".join(result.readers) + (f" {result.arm}" if result.arm else "")
        where.setdefault((result.outcome, result.estimate.note), []).append(place)
    count = sum(map(len, found.pairs.values()))
    for (outcome, note), places in where.items():
        named = ", ".join(places) if len(places) <= FEW_PLACES else ""
        share = f"{len(places)} of {count} kappas"
        yield f"{outcome_name(outcome)}: {note} ({named or share})."


def _methods(*kinds: Iterable[Result]) -> str:
    """Join how the first of each kind of result was made, as sentences."""
    firsts = (next(iter(results), None) for results in kinds)
    said = [first.estimate.method for first in firsts if first and first.estimate.method]
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in said)


def _difference_header(found: Agreement) -> tuple[str, ...]:
    return ("Difference",) if found.compared else ()


def _difference_cell(found: Agreement, difference: Result | None) -> tuple[str, ...]:
    """Return the cell below `_difference_header`, also where a row has no difference."""
    if not found.compared:
        return ()
    return (kappa_text(difference.estimate if difference else None, clip=DIFFERENCE_LIMIT),)


def _note(rows: Sequence[Sequence[str]], found: Agreement) -> str:
    """Explain the marks that the texts of a table carry, and why a difference is missing."""
    texts = [text for row in rows for text in row]
    parts = [found.not_compared] if found.not_compared else []
    if found.compared and NOTHING in texts:
        parts.append(f"{NOTHING} Not read in this arm, or not in both: no difference.")
    if UNDEFINED in texts:
        parts.append("Undefined: the reasons are listed with what was left out.")
    if ONE_SCORE_ONLY in texts:
        parts.append(f"One score only: {ONE_SCORE_NOTE}.")
    if any(text.endswith(SOME_PAIRS) for text in texts):
        parts.append(
            f"{SOME_PAIRS} In some pairs a reader used one score only (kappa 0), or the kappa is "
            "undefined and the pair is left out."
        )
    return " ".join(parts)
