"""Tables of intrareader agreement: hidden repeats against the first readings of each reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.estimate import Estimate
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.repeats import BOTH, repeat_results
from studies.analytics.table import ReadingTable
from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    KAPPA_LIMIT,
    arm_name,
    kappa_name,
    kappa_text,
    number_text,
    outcome_name,
    short_outcome_name,
)
from studies.reports.document.tables.agreement_notes import (
    difference_cells,
    difference_estimates,
    difference_header,
    footnote,
    method_sentences,
)
from studies.reports.document.tables.text_table import TextTable

NO_REPEATS: Final = (
    "no hidden repeats in this arm",
    "no difference because there are no hidden repeats in both arms",
)
LIMITS: Final = (
    ("bland_altman_bias_of_repeats", "Bias, first minus repeat reading, points"),
    ("bland_altman_lower_of_repeats", "Lower limit of agreement, points"),
    ("bland_altman_upper_of_repeats", "Upper limit of agreement, points"),
)


def repeat_agreement(
    table: ReadingTable, results: Agreement, *, outcome: str, weights: Weights
) -> Agreement:
    """Return the intrareader agreement of an outcome and of the AAC-24 total."""
    outcomes = list(dict.fromkeys([outcome, "aac24"]))
    records = tuple(repeat_results(table, outcomes, [weights], results.compared, detail=False))
    return Agreement(records, results.arms, results.compared, results.pairs)


def intrareader_tables(
    repeats: Agreement, *, outcome: str, weights: Weights
) -> Iterator[TextTable]:
    """Yield intrareader agreement pooled over readers, and of each reader.

    Yields nothing without repeat readings.

    Parameters
    ----------
    repeats
        Results that include those of `repeat_agreement`.
    """
    if not any(_repeats(repeats, "kappa_difference", outcome, weights)):
        # No reader has repeats in both arms.
        repeats = replace(repeats, compared=None)
    means = list(_repeats(repeats, "mean_intra_kappa", outcome, weights))
    if means:
        yield _pooled_table(repeats, means, outcome=outcome, weights=weights)
        yield _reader_table(repeats, outcome=outcome, weights=weights)


def _pooled_table(
    repeats: Agreement, means: Sequence[Result], *, outcome: str, weights: Weights
) -> TextTable:
    difference = next(_repeats(repeats, "mean_kappa_difference", outcome, weights), None)
    last = difference_estimates(repeats, difference)
    kappas = _by_arm(repeats, means)
    rows = [
        (
            f"{short_outcome_name(outcome)}: {kappa_name(weights)}, mean of readers",
            _counts([*kappas, *last]),
            *map(kappa_text, kappas),
            *difference_cells(last),
        )
    ]
    no_difference = [NO_VALUE] * len(last)
    iccs = [
        result
        for result in _repeats(repeats, "mean_intra_icc", "aac24")
        if result.more["form"] == "A,1"
    ]
    of_totals = [("AAC-24 total: ICC(A,1), mean of readers", iccs)]
    of_totals += [
        (f"AAC-24 total: {name[0].lower()}{name[1:]}", list(_repeats(repeats, statistic, "aac24")))
        for statistic, name in LIMITS
    ]
    for name, statistics in of_totals:
        arms = _by_arm(repeats, statistics)
        limit = KAPPA_LIMIT if "ICC" in name else None
        texts = (number_text(one, clip=limit) for one in arms)
        rows.append((name, _counts(arms), *texts, *no_difference))
    return TextTable(
        title="Intrareader agreement",
        caption=(
            "Hidden repeats against the first readings of the same reader in the same arm, with "
            "95 % confidence intervals: means over readers, and 95 % limits of agreement of the "
            "differences of all readers. Number: patients, for limits of agreement pairs of "
            f"readings ({' / '.join(_columns(repeats, last))})."
        ),
        header=("Statistic", "Number", *map(arm_name, repeats.arms), *difference_header(repeats)),
        rows=tuple(rows),
        note=" ".join(
            [
                footnote([*kappas, *last], repeats, absent=NO_REPEATS),
                *([f"{NO_VALUE} in the last column: not computed for totals."] if last else []),
            ]
        ).strip(),
        method=method_sentences(means, iccs, _repeats(repeats, LIMITS[0][0], "aac24")),
    )


def _reader_table(repeats: Agreement, *, outcome: str, weights: Weights) -> TextTable:
    kappas = {
        (result.readers, result.arm): result.estimate
        for result in _repeats(repeats, "cohen_kappa", outcome, weights)
    }
    shares = {
        (result.readers, result.arm): result.estimate.value
        for result in _repeats(repeats, "percent_agreement", outcome)
    }
    differences = {
        result.readers: result for result in _repeats(repeats, "kappa_difference", outcome, weights)
    }
    rows, estimates = [], list[Estimate | None]()
    for readers in sorted({readers for readers, _ in kappas}):
        arms = [kappas.get((readers, arm)) for arm in repeats.arms]
        last = difference_estimates(repeats, differences.get(readers))
        estimates += [*arms, *last]
        exact = [shares.get((readers, arm)) for arm in repeats.arms]
        rows.append(
            (
                readers[0],
                " / ".join(str(one.n) if one else "0" for one in arms),
                *map(kappa_text, arms),
                *(kappa_text(one, clip=DIFFERENCE_LIMIT) for one in last),
                " / ".join(NO_VALUE if one is None else f"{100 * one:.0f} %" for one in exact),
            )
        )
    kind = "cells" if outcome in ("cells", "readable") else "cases"
    arm_names = " / ".join(arm_name(arm).lower() for arm in repeats.arms)
    return TextTable(
        title="Intrareader agreement by reader",
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of the hidden repeats of each reader "
            "with the first readings, with 95 % confidence intervals, and exact agreement. "
            f"{kind.capitalize()}: number scored in both readings ({arm_names})."
        ),
        header=(
            *("Reader", kind.capitalize()),
            *map(arm_name, repeats.arms),
            *difference_header(repeats),
            "Exact agreement",
        ),
        rows=tuple(rows),
        note=footnote(estimates, repeats, absent=NO_REPEATS),
        method=method_sentences(_repeats(repeats, "cohen_kappa", outcome, weights)),
    )


def _repeats(
    repeats: Agreement, statistic: str, outcome: str, weights: str | None = None
) -> Iterator[Result]:
    return repeats.find(statistic, outcome=outcome, weights=weights, replicate=BOTH)


def _by_arm(repeats: Agreement, records: Sequence[Result]) -> list[Estimate | None]:
    estimates = {result.arm: result.estimate for result in records}
    return [estimates.get(arm) for arm in repeats.arms]


def _counts(estimates: Sequence[Estimate | None]) -> str:
    """Return the numbers of the columns, as one number if they are equal."""
    counts = [str(one.n) if one else NO_VALUE for one in estimates]
    return counts[0] if len(set(counts)) == 1 else " / ".join(counts)


def _columns(repeats: Agreement, last: Sequence[Estimate | None]) -> list[str]:
    return [arm_name(arm).lower() for arm in repeats.arms] + ["difference"] * len(last)
