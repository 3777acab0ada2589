"""The headline of a study: main finding, its primary interval, and why that interval is used.

Page, report, JSON and API show the same headline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studies.analytics.coefficients.kappa import weights_named
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap.intervals import MEANS, Interval, bootstrap_intervals
from studies.reports.document.finding.mean_intervals import mean_intervals
from studies.reports.document.finding.primary_interval import (
    LEVEL,
    REASON,
    IntervalMethod,
    PrimaryInterval,
    limits_of,
    primary_interval,
)
from studies.reports.document.main_finding import MainFinding, main_finding
from studies.reports.document.summary.study import StudySummary


@dataclass(frozen=True)
class Headline:
    """The main finding, and its interval; None without a value."""

    finding: MainFinding
    interval: PrimaryInterval | None

    @property
    def interval_text(self) -> str:
        """Return which interval is used and why, "" without a value."""
        return self.interval.sentences if self.interval else ""

    def record(self) -> dict[str, Any]:
        """Return the headline as a JSON-compatible record."""
        interval = self.interval
        return {
            "verdict": self.finding.verdict,
            "sentence": self.finding.sentence,
            "caution": self.finding.caution,
            "interval": interval
            and {
                "method": interval.method,
                "level": LEVEL,
                "ci": interval.ci,
                "resamples": 0 if interval.method == IntervalMethod.DELTA else interval.resamples,
                "seed": interval.seed,
                "reason": REASON,
                "other_method": interval.other_method,
                "other_ci": interval.other_ci,
            },
        }


def headline(
    summary: StudySummary,
    table: ReadingTable,
    results: Agreement,
    *,
    outcome: str,
    weights: str,
    intervals: Sequence[Interval] | None = None,
) -> Headline:
    """Return the headline of readings, based on the primary interval of the study.

    Parameters
    ----------
    intervals
        Bootstrap intervals of the means over pairs, computed here if not given.
    """
    method = IntervalMethod(summary.primary_interval)
    if intervals is None:
        intervals = headline_intervals(summary, table, results, outcome=outcome, weights=weights)
    by_result = {(one.statistic, one.arm, one.readers): one for one in intervals}

    def interval_of(result: Result) -> tuple[float, float] | None:
        return limits_of(by_result[result.statistic, result.arm, result.readers], method)

    finding = main_finding(
        table, results, outcome=outcome, weights=weights, interval_of=interval_of
    )
    result = finding.result
    if result is None:
        return Headline(finding, None)
    interval = by_result[result.statistic, result.arm, result.readers]
    return Headline(finding, primary_interval(interval, method, summary.seed))


def headline_intervals(
    summary: StudySummary, table: ReadingTable, results: Agreement, *, outcome: str, weights: str
) -> list[Interval]:
    """Return the bootstrap intervals of the means over pairs that a headline is based on."""
    # Only the BCa interval needs more than the resamples themselves.
    bca = summary.primary_interval == IntervalMethod.BCA
    compute = _all_intervals if bca else mean_intervals
    return compute(
        table, results, outcome=outcome, weights=weights_named(weights), seed=summary.seed
    )


def _all_intervals(*data: Any, **options: Any) -> list[Interval]:
    """Return all bootstrap intervals of the means over pairs."""
    return bootstrap_intervals(*data, statistics=MEANS, **options)
