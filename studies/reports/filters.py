"""Filters of the agreement page, parsed from the query string, and the readings they select."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from studies.analytics.coefficients.kappa import WEIGHTS, Weights
from studies.analytics.results import Agreement
from studies.analytics.study.subset import Subset
from studies.analytics.table import ReadingTable
from studies.reports.cache.headlines import cached_headline, cached_icc_contrasts
from studies.reports.document.finding.headline import Headline
from studies.reports.document.plots.forest import pairs_by_kappa
from studies.reports.document.tables.text_table import TextTable
from studies.reports.snapshot import Snapshot, agreement_within

# Joins the labels of two readers in the query string.
PAIR_SEPARATOR = "~"
MIN_READERS = 2
MAX_ICC_PAIRS = 66
"""Pairs of readers, those of 12 readers, up to which the page has contrasts of the ICC."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Validated filters of one snapshot.

    Parameters
    ----------
    outcome, weights
        The outcome shown and the weights of its kappa.
    subset
        The readers, arm, imaging site and scanner selected.
    pair
        The pair of readers whose scores are drawn one against the other.
    """

    outcome: str
    weights: Weights
    subset: Subset
    pair: tuple[str, str] | None

    @property
    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield the filters as names and values of a query string."""
        yield "outcome", self.outcome
        yield "weights", self.weights
        for name in ("arm", "site", "scanner"):
            # Filters that restrict nothing are left out, so that equal selections have equal query
            # strings.
            if value := getattr(self.subset, name):
                yield name, value
        for reader in self.subset.readers:
            yield "reader", reader
        if self.pair:
            yield "pair", PAIR_SEPARATOR.join(self.pair)

    @property
    def query(self) -> str:
        """Return the filters as a query string."""
        return urlencode(list(self.fields))


@dataclass(frozen=True, slots=True)
class Selection:
    """The filtered readings of a snapshot and their agreement."""

    snapshot: Snapshot
    filters: Filters
    table: ReadingTable
    results: Agreement

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the pairs of readers of all arms, sorted as text."""
        return sorted({pair for pairs in self.results.pairs.values() for pair in pairs})

    @property
    def headline(self) -> Headline:
        """Return the main finding of the selection with the primary interval of the study."""
        return self.load_headline()

    def load_headline(self) -> Headline:
        """Return the headline from the cache, or compute it and store its intervals there."""
        return cached_headline(
            self.snapshot.key,
            self.filters.subset,
            self.snapshot.summary,
            self.table,
            self.results,
            outcome=self.filters.outcome,
            weights=self.filters.weights,
        )

    @property
    def icc_contrasts(self) -> TextTable | None:
        """Return the contrasts of the ICC between arms; None without arms to compare.

        None with many pairs of readers, too: their bootstrap would delay the page. Reports have it.
        """
        if len(self.pairs) > MAX_ICC_PAIRS:
            return None
        snapshot = self.snapshot
        return cached_icc_contrasts(
            snapshot.key, self.filters.subset, snapshot.summary, self.table, self.results
        )


def parse_selection(query: QueryDict, snapshot: Snapshot) -> Selection:
    """Return the selection that a query string describes.

    Unknown values are ignored, so that an old bookmark still opens: outcome and weights fall back
    to the primary ones of the study, other filters to no restriction.
    """
    outcome = query.get("outcome", "")
    if outcome not in snapshot.table.outcomes:
        outcome = snapshot.summary.outcome
    weights = next(
        (name for name in WEIGHTS if name == query.get("weights", "")),
        next(name for name in WEIGHTS if name == snapshot.summary.weights),
    )
    subset = _parse_subset(query, snapshot.table)
    table, results = agreement_within(snapshot, subset)
    pair = _parse_pair(query, results, outcome, weights)
    return Selection(snapshot, Filters(outcome, weights, subset, pair), table, results)


def _parse_subset(query: QueryDict, table: ReadingTable) -> Subset:
    selected = set(query.getlist("reader"))
    # In the order of the table: the order of the query string must not give another selection.
    readers = tuple(name for name in table.readers if name in selected)
    # Agreement needs two readers, and all of them together set no restriction.
    if not MIN_READERS <= len(readers) < len(table.readers):
        readers = ()
    # With one arm the filter would change nothing but the key of the cache.
    arms = table.arms if len(table.arms) > 1 else ()
    return Subset(
        readers=readers,
        arm=known_value(query.get("arm", ""), arms),
        site=known_value(query.get("site", ""), table.case_site),
        scanner=known_value(query.get("scanner", ""), table.case_scanner),
    )


def _parse_pair(
    query: QueryDict, results: Agreement, outcome: str, weights: str
) -> tuple[str, str] | None:
    """Return the selected pair; by default the one with the lowest kappa, as in the report."""
    pairs = {PAIR_SEPARATOR.join(pair): pair for arm in results.pairs.values() for pair in arm}
    if selected := pairs.get(str(query.get("pair", ""))):
        return selected
    lowest = pairs_by_kappa(results, outcome=outcome, weights=weights)
    # Pairs without a kappa come last, but one of them is drawn if there is no other.
    return next(iter([*lowest, *pairs.values()]), None)


def known_value(value: str, known: tuple[str | None, ...]) -> str:
    """Return the value if it is one of the known ones, else ""."""
    return value if value in known else ""
