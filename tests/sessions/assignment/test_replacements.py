"""Cases of a reader who dropped out are divided among the others as in the assignment."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from studies.sessions.assignment.replacements import draw_replacements
from studies.sessions.assignment.strata import Stratum


@pytest.mark.parametrize("seed", range(40))
def test_numbers_differ_by_one_in_a_stratum_and_by_two_in_all(seed: int) -> None:
    rng = random.Random(seed)
    readers = list(range(rng.randrange(1, 6)))
    cases = [f"C{number:03d}" for number in range(rng.randrange(1, 40))]
    kinds = [Stratum(f"scanner {k}", "A") for k in range(rng.randrange(1, 5))]
    strata = {case: rng.choice(kinds) for case in cases}
    drawn = draw_replacements(cases, readers, {}, rng, strata)
    assert set(drawn) == set(cases)
    for kind in kinds:
        counts = Counter(drawn[case] for case in cases if strata[case] == kind)
        numbers = [counts[reader] for reader in readers]
        assert max(numbers) - min(numbers) <= 1
    totals = Counter(drawn.values())
    numbers = [totals[reader] for reader in readers]
    assert max(numbers) - min(numbers) <= 2


def test_no_reader_gets_a_case_twice_and_others_even_out() -> None:
    cases = [f"C{number}" for number in range(6)]
    # Reader 1 has the first two cases already, so that reader 2 gets them and 1 gets others.
    taken = {"C0": {1}, "C1": {1}, "C5": {1, 2}}
    for seed in range(20):
        drawn = draw_replacements(cases, [1, 2], taken, random.Random(seed))
        assert drawn["C0"] == drawn["C1"] == 2
        assert "C5" not in drawn
        assert Counter(drawn.values()) in (Counter({1: 2, 2: 3}), Counter({1: 3, 2: 2}))


def test_same_seed_gives_the_same_readers() -> None:
    cases = [f"C{number}" for number in range(9)]
    first, second = (draw_replacements(cases, [1, 2, 3], {}, random.Random(4)) for _ in range(2))
    assert first == second
