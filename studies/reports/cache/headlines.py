"""Cache of what page views compute by bootstrap: headlines and contrasts of the ICC."""

from __future__ import annotations

from typing import Final

from studies.analytics.results import Agreement
from studies.analytics.study.subset import Subset
from studies.analytics.table import ReadingTable
from studies.reports.cache.single_flight import SingleFlightCache
from studies.reports.document.bootstrap_intervals import RESAMPLES
from studies.reports.document.finding.headline import Headline, headline
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.contrast_table import icc_contrast_table
from studies.reports.document.tables.text_table import TextTable

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
    """Return the headline of a subset of a snapshot, computed once in each process."""
    settings = (summary.primary_interval, summary.seed, outcome, weights)
    return _cache.get(
        (snapshot_key, summary.data_hash, subset, *settings),
        lambda: headline(summary, table, results, outcome=outcome, weights=weights),
    )


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
