"""The random draw of an assignment: balance, order, and reproducibility by the seed."""

import hashlib
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.sessions.assignment.draw import AssignmentError, draw_assignment
from studies.sessions.assignment.sequences import ReaderSlot

ARMS = ["unguided", "guided"]


def assign(
    cases: int, readers: int, per_case: int, *, sites: int = 2, seed: int = 1, batch: int = 1
):
    return draw_assignment(
        cases=[f"case-{number:03d}" for number in range(cases)],
        readers=[ReaderSlot(number, number % sites) for number in range(readers)],
        arms=ARMS,
        readers_per_case=per_case,
        seed=seed,
        batch=batch,
    )


studies = st.tuples(
    st.integers(1, 40), st.integers(1, 9), st.integers(1, 4), st.integers(1, 9)
).flatmap(lambda drawn: st.just((drawn[0], drawn[1], min(drawn[3], drawn[1]), drawn[2])))


@given(studies, st.integers(0, 99))
def test_each_case_has_the_same_readers_in_both_arms(drawn, seed):
    cases, readers, per_case, sites = drawn
    rows = assign(cases, readers, per_case, sites=sites, seed=seed)
    by_arm = {arm: {(r.case, r.reader) for r in rows if r.arm == arm} for arm in ARMS}
    assert by_arm["unguided"] == by_arm["guided"]
    assert set(Counter(case for case, _ in by_arm["guided"]).values()) == {per_case}


@given(studies, st.integers(0, 99))
def test_readers_differ_by_one_case_at_most(drawn, seed):
    cases, readers, per_case, sites = drawn
    rows = assign(cases, readers, per_case, sites=sites, seed=seed)
    load = Counter(row.reader for row in rows if row.period == 1)
    counts = [load[reader] for reader in range(readers)]
    assert max(counts) - min(counts) <= 1


@given(studies, st.integers(0, 99))
def test_half_of_the_readers_of_a_site_start_unguided(drawn, seed):
    cases, readers, per_case, sites = drawn
    rows = assign(cases, readers, per_case, sites=sites, seed=seed)
    first = {row.reader: row.arm for row in rows if row.period == 1}
    if len(first) < readers:
        return
    for site in range(min(sites, readers)):
        starts = Counter(arm for reader, arm in first.items() if reader % sites == site)
        assert abs(starts["unguided"] - starts["guided"]) <= 1


@given(studies, st.integers(0, 99))
def test_positions_of_a_list_run_from_1_without_a_gap(drawn, seed):
    cases, readers, per_case, sites = drawn
    lists: dict[tuple[int, int], list[int]] = {}
    for row in assign(cases, readers, per_case, sites=sites, seed=seed):
        lists.setdefault((row.reader, row.period), []).append(row.position)
    assert all(
        sorted(positions) == list(range(1, len(positions) + 1)) for positions in lists.values()
    )


def test_same_seed_draws_the_same_and_another_batch_another_order():
    assert assign(20, 4, 2) == assign(20, 4, 2)
    assert assign(20, 4, 2) != assign(20, 4, 2, seed=2)
    assert assign(20, 4, 2) != assign(20, 4, 2, batch=2)


def test_order_differs_between_readers_and_between_periods():
    rows = assign(24, 4, 4)
    orders = {
        (reader, period): [r.case for r in rows if (r.reader, r.period) == (reader, period)]
        for reader in range(4)
        for period in (1, 2)
    }
    assert len({tuple(order) for order in orders.values()}) == 8


def test_pairs_of_readers_meet_about_equally_often():
    rows = [row for row in assign(60, 4, 2) if row.period == 1]
    readers_of: dict[str, set[int]] = {}
    for row in rows:
        readers_of.setdefault(row.case, set()).add(row.reader)
    meetings = Counter(frozenset(pair) for pair in readers_of.values())
    counts = [meetings[frozenset(pair)] for pair in combinations(range(4), 2)]
    assert max(counts) - min(counts) <= 3


def test_reader_with_a_list_keeps_its_starting_arm():
    rows = draw_assignment(
        cases=["a", "b"],
        readers=[
            ReaderSlot(1, 1, ("guided", "unguided")),
            ReaderSlot(2, 1, ("guided", "unguided")),
        ],
        arms=ARMS,
        readers_per_case=2,
        seed=3,
        batch=2,
    )
    assert {row.arm for row in rows if row.period == 1} == {"guided"}


@pytest.mark.parametrize(("cases", "readers", "per_case"), [(0, 3, 2), (3, 1, 2), (3, 0, 1)])
def test_assignment_without_cases_or_readers_raises_an_error(cases, readers, per_case):
    with pytest.raises(AssignmentError):
        assign(cases, readers, per_case)


@pytest.mark.parametrize(
    ("readers", "per_case", "seed", "batch", "fingerprint"),
    [
        (2, 2, 1, 1, "97f830fb7a2bf58148b079f986f3b50791c1e55bc633153c95cffeadfa365150"),
        (9, 3, 7, 2, "bfcdddf7f5af8501bba7d8c203fe72131110798ee7009ad8af1fc91d0afe045a"),
        (40, 2, 3, 1, "b1f5b7a7e8cf8668375d79fe22485c1c2dfa74180239b956b5f1fab4c758c517"),
    ],
)
def test_seed_gives_the_rows_that_version_0_1_0_drew(readers, per_case, seed, batch, fingerprint):
    rows = assign(200, readers, per_case, seed=seed, batch=batch)
    text = "\n".join(f"{r.reader},{r.case},{r.arm},{r.period},{r.position}" for r in rows)
    assert hashlib.sha256(text.encode()).hexdigest() == fingerprint
