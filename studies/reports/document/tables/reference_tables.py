"""Tables of each reader's agreement with the reference standard or the consensus of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.estimate import Estimate
from studies.analytics.ratings import Ratings, reader_pairs
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.scale import MISSING
from studies.analytics.study.consensus import FEWEST_OTHERS, consensus_results
from studies.analytics.study.reference import reference_results
from studies.analytics.table import ReadingTable
from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    arm_name,
    as_sentence,
    kappa_name,
    kappa_text,
    outcome_name,
)
from studies.reports.document.tables.text_table import TextTable

RULES: Final = {"consensus": "median", "majority": "majority"}
"""Names of the rules in the table, by the last word of their statistics."""
ComparisonsByReader = dict[tuple[str, str | None, str], Result]


def reference_table(
    table: ReadingTable, results: Agreement, *, outcome: str, weights: Weights, note: str = ""
) -> TextTable | None:
    """Return kappa and exact agreement of each reader with the reference standard.

    None if the study has no reference standard.

    Parameters
    ----------
    note
        Footnote of the table: the caveat about the reference standard.
    """
    comparisons = list(reference_results(table, outcome, [weights], results.compared))
    if not comparisons:
        return None
    if not any(result.statistic.endswith("_difference") for result in comparisons):
        # No reader has read in both arms.
        results = replace(results, compared=None)
    rows = [_row(comparisons, results, reader) for reader in (*table.readers, None)]
    kind = "cells" if outcome == "cells" else "cases"
    arms = " / ".join(arm_name(arm).lower() for arm in results.arms)
    return TextTable(
        title="Agreement with the reference standard",
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of each reader with the reference "
            f"standard, with 95 % confidence intervals, and exact agreement. {kind.capitalize()}: "
            f"number scored by the reader ({arms}); for the mean, number of patients."
        ),
        header=(
            "Reader", kind.capitalize(), *map(arm_name, results.arms),
            *(["Difference"] if results.compared else []), "Exact agreement",
        ),
        rows=tuple(rows),
        strong=(len(rows) - 1,),
        note=note,
        method=next(
            f"{as_sentence(result.estimate.method)}."
            for result in comparisons
            if result.estimate.method
        ),
    )  # fmt: skip


def _row(comparisons: list[Result], results: Agreement, reader: str | None) -> tuple[str, ...]:
    """Return the row of one reader, or of the mean over all readers for None."""
    statistic = "kappa_with_reference" if reader else "mean_kappa_with_reference"
    kappas, exact, items = [], [], []
    for arm in results.arms:
        kappa = _find(comparisons, statistic, arm, reader)
        share = _find(comparisons, "agreement_with_reference", arm, reader) if reader else None
        items.append(str(kappa.n) if kappa else "0")
        kappas.append(kappa_text(kappa))
        value = share.value if share else None
        exact.append(NO_VALUE if value is None else f"{100 * value:.0f} %")
    difference = _find(comparisons, f"{statistic}_difference", results.difference_arm, reader)
    last = [kappa_text(difference, clip=DIFFERENCE_LIMIT)] if results.compared else []
    shares = " / ".join(exact) if reader else ""
    return (reader or "Mean of readers", " / ".join(items), *kappas, *last, shares)


def _find(
    comparisons: list[Result], statistic: str, arm: str | None, reader: str | None
) -> Estimate | None:
    for result in comparisons:
        same = (result.statistic, result.arm) == (statistic, arm)
        if same and reader in (None, *result.readers):
            return result.estimate
    return None


def consensus_table(
    table: ReadingTable, results: Agreement, *, outcome: str, weights: Weights
) -> TextTable | None:
    """Return kappa and exact agreement of each reader with the median and majority of the others.

    None if no item has three readers.
    """
    comparisons: ComparisonsByReader = {}
    for arm in results.arms:
        ratings = Ratings(table, outcome, arm)
        # With two readers per case, as in most large studies, no reader has two others.
        if (ratings.values != MISSING).sum(axis=0).max(initial=0) <= FEWEST_OTHERS:
            continue
        names = tuple(sorted({name for pair in reader_pairs(table, arm) for name in pair}))
        for result in consensus_results(ratings, names, [weights]):
            comparisons[result.statistic, arm, result.readers[0]] = result
    if not any(result.estimate.n for result in comparisons.values()):
        return None
    readers = [name for name in table.readers if any(key[2] == name for key in comparisons)]
    kind = "cells" if outcome == "cells" else "cases"
    arms = " / ".join(arm_name(arm).lower() for arm in results.arms)
    return TextTable(
        title="Agreement with the consensus of the other readers",
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of each reader with the consensus of "
            "the other readers in the same arm, with 95 % confidence intervals, and exact "
            "agreement. Median: the lower median of the scores. Majority: the score of more than "
            f"half of the other readers; {kind} without one, such as ties, are left out. Both need "
            "at least two other readers, and the reader who is compared does not enter the "
            f"consensus. {kind.capitalize()}: number compared ({arms})."
        ),
        header=(
            *("Reader", "Consensus", kind.capitalize()),
            *map(arm_name, results.arms),
            "Exact agreement",
        ),
        rows=tuple(
            _consensus_row(comparisons, results, reader, rule)
            for reader in readers
            for rule in RULES
        ),
        method="Standard errors from influence values, summed per patient.",
    )


def _consensus_row(
    comparisons: ComparisonsByReader, results: Agreement, reader: str, rule: str
) -> tuple[str, ...]:
    items, kappas, exact = [], [], []
    for arm in results.arms:
        kappa = comparisons.get((f"kappa_with_{rule}", arm, reader))
        share = comparisons.get((f"agreement_with_{rule}", arm, reader))
        items.append(str(kappa.estimate.n) if kappa else "0")
        kappas.append(kappa_text(kappa.estimate if kappa else None))
        value = share.estimate.value if share else None
        exact.append(NO_VALUE if value is None else f"{100 * value:.0f} %")
    return (reader, RULES[rule], " / ".join(items), *kappas, " / ".join(exact))
