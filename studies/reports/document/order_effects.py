"""Effects of order, period and reading session on totals and times; the readers' sessions."""

from __future__ import annotations

import math
from collections.abc import Iterator

from studies.analytics.estimate import Estimate
from studies.analytics.results import Agreement
from studies.formats.numbers import decimal
from studies.reports.document.formatting import interval, minutes_seconds
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.text_table import TextTable

LARGEST_RATIO = 100
"""Larger ratios of times, and smaller than its reciprocal, are not printed as numbers."""

ORDER_EFFECTS = (
    ("period_effect", "Period effect", "later minus earlier period"),
    ("position_effect", "Position effect", "per ten positions in the reading list"),
    (
        "session_position_effect",
        "Effect of the position in the reading session",
        "per ten positions",
    ),
    (
        "session_time_effect",
        "Effect of the time since the start of the reading session",
        "per hour",
    ),
)


def order_and_time(results: Agreement) -> Iterator[str]:
    """Yield sentences on the ratio of reading times and on the effects of order."""
    for result in results.find("time_ratio"):
        if len(result.readers) == 1 or result.estimate.value is None:
            continue
        shown = f" (95 % CI {interval(result.estimate)})" if result.estimate.ci else ""
        yield (
            f"Ratio of active reading times, {' to '.join(results.compared or ())}, within reader "
            "and case: "
            f"{decimal(result.estimate.value)}{shown}; Hodges–Lehmann estimate over "
            f"{result.estimate.n} patients."
        )
    for statistic, effect, contrast in ORDER_EFFECTS:
        for result in results.find(statistic, outcome="aac24"):
            yield _effect_on_total(result.estimate, effect, contrast)
        for result in results.find(statistic, outcome="time"):
            yield _effect_on_time(result.estimate, effect, contrast)


def session_table(summary: StudySummary) -> TextTable | None:
    """Return number and length of the reading sessions of each reader, None if none is recorded."""
    if not summary.sessions:
        return None
    rows = [
        (
            reader.label,
            str(reader.sessions),
            minutes_seconds(reader.median_minutes),
            minutes_seconds(reader.total_minutes),
            decimal(reader.submitted / reader.sessions, 1),
        )
        for reader in summary.sessions
    ]
    return TextTable(
        title="Reading sessions",
        caption=(
            "Reading sessions: number, median and total length (min:s) and mean number"
            " of readings submitted per session, by reader."
        ),
        header=("Reader", "Sessions", "Median length, min:s", "Total length, min:s", "Readings"),
        rows=tuple(rows),
        note=(
            "A session lasts from the first to the last activity in the reading room. It ends when "
            "the reader signs out, continues in another browser or exceeds the idle limit, and at "
            "the database lock."
        ),
    )


def _effect_on_total(estimate: Estimate, effect: str, contrast: str) -> str:
    if estimate.value is None:
        return f"{effect} on the AAC-24 total: not estimable ({estimate.note})."
    shown = f" (95 % CI {interval(estimate)})" if estimate.ci else ""
    return (
        f"{effect} on the AAC-24 total, {contrast}: {decimal(estimate.value)}{shown} points, "
        "within case, reader and arm."
    )


def _effect_on_time(estimate: Estimate, effect: str, contrast: str) -> str:
    """Return a sentence on an effect on log time, which is a ratio of times once transformed."""
    if estimate.value is None:
        return f"{effect} on active reading time: not estimable ({estimate.note})."
    shown = ""
    if estimate.ci:
        low, high = map(_ratio, estimate.ci)
        shown = f" (95 % CI {low} to {high})"
    return (
        f"{effect} on active reading time, {contrast}: ratio {_ratio(estimate.value)}{shown}, "
        "within case, reader and arm."
    )


def _ratio(log: float) -> str:
    """Return the ratio of a logarithm as text.

    Extrapolated from sessions of a few minutes, an effect per hour can exceed every number.
    """
    if abs(log) <= math.log(LARGEST_RATIO):
        return decimal(math.exp(log))
    return f"over {LARGEST_RATIO}" if log > 0 else f"under {1 / LARGEST_RATIO}"
