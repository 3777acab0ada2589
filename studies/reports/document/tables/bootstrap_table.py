"""The bootstrap's intervals as a table, beside those of the delta method."""

from __future__ import annotations

from collections.abc import Sequence

from studies.reports.bootstrap_intervals import MEANS, Interval
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    KAPPA_LIMIT,
    arm_name,
    bounds,
    decimal,
    kappa_name,
    outcome_name,
)
from studies.reports.document.shown_pairs import ShownPairs
from studies.reports.document.tables.agreement_tables import TextTable

HEADER = ("Readers", "Arm", "n", "Value", "Delta method", "Percentile", "BCa")
DIFFERENCES = ("mean_kappa_difference", "kappa_difference")


def bootstrap_table(
    intervals: Sequence[Interval],
    *,
    outcome: str,
    weights: str,
    seed: int,
    resamples: int,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Means and differences over pairs, then pairs, with three kinds of intervals.

    ``shown`` limits the pairs; all intervals count in the note on resamples that were left out.
    """
    every = intervals
    if shown:
        intervals = [
            each for each in every if each.statistic in MEANS or each.readers in shown.pairs
        ]
    strong = tuple(place for place, each in enumerate(intervals) if each.statistic in MEANS)
    several = any(each.statistic == "kappa_difference" for each in intervals)
    wider = any(each.readers_too for each in intervals)
    rows = [
        (
            "Mean of pairs" if place in strong else " – ".join(each.readers),
            _arms_of(each),
            str(each.n),
            decimal(each.value),
            bounds(each.ci, clip=limit_of(each)),
            bounds(each.percentile),
            bounds(each.bca),
            *([bounds(each.readers_too)] if wider else []),
        )
        for place, each in enumerate(intervals)
    ]
    fewest = min((each.resamples for each in every if each.percentile), default=resamples)
    left_out = (
        f" In some resamples a kappa is undefined; those are left out (at least {fewest} stand)."
        if fewest < resamples
        else ""
    )
    also = (
        " Readers drawn too: percentiles where readers are drawn as well, for a claim about "
        "readers like these (Beiden, Wagner and Campbell 2000)."
        if wider
        else ""
    )
    difference = " and differences" if several else ""
    kind = "cells" if outcome in ("cells", "readable") else "cases"
    return TextTable(
        title="Bootstrap intervals",
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)}{difference} with 95 % intervals by "
            f"the delta method and by {resamples:,} resamples of patients (seed {seed}). n counts "
            f"patients for means and differences, {kind} for the kappa of a pair.{_which(shown)}"
        ),
        header=(
            "Readers",
            "Arm",
            "n",
            "Value",
            "Delta method",
            "Percentile",
            "BCa",
            *(["Readers drawn too"] if wider else []),
        ),
        rows=tuple(rows),
        text_columns=2,
        strong=strong,
        note=(
            "Patients are drawn with all their readings. BCa: bias-corrected and accelerated "
            f"(Efron and Tibshirani 1993).{also}{left_out}"
        ),
    )


def _which(shown: ShownPairs | None) -> str:
    if shown is None or shown.all_shown:
        return ""
    return f" Shown: {shown.words}. {shown.note}"


def limit_of(interval: Interval) -> float:
    """Return where the interval of a kappa or of a difference is cut in print."""
    return DIFFERENCE_LIMIT if interval.statistic in DIFFERENCES else KAPPA_LIMIT


def _arms_of(each: Interval) -> str:
    if each.statistic not in DIFFERENCES:
        return arm_name(each.arm)
    return arm_name((each.arm or "").replace("-", " − "))
