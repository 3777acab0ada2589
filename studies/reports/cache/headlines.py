"""Cache of headlines, whose bootstrap takes up to a few seconds with many readers."""

from __future__ import annotations

from typing import Final

from studies.analytics.results import Agreement
from studies.analytics.study.subset import Subset
from studies.analytics.table import ReadingTable
from studies.reports.cache.single_flight import SingleFlightCache
from studies.reports.document.finding.headline import Headline, headline
from studies.reports.document.summary.study import StudySummary

HEADLINE_BYTES: Final = 4_000
MAX_BYTES: Final = 1_000 * HEADLINE_BYTES

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
    """Return the headline of a subset of a snapshot, computed once in each process."""
    settings = (summary.primary_interval, summary.seed, outcome, weights)
    return _cache.get(
        (snapshot_key, summary.data_hash, subset, *settings),
        lambda: headline(summary, table, results, outcome=outcome, weights=weights),
    )
