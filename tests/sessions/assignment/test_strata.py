"""Stratified assignment: the bounds that the documentation states hold for every draw."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from studies.sessions.assignment.draw import draw_assignment
from studies.sessions.assignment.sequences import ReaderSlot
from studies.sessions.assignment.strata import (
    Stratum,
    balance_of,
    draw_balanced_order,
    draw_readers_within_strata,
)

SCANNERS = ("GE Lunar iDXA", "Hologic Horizon", "Hologic Discovery")
STRATA = st.builds(
    Stratum, st.sampled_from(SCANNERS), st.sampled_from("AB"), st.sampled_from(["low", "high"])
)
CASES = st.lists(STRATA, min_size=1, max_size=60).map(
    lambda strata: {f"C{number:03d}": stratum for number, stratum in enumerate(strata)}
)


@given(CASES, st.integers(1, 8), st.integers(1, 4), st.integers(0, 99))
def test_readers_differ_by_one_case_in_each_stratum_and_by_two_in_all(
    strata, readers, per_case, seed
):
    per_case = min(per_case, readers)
    keys = list(range(readers))
    drawn = draw_readers_within_strata(list(strata), keys, per_case, strata, random.Random(seed))
    assert all(len(set(group)) == per_case for group in drawn.values())
    pairs = [(reader, case) for case, group in drawn.items() for reader in group]
    for entry in balance_of(pairs, keys, strata):
        assert entry.most - entry.fewest <= 1
        # Computed in another way.
        counts = Counter(reader for reader, case in pairs if strata[case] == entry.stratum)
        assert (entry.fewest, entry.most) == (
            min(counts[key] for key in keys),
            max(counts[key] for key in keys),
        )
    totals = Counter(reader for reader, _ in pairs)
    assert max(totals[key] for key in keys) - min(totals[key] for key in keys) <= 2


@given(CASES, st.integers(0, 99))
def test_halves_of_an_order_differ_by_one_case_in_each_stratum(strata, seed):
    order = draw_balanced_order(list(strata), strata, random.Random(seed))
    assert sorted(order) == sorted(strata)
    sizes = set()
    for middle in (len(order) // 2, (len(order) + 1) // 2):
        halves = [
            Counter(strata[case] for case in half) for half in (order[:middle], order[middle:])
        ]
        sizes.add(max(abs(halves[0][s] - halves[1][s]) for s in strata.values()))
    # With an odd number of cases, the longer half may be the first or the second one.
    assert min(sizes) <= 1


def test_assignment_without_strata_is_drawn_as_before():
    slots = [ReaderSlot(1, 1), ReaderSlot(2, 1), ReaderSlot(3, 2)]
    arguments = {
        "cases": [f"C{number}" for number in range(9)],
        "readers": slots,
        "arms": ["unguided", "guided"],
        "readers_per_case": 2,
        "seed": 7,
        "batch": 1,
    }
    assert draw_assignment(**arguments) == draw_assignment(**arguments, strata=None)


@given(CASES, st.sampled_from(["crossover", "sequential", "parallel"]), st.integers(0, 9))
def test_every_design_is_balanced_by_stratum(strata, design, seed):
    slots = [ReaderSlot(key, key % 2) for key in range(4)]
    rows = draw_assignment(
        cases=list(strata), readers=slots, arms=["unguided", "guided"], readers_per_case=2,
        seed=seed, batch=1, parallel=design == "parallel", sequential=design == "sequential",
        strata=strata,
    )  # fmt: skip
    pairs = {(row.reader, row.case) for row in rows}
    groups = [[0, 1, 2, 3]]
    if design == "parallel":
        arms = {row.reader: row.arm for row in rows}
        groups = [[key for key in arms if arms[key] == arm] for arm in ("unguided", "guided")]
    for group in groups:
        of_group = [pair for pair in pairs if pair[0] in group]
        for entry in balance_of(of_group, group, strata):
            assert entry.most - entry.fewest <= 1
    for reader, period in {(row.reader, row.period) for row in rows}:
        order = [
            row.case
            for row in sorted(rows, key=lambda row: row.position)
            if (row.reader, row.period, row.step) == (reader, period, 1)
        ]
        differences = []
        for middle in (len(order) // 2, (len(order) + 1) // 2):
            first = Counter(strata[case] for case in order[:middle])
            second = Counter(strata[case] for case in order[middle:])
            differences.append(max(abs(first[s] - second[s]) for s in {*first, *second}))
        assert min(differences) <= 1
