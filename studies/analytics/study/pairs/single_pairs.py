"""The results that are computed one pair of readers at a time, on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.outcomes import AAC8_WALLS
from studies.analytics.ratings import Ratings
from studies.analytics.result import Result
from studies.analytics.study.other_coefficients import (
    PAIR_STATISTICS,
    cut_offs,
    pair_coefficients,
)
from studies.analytics.study.pairs.results import PairPart, Readers
from studies.analytics.study.totals import (
    results_at_cut_offs,
    results_by_burden,
    total_detail,
    total_results,
)

TOTALS: Final = ("aac24", "aac8", *AAC8_WALLS)
"""Outcomes that are compared as numbers too: by ICC and limits of agreement."""
LIMITS: Final = ("bland_altman_bias", "bland_altman_lower", "bland_altman_upper")
TOTAL_STATISTICS: Final = frozenset({*LIMITS, "icc_a_1", "icc_c_1"})
FURTHER_TOTAL_STATISTICS: Final = frozenset(
    {
        "icc_1_1", "icc_1_k", "icc_a_k", "icc_c_k", "sem", "sdc",
        "lin_ccc", "pearson", "spearman", "kendall_tau_b",
    }
)  # fmt: skip
AT_CUT_OFFS: Final = frozenset({"cohen_kappa_at_cut", "percent_agreement_at_cut"})
BY_BURDEN: Final = frozenset(f"{name}_in_stratum" for name in LIMITS)


def pair_parts(
    ratings: Ratings, weights: Sequence[Weights], limits: tuple[int, int], *, detail: bool
) -> Iterator[PairPart]:
    """Yield the parts of a pair's results, in the order of the records.

    Parameters
    ----------
    ratings : Ratings
        The ratings of all readers in one outcome and arm.
    weights : sequence of str
        Schemes of weights.
    limits : (int, int)
        Lowest totals of the moderate and of the high group.
    detail : bool
        Whether to add results that the page does not show.
    """
    outcome, arm = ratings.outcome, ratings.arm

    def totals(readers: Readers) -> Iterator[Result]:
        return total_results(ratings.as_numbers(readers), outcome, arm, readers)

    def coefficients(readers: Readers) -> Iterator[Result]:
        cuts = cut_offs(outcome, limits)
        return pair_coefficients(ratings, ratings.pair(readers), readers, weights, cuts)

    def more_of_totals(readers: Readers) -> Iterator[Result]:
        return total_detail(ratings.as_numbers(readers), outcome, arm, readers)

    def totals_at_cut_offs(readers: Readers) -> Iterator[Result]:
        return results_at_cut_offs(ratings.pair(readers), outcome, arm, readers, limits)

    if outcome in TOTALS:
        yield PairPart(TOTAL_STATISTICS, LastPairCache(totals))
    if detail:
        yield PairPart(PAIR_STATISTICS, coefficients)
        if outcome in TOTALS:
            yield PairPart(FURTHER_TOTAL_STATISTICS, more_of_totals)
            yield PairPart(AT_CUT_OFFS, totals_at_cut_offs)
        if outcome == "aac24":
            yield PairPart(BY_BURDEN, partial(results_by_burden, ratings, group_limits=limits))


class LastPairCache:
    """Caches the results of the last pair, as one row of a table uses several of them."""

    def __init__(self, make: Callable[[Readers], Iterator[Result]]) -> None:
        self.make = make
        self._last: tuple[Readers | None, tuple[Result, ...]] = (None, ())

    def __call__(self, readers: Readers) -> Iterator[Result]:
        last, results = self._last
        if last != readers:
            results = tuple(self.make(readers))
            self._last = readers, results
        return iter(results)
