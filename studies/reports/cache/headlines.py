"""Cache of what page views compute by bootstrap: headlines and contrasts of the ICC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Set
from typing import Final

from studies.analytics.coefficients.kappa import weights_named
from studies.analytics.results import Agreement
from studies.analytics.study.subset import Subset
from studies.analytics.table import ReadingTable
from studies.reports.cache.shared import read_shared, write_shared
from studies.reports.cache.single_flight import SingleFlightCache
from studies.reports.document.bootstrap.intervals import (
    MEANS,
    RESAMPLES,
    Interval,
    results_of,
)
from studies.reports.document.finding.headline import (
    Headline,
    headline,
    headline_intervals,
)
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.contrast_table import icc_contrast_table
from studies.reports.document.tables.text_table import TextTable

ResultKey = tuple[str, str | None, tuple[str, ...]]
"""Statistic, arm and readers of a result."""

HEADLINE_BYTES: Final = 4_000
MAX_BYTES: Final = 1_000 * HEADLINE_BYTES

_icc_cache: SingleFlightCache[TextTable | None] = SingleFlightCache(
    MAX_BYTES, lambda _: HEADLINE_BYTES
)
_cache: SingleFlightCache[Headline] = SingleFlightCache(MAX_BYTES, lambda _: HEADLINE_BYTES)


def cached_headline(
    snapshot_key: str,
    subset: Subset,
    summary: StudySummary,
    table: ReadingTable,
    results: Agreement,
    *,
    outcome: str,
    weights: str,
) -> Headline:
    """Return the headline of a subset of a snapshot, computed once in each process.

    The intervals, which take nearly all of the time, come from the cache of all processes.
    """
    settings = (summary.primary_interval, summary.seed, outcome, weights)
    key = (snapshot_key, summary.data_hash, subset, *settings)

    def compute() -> Headline:
        name = f"means:{hashlib.sha256(repr(key).encode()).hexdigest()}"
        expected = {
            (result.statistic, result.arm, result.readers)
            for result in results_of(MEANS, results, outcome, weights_named(weights))
        }
        intervals = _unpack(read_shared(name), expected)
        if intervals is None:
            intervals = headline_intervals(
                summary, table, results, outcome=outcome, weights=weights
            )
            write_shared(name, json.dumps([one.record() for one in intervals]).encode())
        return headline(
            summary, table, results, outcome=outcome, weights=weights, intervals=intervals
        )

    return _cache.get(key, compute)


def _unpack(
    data: bytes | None, expected: Set[tuple[str, str | None, tuple[str, ...]]]
) -> list[Interval] | None:
    """Return stored intervals; None for invalid bytes and for intervals of other results."""
    if data is None:
        return None
    try:
        intervals = [Interval.from_record(record) for record in json.loads(data)]
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    keys = {(one.statistic, one.arm, one.readers) for one in intervals}
    return intervals if keys == expected else None


def cached_icc_contrasts(
    snapshot_key: str,
    subset: Subset,
    summary: StudySummary,
    table: ReadingTable,
    results: Agreement,
) -> TextTable | None:
    """Return the contrasts of the ICC of a subset of a snapshot, computed once in each process."""
    return _icc_cache.get(
        (snapshot_key, summary.data_hash, subset, summary.seed),
        lambda: icc_contrast_table(table, results, seed=summary.seed, resamples=RESAMPLES),
    )
