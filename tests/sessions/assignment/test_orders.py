"""Reading lists with hidden repeats: where the repeats lie, and who gets them."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.sessions.assignment.draw import AssignmentError, draw_assignment
from studies.sessions.assignment.orders import draw_order, min_cases
from studies.sessions.assignment.sequences import ReaderSlot

# Cases, repeats and spacing of a list that has enough cases.
lists = st.tuples(st.integers(1, 30), st.integers(1, 40), st.integers(0, 30)).map(
    lambda drawn: (max(drawn[0], drawn[1]) + drawn[2], drawn[0], drawn[1])
)


def indices(cases: int, repeats: int, spacing: int, seed: int):
    names = [f"case {number}" for number in range(cases)]
    repeated = random.Random(seed).sample(names, repeats)
    order = draw_order(names, repeated, spacing, random.Random(seed))
    return {(row.case, row.replicate): index for index, row in enumerate(order)}, names, repeated


@given(lists, st.integers(0, 9))
def test_every_case_is_read_once_and_the_repeated_ones_twice(drawn, seed):
    cases, repeats, spacing = drawn
    where, names, repeated = indices(cases, repeats, spacing, seed)
    assert set(where) == {(name, 1) for name in names} | {(name, 2) for name in repeated}
    assert sorted(where.values()) == list(range(cases + repeats))


@given(lists, st.integers(0, 9))
def test_repeat_follows_its_first_reading_after_the_spacing_and_in_the_second_part(drawn, seed):
    where, _, repeated = indices(*drawn, seed)
    assert all(where[case, 2] - where[case, 1] >= drawn[2] for case in repeated)
    assert min(where[case, 2] for case in repeated) > max(where[case, 1] for case in repeated)


def test_repeats_lie_among_cases_that_are_read_once():
    mixed = 0
    for seed in range(20):
        where, _, repeated = indices(60, 10, 20, seed)
        repeats = [where[case, 2] for case in repeated]
        mixed += max(repeats) - min(repeats) > 2 * len(repeated)
    assert mixed >= 18


def test_repeats_come_in_another_order_than_the_first_readings():
    same = 0
    for seed in range(20):
        where, _, repeated = indices(60, 10, 20, seed)
        first, again = (sorted(repeated, key=lambda case: where[case, n]) for n in (1, 2))
        same += first == again
    assert same == 0


def assign(cases: int, *, repeats: int, spacing: int, batch: int = 1):
    return draw_assignment(
        cases=[f"case {number:02d}" for number in range(cases)],
        readers=[ReaderSlot(number, 1, repeats=repeats) for number in range(3)],
        arms=["unguided", "guided"],
        readers_per_case=3,
        seed=4,
        batch=batch,
        repeat_spacing=spacing,
    )


def test_reader_reads_the_same_cases_twice_in_every_period():
    rows = assign(20, repeats=4, spacing=8)
    repeated = {
        (reader, period): {
            row.case for row in rows
            if (row.reader, row.period, row.replicate) == (reader, period, 2)
        }
        for reader in range(3) for period in (1, 2)
    }  # fmt: skip
    assert all(len(cases) == 4 for cases in repeated.values())
    assert all(repeated[reader, 1] == repeated[reader, 2] for reader in range(3))
    # Readers draw different cases, so that they cannot compare notes.
    assert len({frozenset(cases) for cases in repeated.values()}) > 1
    assert set(Counter((row.reader, row.period) for row in rows).values()) == {24}


@pytest.mark.parametrize(("repeats", "spacing"), [(4, 21), (21, 5)])
def test_first_batch_without_enough_cases_for_the_repeats_is_refused(repeats, spacing):
    with pytest.raises(AssignmentError, match="each reader needs 21 cases in the first batch"):
        assign(20, repeats=repeats, spacing=spacing)


def test_small_later_batch_is_assigned_without_repeats():
    assert {row.replicate for row in assign(5, repeats=4, spacing=8, batch=2)} == {1}
    assert min_cases(0, 20) == 0
