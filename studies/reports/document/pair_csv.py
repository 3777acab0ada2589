"""CSV file of a report with the statistics of all pairs of readers, printed or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.reports.document.bootstrap.intervals import Interval
from studies.spreadsheets import escape_formula

COLUMNS: Final = (
    "statistic", "outcome", "weights", "arm", "reader_1", "reader_2", "n", "value", "se",
    "ci_low", "ci_high", "percentile_low", "percentile_high", "bca_low", "bca_high", "note",
    "expanded_low", "expanded_high",
)  # fmt: skip
KAPPAS: Final = (("cohen_kappa", True), ("kappa_difference", True), ("percent_agreement", False))
"""Statistics of the primary outcome and of readability, and whether they have weights."""
TOTALS: Final = ("bland_altman_bias", "bland_altman_lower", "bland_altman_upper", "icc_a_1")


def pair_csv(
    results: Agreement, intervals: Sequence[Interval], *, outcome: str, weights: str
) -> bytes:
    """Return one row per statistic, arm and pair: the data behind the report's tables of pairs.

    Parameters
    ----------
    intervals
        Bootstrap intervals of the primary outcome, for the columns from ``percentile_low``.
    outcome, weights
        The primary outcome and its weights.
    """
    by_result = {
        (interval.statistic, interval.arm, interval.readers): interval for interval in intervals
    }
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for result in _results(results, outcome, weights):
        estimate, first, second = result.estimate, *result.readers
        interval = None
        if (result.outcome, result.weights) == (outcome, weights):
            interval = by_result.get((result.statistic, result.arm, result.readers))
        writer.writerow(
            [
                result.statistic, result.outcome, result.weights or "", result.arm or "",
                escape_formula(first), escape_formula(second), estimate.n,
                _text(estimate.value), _text(estimate.se), *_bounds(estimate.ci),
                *_bounds(interval.percentile if interval else None),
                *_bounds(interval.bca if interval else None), estimate.note,
                *_bounds(interval.expanded if interval else None),
            ]
        )  # fmt: skip
    return buffer.getvalue().encode()


def _results(results: Agreement, outcome: str, weights: str) -> Iterator[Result]:
    """Yield the report's results for pairs of readers, by statistic, outcome and arm."""
    for of, under in dict.fromkeys([(outcome, weights), ("readable", "none")]):
        for statistic, scheme in KAPPAS:
            matching = results.find(statistic, outcome=of, weights=under if scheme else None)
            yield from (result for result in matching if len(result.readers) == 2)
    # All four of a pair at once, because they are computed together.
    totals: dict[str, list[Result]] = {statistic: [] for statistic in TOTALS}
    for arm in results.arms:
        for readers in results.pairs.get(arm, ()):
            for statistic, of_pairs in totals.items():
                result = results.get(statistic, outcome="aac24", arm=arm, readers=readers)
                of_pairs += [result] if result else []
    for of_pairs in totals.values():
        yield from of_pairs


def _bounds(pair: tuple[float, float] | None) -> tuple[Any, Any]:
    return (_text(pair[0]), _text(pair[1])) if pair else ("", "")


def _text(value: float | None) -> str:
    return "" if value is None else repr(float(value))
