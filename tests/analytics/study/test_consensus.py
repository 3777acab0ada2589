"""The consensus of the other readers, against plain counting."""

from __future__ import annotations

from collections import Counter
from functools import partial
from statistics import median_low

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import Ratings
from studies.analytics.study.consensus import (
    consensus,
    consensus_of_others,
    consensus_results,
    majority,
)
from studies.analytics.table import ReadingTable
from tests.analytics.rows import crossover

CATEGORIES = 4


@pytest.fixture
def ratings() -> np.ndarray:
    rng = np.random.default_rng(3)
    values = rng.integers(0, CATEGORIES, (5, 200))
    return np.where(rng.random(values.shape) < 0.3, -1, values)


@pytest.fixture(scope="module")
def simulated() -> ReadingTable:
    return parse_csv(crossover(readers=5, cases=60))


def plain_majority(scores: list[int]) -> int:
    known = [score for score in scores if score >= 0]
    if len(known) < 2:
        return -1
    score, count = Counter(known).most_common(1)[0]
    return score if 2 * count > len(known) else -1


def plain_median(scores: list[int]) -> int:
    known = [score for score in scores if score >= 0]
    return median_low(known) if len(known) >= 2 else -1


@pytest.mark.parametrize(
    ("rule", "plain"),
    [(consensus, plain_median), (partial(majority, categories=CATEGORIES), plain_majority)],
)
def test_consensus_of_the_others_equals_plain_counting(ratings, rule, plain):
    others = consensus_of_others(ratings, rule)
    for reader in range(len(ratings)):
        rest = np.delete(ratings, reader, axis=0)
        assert others[reader].tolist() == [plain(column.tolist()) for column in rest.T]


@pytest.mark.parametrize("rule", [consensus, partial(majority, categories=CATEGORIES)])
def test_judged_reader_has_no_part_in_the_consensus(ratings, rule):
    changed = ratings.copy()
    changed[2] = 3
    before, after = consensus_of_others(ratings, rule), consensus_of_others(changed, rule)
    assert (before[2] == after[2]).all()
    assert (before[1] != after[1]).any()


def test_both_rules_are_reported_with_the_items_that_they_leave(simulated):
    """Kappas of scikit-learn for the items that remain after plain counting."""
    ratings = Ratings(simulated, "aac_group", "guided")
    scores = ratings.category_numbers(simulated.readers).T
    results = {
        (result.statistic, result.readers[0]): result.estimate
        for result in consensus_results(ratings, simulated.readers, ["linear"])
    }
    assert len(results) == 4 * len(simulated.readers)
    fewer = 0
    for index, reader in enumerate(simulated.readers):
        rest = np.delete(scores, index, axis=0)
        counts = {}
        for name, plain in (("consensus", plain_median), ("majority", plain_majority)):
            others = np.array([plain(column.tolist()) for column in rest.T])
            known = (others >= 0) & (scores[index] >= 0)
            estimate = results[f"kappa_with_{name}", reader]
            oracle = cohen_kappa_score(
                scores[index][known], others[known], labels=[0, 1, 2], weights="linear"
            )
            assert estimate.value == pytest.approx(oracle, abs=1e-12)
            share = results[f"agreement_with_{name}", reader]
            assert share.value == pytest.approx((scores[index][known] == others[known]).mean())
            counts[name] = estimate.n
            assert estimate.n == share.n == known.sum()
        fewer += counts["majority"] < counts["consensus"]
    assert fewer


def test_two_readers_have_no_consensus(simulated):
    ratings = Ratings(simulated, "aac24", "guided")
    assert not list(consensus_results(ratings, simulated.readers[:2], ["linear"]))
