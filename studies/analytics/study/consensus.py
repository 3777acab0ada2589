"""Agreement of each reader with the consensus of the others: the median or the majority.

The lower median exists for every item that two others scored. The majority leaves out items without
an absolute majority, so its comparisons can have fewer items.

A reader does not enter the consensus that they are compared with, as this would favour them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np

from studies.analytics.coefficients.kappa import Weights, fit_kappa, proportion_within, weighting
from studies.analytics.ratings import Ratings
from studies.analytics.result import Result
from studies.analytics.scale import MISSING
from studies.analytics.table import IntArray

CONSENSUS_STATISTICS: Final = frozenset(
    {
        *("kappa_with_consensus", "agreement_with_consensus"),
        *("kappa_with_majority", "agreement_with_majority"),
    }
)
RULES: Final = {
    "consensus": "the lower median of the other readers, at least two of them",
    "majority": "the score of more than half of the other readers, at least two of them",
}
"""The rules of a consensus, by the last word in the names of their statistics."""
# With one other reader, the consensus would be that reader's score, and the comparison a pair's.
FEWEST_OTHERS: Final = 2


def consensus(ratings: IntArray) -> IntArray:
    """Return the lower median of each item's scores.

    Parameters
    ----------
    ratings : int array (readers, items)
        Category numbers, -1 where missing.

    Returns
    -------
    int array (items,)
        -1 for items with fewer than two scores.

    Examples
    --------
    >>> consensus(np.array([[0, 1, -1], [1, 1, 3], [3, -1, -1]])).tolist()
    [1, 1, -1]
    """
    known = (ratings != MISSING).sum(axis=0)
    highest = np.iinfo(np.int64).max
    ordered = np.sort(np.where(ratings == MISSING, highest, ratings), axis=0)
    index = np.maximum(known - 1, 0) // 2
    middle = ordered[index, np.arange(ratings.shape[1])]
    medians: IntArray = np.where(known >= FEWEST_OTHERS, middle, MISSING)
    return medians


def majority(ratings: IntArray, categories: int) -> IntArray:
    """Return the score that more than half of an item's readers gave.

    Parameters
    ----------
    ratings : int array (readers, items)
        Category numbers, -1 where missing.
    categories : int
        Number of categories of the scale.

    Returns
    -------
    int array (items,)
        -1 without an absolute majority, and for items with fewer than two scores.

    Examples
    --------
    >>> majority(np.array([[0, 1, -1], [1, 1, 3], [1, 0, -1], [1, 0, -1]]), 4).tolist()
    [1, -1, -1]
    """
    counts = np.array([(ratings == category).sum(axis=0) for category in range(categories)])
    known = counts.sum(axis=0)
    agreed = (2 * counts.max(axis=0) > known) & (known >= FEWEST_OTHERS)
    modes: IntArray = np.where(agreed, counts.argmax(axis=0), MISSING)
    return modes


def consensus_of_others(ratings: IntArray, rule: Callable[[IntArray], IntArray]) -> IntArray:
    """Return for each reader the consensus of all others, by `consensus` or `majority`.

    Parameters
    ----------
    ratings : int array (readers, items)
        Category numbers, -1 where missing.
    rule : callable
        Takes the ratings of the other readers and returns their consensus (items,).

    Returns
    -------
    int array (readers, items)
        Row k does not depend on the ratings of reader k.
    """
    if len(ratings) <= FEWEST_OTHERS:
        return np.full_like(ratings, MISSING)
    others: IntArray = np.tile(rule(ratings), (len(ratings), 1))
    for reader, scores in enumerate(ratings):
        # The consensus on other items does not contain the reader. In large studies, those are
        # most items.
        items = np.flatnonzero(scores != MISSING)
        others[reader, items] = rule(np.delete(ratings[:, items], reader, axis=0))
    return others


def consensus_results(
    ratings: Ratings, readers: tuple[str, ...], weights: Sequence[Weights]
) -> Iterator[Result]:
    """Yield every reader's kappa and exact agreement with the consensus of the others.

    First by the lower median, then by the majority. Needs three or more readers. Standard errors
    are clustered by patient.
    """
    if len(readers) <= FEWEST_OTHERS:
        return
    whole = ratings.category_numbers(readers).T
    by_majority = partial(majority, categories=ratings.categories)
    for name, rule in (("consensus", consensus), ("majority", by_majority)):
        others = consensus_of_others(whole, rule)
        method = (
            f"against {RULES[name]}; SE from influence values summed per patient; "
            "95 % CI: value ± 1.96 SE"
        )
        for index, reader in enumerate(readers):
            pair = ratings.pair_of(whole[index], others[index])
            where = (ratings.outcome, ratings.arm, (reader,))
            for scheme in weights:
                estimate = fit_kappa(pair, scheme).estimate(
                    f"Cohen's kappa, {weighting(scheme)}; {method}"
                )
                yield Result(f"kappa_with_{name}", scheme, *where, estimate)
            share = proportion_within(pair, 0, f"proportion of items equal; {method}")
            yield Result(f"agreement_with_{name}", None, *where, share)
