"""The consensus of the other readers, against plain counting."""

from __future__ import annotations

from collections import Counter
from functools import partial
from statistics import median_low

import numpy as np
import pytest

from studies.analytics.study.consensus import consensus, consensus_of_others, majority

CATEGORIES = 4


@pytest.fixture
def ratings() -> np.ndarray:
    rng = np.random.default_rng(3)
    values = rng.integers(0, CATEGORIES, (5, 200))
    return np.where(rng.random(values.shape) < 0.3, -1, values)


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
