"""Table of bootstrap confidence intervals beside those of the delta method."""

from __future__ import annotations

from collections.abc import Sequence

from studies.analytics.study.designs.arm_contrasts import CONTRAST, GROUP_DIFFERENCE
from studies.formats.numbers import decimal
from studies.reports.document.bootstrap.intervals import MEANS, Interval
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    KAPPA_LIMIT,
    arm_name,
    bounds,
    kappa_name,
    outcome_name,
)
from studies.reports.document.shown_pairs import ShownPairs
from studies.reports.document.tables.text_table import TextTable

HEADER = (
    "Readers", "Arm", "n", "Estimate", "Delta method", "Expanded percentile", "Percentile", "BCa",
)  # fmt: skip
DIFFERENCES = ("mean_kappa_difference", "kappa_difference", GROUP_DIFFERENCE)


def bootstrap_table(
    intervals: Sequence[Interval],
    *,
    outcome: str,
    weights: str,
    seed: int,
    resamples: int,
    shown: ShownPairs | None = None,
) -> TextTable:
    """Return means over pairs and the pairs themselves with four kinds of 95 % intervals.

    Parameters
    ----------
    shown
        Pairs to list; the note on excluded resamples refers to all pairs.
    """
    # Contrasts between three or more arms have a separate table.
    intervals = [interval for interval in intervals if interval.statistic != CONTRAST]
    listed = [
        interval
        for interval in intervals
        if not shown or interval.statistic in MEANS or interval.readers in shown.pairs
    ]
    random_readers = any(interval.random_readers for interval in listed)
    kind = "cells" if outcome in ("cells", "readable") else "cases"
    has_differences = any(interval.statistic == "kappa_difference" for interval in listed)
    difference = " and differences between arms" if has_differences else ""
    return TextTable(
        title="Bootstrap confidence intervals",
        caption=(
            f"{outcome_name(outcome)}: {kappa_name(weights)}{difference} with 95 % confidence "
            f"intervals by the delta method and by the bootstrap ({resamples:,} resamples of "
            f"patients, seed {seed}). n: patients for means and differences, {kind} for the kappa "
            f"of a pair.{_scope(shown)}"
        ),
        header=(*HEADER, *(["Random readers"] if random_readers else [])),
        rows=tuple(_row(interval, random_readers=random_readers) for interval in listed),
        text_columns=2,
        strong=tuple(
            number for number, interval in enumerate(listed) if interval.statistic in MEANS
        ),
        note=_note(intervals, resamples, random_readers=random_readers),
    )


def _row(interval: Interval, *, random_readers: bool) -> tuple[str, ...]:
    mean = interval.statistic in MEANS
    return (
        "Mean of pairs" if mean else " – ".join(interval.readers),
        _arms_of(interval),
        str(interval.n),
        decimal(interval.value),
        bounds(interval.ci, clip=limit_of(interval)),
        bounds(interval.expanded),
        bounds(interval.percentile),
        bounds(interval.bca),
        *([bounds(interval.random_readers)] if random_readers else []),
    )


def _note(intervals: Sequence[Interval], resamples: int, *, random_readers: bool) -> str:
    fewest = min(
        (interval.resamples for interval in intervals if interval.percentile), default=resamples
    )
    excluded = (
        " Resamples in which a kappa is undefined were excluded (at least "
        f"{fewest:,} resamples used)."
        if fewest < resamples
        else ""
    )
    population = (
        " Random readers: percentile interval with readers resampled as well as patients, which "
        "generalises to the reader population (Beiden, Wagner and Campbell 2000)."
        if random_readers
        else ""
    )
    return (
        "Patients were resampled with all their readings. Expanded percentile: percentile interval "
        "widened for the number of patients (Hesterberg 2015). BCa: bias-corrected and accelerated "
        f"(Efron and Tibshirani 1993).{population}{excluded}"
    )


def _scope(shown: ShownPairs | None) -> str:
    if shown is None or shown.all_shown:
        return ""
    return f" Shown: {shown.description}. {shown.note}"


def limit_of(interval: Interval) -> float:
    """Return the absolute value at which the printed interval is truncated."""
    return DIFFERENCE_LIMIT if interval.statistic in DIFFERENCES else KAPPA_LIMIT


def _arms_of(interval: Interval) -> str:
    if interval.statistic not in DIFFERENCES:
        return arm_name(interval.arm)
    return arm_name((interval.arm or "").replace("-", " − "))
