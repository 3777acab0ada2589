"""What stands under a figure, on the page and in the report: it can be read alone."""

from __future__ import annotations

from collections.abc import Sequence

from studies.analytics.results import Agreement
from studies.reports.document.formatting import arm_name, kappa_name, outcome_name
from studies.reports.document.plots.forest import MOST_PAIRS
from studies.reports.document.plots.matrices import MOST_NUMBERED

CLUSTERED = "95 % confidence intervals clustered by patient"


def pairs_caption(found: Agreement, *, outcome: str, weights: str) -> str:
    pairs = {pair for own in found.pairs.values() for pair in own}
    which = "every pair of readers"
    if len(pairs) > MOST_PAIRS:
        which = f"the {MOST_PAIRS} of {len(pairs)} pairs of readers with the lowest kappa"
    arms = " in each arm, and the difference" if found.compared else ""
    return (
        f"{outcome_name(outcome)}: Cohen’s {kappa_name(weights)} of {which}{arms}, with "
        f"{CLUSTERED}; {patients_of(found, outcome, weights)}.{_no_difference(found)}"
    )


def outcomes_caption(weights: str) -> str:
    return (
        f"Mean {kappa_name(weights)} over pairs of readers by outcome, with {CLUSTERED}. Kappas "
        "of scales of different length are not comparable with one another; arms of one row are."
    )


def spine_caption(found: Agreement, *, weights: str) -> str:
    bold = " Bold: the interval of the difference leaves 0 out." if found.compared else ""
    return (
        f"Mean {kappa_name(weights)} over pairs of readers by level and wall, where it was "
        "scored: anterior to the right; in the vertebra the level’s sum of both walls, below the "
        f"sum of a whole wall. Small: {CLUSTERED}.{bold}"
    )


def matrix_caption(found: Agreement, *, outcome: str, weights: str) -> str:
    where = ""
    if len(found.arms) > 1:
        where = f", {found.arms[0]} below the diagonal and {found.arms[1]} above it"
    names = {name for pairs in found.pairs.values() for pair in pairs for name in pair}
    white = (
        " White: kappa 0 or below, undefined, or no case in common."
        if len(names) > MOST_NUMBERED
        else ""
    )
    return f"{outcome_name(outcome)}: {kappa_name(weights)} of every two readers{where}.{white}"


def time_caption(found: Agreement) -> str:
    ratio = (
        " Ratio: within reader and case, Hodges–Lehmann median over patients with the interval "
        "of Wilcoxon’s signed ranks."
        if found.compared
        else _no_difference(found)
    )
    return (
        "Active time a reading: median (mark), quartiles (bar, and in brackets) and 5th to 95th "
        f"percentile (line).{ratio}"
    )


def shown_readers(shown: int, count: int) -> str:
    """Name the readers of a figure of times, "" where all are in it."""
    if shown == count:
        return ""
    return (
        f" Shown: the {shown} of {count} readers with the longest median. The table of times has "
        "every reader."
    )


def _no_difference(found: Agreement) -> str:
    return f" {found.not_compared}" if found.not_compared else ""


def confusion_caption(pair: tuple[str, str], *, outcome: str, arm: str | None, items: int) -> str:
    return (
        f"{outcome_name(outcome)}: scores of {pair[0]} against those of {pair[1]}, "
        f"{arm_name(arm).lower()}, n = {items}."
    )


def totals_caption(
    pair: tuple[str, str], *, arms: Sequence[str | None], items: Sequence[int]
) -> str:
    counts = "; ".join(
        f"{arm_name(arm).lower()}, n = {n} cases" for arm, n in zip(arms, items, strict=True)
    )
    return (
        f"AAC-24 total of {pair[0]} and {pair[1]} ({counts}): differences against means; bias and "
        "limits of agreement with 95 % confidence intervals (bands). Larger discs are several "
        "cases."
    )


def patients_of(found: Agreement, outcome: str, weights: str) -> str:
    """Say how many patients entered the means: "24 patients", or an arm each."""
    counts = [
        (each.arm, each.estimate.n)
        for each in found.find("light_kappa", outcome=outcome, weights=weights)
    ]
    if len({n for _, n in counts}) == 1:
        n = counts[0][1]
        return f"{n} patient" + ("" if n == 1 else "s")
    return ", ".join(f"{n} patients {arm or ''}".strip() for arm, n in counts) or "no patient"
