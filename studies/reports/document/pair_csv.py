"""CSV file of a report with the statistics of all pairs of readers, printed or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from studies.analytics.results import Agreement
from studies.reports.document.bootstrap.intervals import Interval
from studies.spreadsheets import escape_formula

COLUMNS: Final = (
    "statistic", "outcome", "weights", "arm", "reader_1", "reader_2", "n", "value", "se",
    "ci_low", "ci_high", "percentile_low", "percentile_high", "bca_low", "bca_high", "note",
    "expanded_low", "expanded_high",
)  # fmt: skip
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
    for statistic, of, under in _kinds(outcome, weights):
        for result in results.find(statistic, outcome=of, weights=under):
            if len(result.readers) != 2:
                continue
            estimate, first, second = result.estimate, *result.readers
            interval = None
            if (of, under) == (outcome, weights):
                interval = by_result.get((statistic, result.arm, result.readers))
            writer.writerow(
                [
                    statistic, of, under or "", result.arm or "",
                    escape_formula(first), escape_formula(second), estimate.n,
                    _text(estimate.value), _text(estimate.se), *_bounds(estimate.ci),
                    *_bounds(interval.percentile if interval else None),
                    *_bounds(interval.bca if interval else None), estimate.note,
                    *_bounds(interval.expanded if interval else None),
                ]
            )  # fmt: skip
    return buffer.getvalue().encode()


def _kinds(outcome: str, weights: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield statistic, outcome and weights of the report's results for pairs."""
    for of, under in dict.fromkeys([(outcome, weights), ("readable", "none")]):
        yield "cohen_kappa", of, under
        yield "kappa_difference", of, under
        yield "percent_agreement", of, None
    for statistic in TOTALS:
        yield statistic, "aac24", None


def _bounds(pair: tuple[float, float] | None) -> tuple[Any, Any]:
    return (_text(pair[0]), _text(pair[1])) if pair else ("", "")


def _text(value: float | None) -> str:
    return "" if value is None else repr(float(value))
