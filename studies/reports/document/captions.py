"""Figure captions, each understandable without the text, for the agreement page and reports."""

from __future__ import annotations

from collections.abc import Sequence

from studies.analytics.results import Agreement
from studies.analytics.study.designs.arm_contrasts import compares_groups, shares_pairs
from studies.reports.document.formatting import arm_name, kappa_name, outcome_name
from studies.reports.document.plots.forest import MAX_PAIRS
from studies.reports.document.plots.matrices import MAX_NUMBERED
from studies.reports.document.plots.style import plotted_arms

CLUSTERED = "95 % confidence intervals by the delta method, adjusted for clustering by patient"


def pairs_caption(results: Agreement, *, outcome: str, weights: str) -> str:
    """Return the caption of the forest plot of reader pairs."""
    pairs = {pair for by_arm in results.pairs.values() for pair in by_arm}
    scope = "every pair of readers"
    if len(pairs) > MAX_PAIRS:
        scope = f"the {MAX_PAIRS} of {len(pairs)} pairs of readers with the lowest kappa"
    arms = ","
    if results.compared:
        minuend, subtrahend = results.compared
        several = f"the arms {subtrahend} and {minuend}" if len(results.arms) > 2 else "each arm"
        arms = f" in {several},"
        if shares_pairs(results):
            arms = f" in {several}, and the difference between arms,"
        elif compares_groups(results):
            arms = f" in {several}, and the difference between the means of the groups of readers,"
    return (
        f"{outcome_name(outcome)}: Cohen’s {kappa_name(weights)} of {scope}{arms} with "
        f"{CLUSTERED}; {patients_of(results, outcome, weights)}.{_no_difference(results)}"
    )


def outcomes_caption(weights: str) -> str:
    """Return the caption of the forest plot of outcomes."""
    return (
        f"Mean pairwise {kappa_name(weights)} by outcome, with {CLUSTERED}. Kappa values can be "
        "compared between the arms of one outcome, but not between scales with different numbers "
        "of categories."
    )


def spine_caption(results: Agreement, *, weights: str) -> str:
    """Return the caption of the spine figure."""
    bold = (
        " Bold: the 95 % confidence interval of the difference excludes 0."
        if results.compared
        else ""
    )
    return (
        f"Mean pairwise {kappa_name(weights)} by vertebral level and aortic wall, at the position "
        "scored (anterior to the right). Values within a vertebral body are for the sum of both "
        "walls at that level, and values below a column for the sum of the whole wall. Small type: "
        f"{CLUSTERED}.{bold}"
    )


def matrix_caption(results: Agreement, *, outcome: str, weights: str) -> str:
    """Return the caption of the kappa matrix."""
    arms = ""
    if len(results.arms) > 1:
        below, above = plotted_arms(results.arms, results.compared)
        arms = f", {below} below and {above} above the diagonal"
    names = {name for pairs in results.pairs.values() for pair in pairs for name in pair}
    white = (
        " White: kappa of 0 or less, undefined, or no case in common."
        if len(names) > MAX_NUMBERED
        else ""
    )
    return f"{outcome_name(outcome)}: {kappa_name(weights)} of each pair of readers{arms}.{white}"


def time_caption(results: Agreement) -> str:
    """Return the caption of the figure of reading times."""
    ratio = (
        " Ratio: within reader and case, Hodges–Lehmann estimate over patients, with a 95 % "
        "confidence interval from the Wilcoxon signed-rank test."
        if results.compared and not compares_groups(results)
        else _no_difference(results)
    )
    return (
        "Distribution of active reading times (min:s): median (marker), interquartile range (bar, "
        f"and in parentheses) and 5th to 95th percentile (line).{ratio}"
    )


def shown_readers(shown: int, count: int) -> str:
    """Return which readers the figure of reading times shows, "" if it shows all."""
    if shown == count:
        return ""
    return (
        f" Shown: the {shown} of {count} readers with the longest median reading times; the table "
        "of reading times lists every reader."
    )


def confusion_caption(pair: tuple[str, str], *, outcome: str, arm: str | None, items: int) -> str:
    """Return the caption of a confusion matrix of one arm."""
    return (
        f"{outcome_name(outcome)}: cross-tabulation of the scores of {pair[0]} and {pair[1]}, "
        f"{arm_name(arm).lower()}, n = {items}."
    )


def totals_caption(
    pair: tuple[str, str], *, arms: Sequence[str | None], items: Sequence[int]
) -> str:
    """Return the caption of Bland–Altman plots, one per arm."""
    counts = "; ".join(
        f"{arm_name(arm).lower()}, n = {n} cases" for arm, n in zip(arms, items, strict=True)
    )
    return (
        f"Bland–Altman plot of the AAC-24 total scores of {pair[0]} and {pair[1]} ({counts}): "
        "difference against mean, with bias and 95 % limits of agreement (lines) and their 95 % "
        "confidence intervals (bands). The area of a marker increases with the number of cases."
    )


def patients_of(results: Agreement, outcome: str, weights: str) -> str:
    """Return the number of patients behind the means: "24 patients", or one number per arm."""
    counts = [
        (result.arm, result.estimate.n)
        for result in results.find("light_kappa", outcome=outcome, weights=weights)
    ]
    if len({n for _, n in counts}) == 1:
        n = counts[0][1]
        return f"{n} patient" + ("" if n == 1 else "s")
    return ", ".join(f"{n} patients {arm or ''}".strip() for arm, n in counts) or "no patients"


def _no_difference(results: Agreement) -> str:
    """Return why arms are not compared, "" if they are."""
    return f" {results.not_compared}" if results.not_compared else ""
