"""The sequences of arms: Williams designs, and their balance among readers and sites."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.sessions.assignment.draw import AssignmentError, draw_assignment
from studies.sessions.assignment.sequences import (
    ReaderSlot,
    draw_sequences,
    parallel_sequences,
    williams_sequences,
)

ARMS = ["unguided", "measured", "guided measured", "guided"]
sites_of_readers = st.lists(st.integers(1, 4), min_size=1, max_size=24)


@given(st.integers(1, 9))
def test_each_arm_occurs_equally_often_in_each_period(count):
    arms = [str(number) for number in range(count)]
    sequences = williams_sequences(arms)
    assert all(sorted(sequence) == arms for sequence in sequences)
    for period in zip(*sequences, strict=True):
        assert set(Counter(period).values()) == {len(sequences) // count}


@given(st.integers(2, 9))
def test_each_arm_follows_each_other_arm_equally_often(count):
    arms = [str(number) for number in range(count)]
    sequences = williams_sequences(arms)
    neighbours = Counter(pair for sequence in sequences for pair in pairwise(sequence))
    assert neighbours == dict.fromkeys(permutations(arms, 2), 1 + count % 2)


def test_two_arms_have_two_sequences_and_three_arms_have_six():
    assert williams_sequences(ARMS[:2]) == [("unguided", "measured"), ("measured", "unguided")]
    assert sorted(williams_sequences(ARMS[:3])) == sorted(permutations(ARMS[:3]))


@given(sites_of_readers, st.integers(2, 4), st.integers(0, 99), st.booleans())
def test_sequences_are_balanced_within_each_site(sites, count, seed, parallel):
    options = (parallel_sequences if parallel else williams_sequences)(ARMS[:count])
    readers = [ReaderSlot(number, site) for number, site in enumerate(sites)]
    drawn = draw_sequences(readers, options, random.Random(seed))
    for site in set(sites):
        counts = Counter(drawn[slot.reader] for slot in readers if slot.site == site)
        by_option = [counts[option] for option in options]
        assert max(by_option) - min(by_option) <= 1


def test_sites_with_one_reader_each_share_the_sequences_of_the_study():
    readers = [ReaderSlot(number, number) for number in range(12)]
    drawn = draw_sequences(readers, williams_sequences(ARMS[:3]), random.Random(5))
    assert set(Counter(drawn.values()).values()) == {2}


@given(st.integers(3, 4), st.integers(0, 99))
def test_crossover_of_several_arms_gives_each_reader_the_same_cases_in_every_period(count, seed):
    readers = [ReaderSlot(number, number % 2) for number in range(5)]
    rows = draw_assignment(
        cases=list("abcdefg"), readers=readers, arms=ARMS[:count], readers_per_case=2, seed=seed,
        batch=1,
    )  # fmt: skip
    for slot in readers:
        lists = {
            (row.period, row.arm): {r.case for r in rows if r.reader == slot.reader
                                    and r.period == row.period}
            for row in rows if row.reader == slot.reader
        }  # fmt: skip
        assert sorted(period for period, _ in lists) == list(range(1, count + 1))
        assert {arm for _, arm in lists} == set(ARMS[:count])
        assert len({frozenset(cases) for cases in lists.values()}) == 1


def parallel(readers: list[ReaderSlot], *, per_case: int = 2, arms: int = 2, seed: int = 1):
    return draw_assignment(
        cases=list("abcdef"), readers=readers, arms=ARMS[:arms], readers_per_case=per_case,
        seed=seed, batch=1, parallel=True,
    )  # fmt: skip


@given(st.integers(0, 99))
def test_parallel_groups_read_the_same_cases_and_each_reader_reads_in_one_arm(seed):
    rows = parallel([ReaderSlot(number, number % 3) for number in range(7)], seed=seed)
    assert {row.period for row in rows} == {1}
    assert len({(row.reader, row.arm) for row in rows}) == 7
    readers_of = Counter((row.case, row.arm) for row in rows)
    assert readers_of == {(case, arm): 2 for case in "abcdef" for arm in ARMS[:2]}


def test_group_without_enough_readers_is_named():
    with pytest.raises(AssignmentError, match="in each of the 2 groups, 4 in all"):
        parallel([ReaderSlot(number, 0) for number in range(3)])
    # Four readers, of whom three are in one group already.
    placed = [ReaderSlot(number, 0, ("unguided",)) for number in range(3)]
    with pytest.raises(AssignmentError, match="the measured group has 1 active"):
        parallel([*placed, ReaderSlot(3, 0)])


def test_reader_keeps_the_group_of_an_earlier_batch():
    rows = parallel([ReaderSlot(1, 1, ("measured",)), ReaderSlot(2, 1)], per_case=1)
    assert {(row.reader, row.arm) for row in rows} == {(1, "measured"), (2, "unguided")}
