"""Tables of agreement as text: every estimate with its confidence interval, n and weights."""

from __future__ import annotations

from collections.abc import Sequence

from studies.analytics.estimate import Estimate
from studies.analytics.outcomes import AAC8_WALLS
from studies.analytics.results import Agreement
from studies.analytics.scale import CELLS, LEVELS
from studies.analytics.study.designs.arm_contrasts import mean_differences, within_pairs
from studies.formats.numbers import NO_VALUE, decimal
from studies.reports.document.formatting import (
    arm_name,
    kappa_name,
    kappa_text,
    number_text,
    outcome_name,
    weights_name,
)
from studies.reports.document.shown_pairs import ShownPairs, every_pair
from studies.reports.document.tables.agreement_notes import (
    counts_caption,
    difference_cells,
    difference_estimates,
    difference_header,
    footnote,
    method_sentences,
    patient_counts,
)
from studies.reports.document.tables.text_table import RowSubject, TextTable

OUTCOME_ORDER = (
    "cells", "measured_cells", *CELLS, *LEVELS, "posterior", "anterior", "aac24", "aac_group",
    *AAC8_WALLS, "aac8", "aac8_group", "readable",
)  # fmt: skip


def outcome_table(results: Agreement, *, weights: str, primary: str) -> TextTable:
    """Return mean pairwise kappa of every outcome: one column per arm, and the difference."""
    rows: list[tuple[str, ...]] = []
    estimates: list[Estimate | None] = []
    strong: list[int] = []
    subjects: list[RowSubject] = []
    means = {
        (result.outcome, result.arm): result.estimate
        for result in results.find("light_kappa", weights=weights)
    }
    differences = mean_differences(results, weights)
    for outcome in OUTCOME_ORDER:
        arms = [means.get((outcome, arm)) for arm in results.arms]
        if not any(arms):
            continue
        if outcome == primary:
            strong.append(len(rows))
        subjects.append(RowSubject(outcome, weights))
        last = difference_estimates(results, differences.get(outcome))
        estimates += [*arms, *last]
        rows.append(
            (
                outcome_name(outcome),
                patient_counts(arms, last),
                *map(kappa_text, arms),
                *difference_cells(last),
            )
        )
    return TextTable(
        title="Agreement by outcome",
        caption=(
            f"Cohen’s {kappa_name(weights)} by outcome, mean over pairs of readers, with 95 % "
            "confidence intervals by the delta method. Bold: outcome of the main finding."
            f"{counts_caption(rows, results)}"
        ),
        header=("Outcome", "Patients", *map(arm_name, results.arms), *difference_header(results)),
        rows=tuple(rows),
        strong=tuple(strong),
        note=footnote(estimates, results),
        method=method_sentences(
            results.find("light_kappa", outcome=primary, weights=weights),
            [differences[primary]] if primary in differences else [],
        ),
        subjects=tuple(subjects),
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
    estimates: list[Estimate | None] = []
    results = within_pairs(results)
    for pair in listed_pairs(results, pairs, shown):
        kappas: list[Estimate | None] = []
        exact, items = [], []
        for arm in results.arms:
            kappa = results.get(
                "cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair
            )
            same = results.get("percent_agreement", outcome=outcome, arm=arm, readers=pair)
            items.append(str(kappa.estimate.n) if kappa else "0")
            kappas.append(kappa.estimate if kappa else None)
            share = same.estimate.value if same else None
            exact.append(NO_VALUE if share is None else f"{100 * share:.0f} %")
        difference = results.get(
            "kappa_difference",
            outcome=outcome,
            arm=results.difference_arm,
            weights=weights,
            readers=pair,
        )
        last = difference_estimates(results, difference)
        estimates += [*kappas, *last]
        cells = *map(kappa_text, kappas), *difference_cells(last)
        counts = [str(one.n) if one else NO_VALUE for one in last]
        rows.append((" – ".join(pair), " / ".join(items), *counts, *cells, " / ".join(exact)))
    # The patients of a difference are listed where arms differ in what both readers scored.
    differing = any(len(set(row[1].split(" / "))) > 1 for row in rows)
    if results.compared and not differing:
        rows = [(*row[:2], *row[3:]) for row in rows]
    arms = " / ".join(arm_name(arm).lower() for arm in results.arms)
    kind = "cells" if outcome in ("cells", "readable") else "cases"
    return TextTable(
        title=(
            f"{'Pairs of readers' if not shown or shown.all_shown else 'Pairs with lowest kappa'}: "
            f"{outcome_name(outcome)}"
        ),
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)} of {describe_pairs(pairs, shown)} "
            f"with 95 % confidence intervals, and exact agreement. {kind.capitalize()}: number "
            f"scored by both readers ({arms})."
            + (
                " Patients, difference: patients whom both readers read in both arms."
                if results.compared and differing
                else ""
            )
        ),
        header=(
            "Readers",
            kind.capitalize(),
            *(["Patients, difference"] if results.compared and differing else []),
            *map(arm_name, results.arms),
            *difference_header(results),
            "Exact agreement",
        ),
        rows=tuple(rows),
        note=" ".join(filter(None, (shown.note if shown else "", footnote(estimates, results)))),
        method=method_sentences(
            results.find("cohen_kappa", outcome=outcome, weights=weights),
            results.find("kappa_difference", outcome=outcome, weights=weights),
            results.find("percent_agreement", outcome=outcome),
        ),
        subjects=tuple(
            RowSubject(outcome, weights, pair) for pair in listed_pairs(results, pairs, shown)
        ),
    )


def listed_pairs(
    results: Agreement, pairs: Sequence[tuple[str, str]] | None, shown: ShownPairs | None
) -> Sequence[tuple[str, str]]:
    """Return the pairs that a table lists."""
    if shown is not None:
        return shown.pairs
    return every_pair(results).pairs if pairs is None else pairs


def describe_pairs(pairs: Sequence[tuple[str, str]] | None, shown: ShownPairs | None) -> str:
    """Return which pairs a table lists, as part of its caption."""
    if shown is not None:
        return shown.description
    return "every pair of readers" if pairs is None else "pairs of readers"


def weights_table(results: Agreement, *, outcome: str) -> TextTable:
    """Return the mean pairwise kappa of one outcome, unweighted and with each set of weights."""
    rows = []
    estimates: list[Estimate | None] = []
    for weights in ("none", "linear", "quadratic"):
        means = {
            result.arm: result.estimate
            for result in results.find("light_kappa", outcome=outcome, weights=weights)
        }
        if not means:
            continue
        difference = mean_differences(results, weights).get(outcome)
        arms = [means.get(arm) for arm in results.arms]
        last = difference_estimates(results, difference)
        estimates += [*arms, *last]
        cells = *map(kappa_text, arms), *difference_cells(last)
        patients = patient_counts(arms, last)
        rows.append((weights_name(weights).capitalize(), patients, *cells))
    return TextTable(
        title="Agreement by kappa weights",
        caption=(
            f"{outcome_name(outcome)}: Cohen’s kappa by weighting scheme, mean over pairs of "
            f"readers, with 95 % confidence intervals.{counts_caption(rows, results)}"
        ),
        header=("Weights", "Patients", *map(arm_name, results.arms), *difference_header(results)),
        rows=tuple(rows),
        note=footnote(estimates, results),
        method=(
            "Mean of the pairwise Cohen’s kappas (Light 1971); each pair contributes the items "
            "that both of its readers scored."
        ),
    )


def totals_table(
    results: Agreement,
    *,
    outcome: str = "aac24",
    pairs: Sequence[tuple[str, str]] | None = None,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Return bias, limits of agreement and ICC of totals: one row per pair and arm.

    ``outcome`` is "aac24" or "aac8"; ``pairs`` and ``shown`` are those of `pair_table`.
    """
    name = "AAC-24" if outcome == "aac24" else "AAC-8"
    rows = []
    subjects = []
    for pair in listed_pairs(results, pairs, shown):
        for arm in results.arms:
            numbers = {
                statistic: results.get(statistic, outcome=outcome, arm=arm, readers=pair)
                for statistic in (
                    "bland_altman_bias", "bland_altman_lower", "bland_altman_upper", "icc_a_1",
                )
            }  # fmt: skip
            bias, lower, upper, icc = (
                result.estimate if result else None for result in numbers.values()
            )
            if bias is None or lower is None or upper is None:
                continue
            subjects.append(RowSubject(outcome, "linear", pair, arm))
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
        title=f"{name} totals: bias, limits of agreement and ICC",
        caption=(
            f"{name} total of {describe_pairs(pairs, shown)}: bias (mean difference, first minus "
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
        method=method_sentences(
            results.find("bland_altman_bias", outcome=outcome),
            results.find("bland_altman_lower", outcome=outcome),
            results.find("icc_a_1", outcome=outcome),
        ),
        subjects=tuple(subjects),
    )
