"""Which pairs of readers a report's tables show: of many, those with the lowest kappa."""

from __future__ import annotations

from dataclasses import dataclass

from studies.analytics.results import Agreement
from studies.reports.document.plots.forest import MOST_PAIRS, pairs_by_kappa

Pair = tuple[str, str]


@dataclass(frozen=True)
class ShownPairs:
    """The pairs that a table shows, sorted as text, of ``count`` in all."""

    pairs: tuple[Pair, ...]
    count: int

    @property
    def all_shown(self) -> bool:
        return len(self.pairs) == self.count

    @property
    def words(self) -> str:
        """Name the pairs as a caption does."""
        if self.all_shown:
            return "every pair of readers"
        return f"the {len(self.pairs)} of {self.count:,} pairs of readers with the lowest kappa"

    @property
    def note(self) -> str:
        """Return where the other pairs are, "" where there are none."""
        return "" if self.all_shown else "The CSV of this report has every pair."


def every_pair(found: Agreement) -> ShownPairs:
    pairs = sorted({pair for own in found.pairs.values() for pair in own})
    return ShownPairs(tuple(pairs), len(pairs))


def lowest_pairs(found: Agreement, *, outcome: str, weights: str) -> ShownPairs:
    """Return all pairs, or of more than MOST_PAIRS those with the lowest mean kappa over the arms.

    Where the kappa of fewer pairs is defined, the first of the others follow.
    """
    every = every_pair(found)
    if every.count <= MOST_PAIRS:
        return every
    low = pairs_by_kappa(found, outcome=outcome, weights=weights)
    rest = [pair for pair in every.pairs if pair not in set(low[:MOST_PAIRS])]
    return ShownPairs(tuple(sorted([*low, *rest][:MOST_PAIRS])), every.count)
