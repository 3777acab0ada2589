"""Selection of the reader pairs that a report's tables show: of many, those of lowest kappa."""

from __future__ import annotations

from dataclasses import dataclass

from studies.analytics.results import Agreement
from studies.reports.document.plots.forest import MAX_PAIRS, pairs_by_kappa

Pair = tuple[str, str]


@dataclass(frozen=True)
class ShownPairs:
    """The pairs shown in a table, sorted as text, out of ``count`` pairs."""

    pairs: tuple[Pair, ...]
    count: int

    @property
    def all_shown(self) -> bool:
        """Return whether the table shows every pair."""
        return len(self.pairs) == self.count

    @property
    def description(self) -> str:
        """Return which pairs are shown, as part of a caption."""
        if self.all_shown:
            return "every pair of readers"
        return f"the {len(self.pairs)} of {self.count:,} pairs of readers with the lowest kappa"

    @property
    def note(self) -> str:
        """Return where the other pairs can be found, "" if all are shown."""
        return "" if self.all_shown else "The CSV file of this report lists every pair."


def every_pair(results: Agreement) -> ShownPairs:
    """Return the pairs of all arms."""
    pairs = sorted({pair for by_arm in results.pairs.values() for pair in by_arm})
    return ShownPairs(tuple(pairs), len(pairs))


def lowest_pairs(results: Agreement, *, outcome: str, weights: str) -> ShownPairs:
    """Return all pairs or, of more than MAX_PAIRS, those with the lowest mean kappa over the arms.

    If kappa is defined in fewer than MAX_PAIRS pairs, other pairs fill the table.
    """
    everything = every_pair(results)
    if everything.count <= MAX_PAIRS:
        return everything
    lowest = pairs_by_kappa(results, outcome=outcome, weights=weights)
    rest = [pair for pair in everything.pairs if pair not in set(lowest[:MAX_PAIRS])]
    return ShownPairs(tuple(sorted([*lowest, *rest][:MAX_PAIRS])), everything.count)
