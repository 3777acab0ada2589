"""Expected days against dates counted by hand and against the plan of the assignment page."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from studies.conduct.plan.dates import PlanRules, PlanSlot, expected_dates
from studies.sessions.assignment.draw import draw_assignment
from studies.sessions.assignment.orders import draw_order
from studies.sessions.assignment.plan import plan_lists
from studies.sessions.assignment.sequences import ReaderSlot
from studies.sessions.schedule.slots import Slot
from studies.sessions.schedule.turns import find_turn

START = date(2026, 12, 1)
WEEKLY = PlanRules(START, readings_per_week=7, washout_days=28)


def slots(batch: int, period: int, count: int, *, read: int = 0, read_on: date | None = None):
    return [
        PlanSlot(
            f"b{batch}p{period}n{position}",
            f"b{batch}n{position}",
            batch,
            period,
            position,
            to_read=position > read,
            opened_on=read_on if position <= read else None,
            seen_on=read_on if position <= read else None,
        )
        for position in range(1, count + 1)
    ]


def day(number: int) -> date:
    return START + timedelta(days=number)


def test_readings_are_spread_evenly_at_the_pace():
    expected = expected_dates(slots(1, 1, 3), WEEKLY)
    assert list(expected.values()) == [day(0), day(1), day(2)]
    twice = PlanRules(START, readings_per_week=14, washout_days=28)
    assert list(expected_dates(slots(1, 1, 4), twice).values()) == [day(0), day(0), day(1), day(1)]


def test_next_period_starts_after_the_washout():
    expected = expected_dates([*slots(1, 1, 2), *slots(1, 2, 2)], WEEKLY)
    assert expected["b1p1n2"] == day(1)
    assert (expected["b1p2n1"], expected["b1p2n2"]) == (day(1 + 28), day(2 + 28))


def test_washout_counts_from_the_last_submission_and_submitted_readings_have_no_date():
    done = slots(1, 1, 2, read=2, read_on=day(-10))
    expected = expected_dates([*done, *slots(1, 2, 1)], WEEKLY)
    assert expected == {"b1p2n1": day(18)}


def test_next_batch_is_read_during_the_washout_of_the_first():
    done = slots(1, 1, 2, read=2, read_on=day(-10))
    late = [*slots(2, 1, 3), *slots(2, 2, 3)]
    expected = expected_dates([*done, *slots(1, 2, 2), *late], WEEKLY)
    assert [expected[f"b2p1n{n}"] for n in (1, 2, 3)] == [day(0), day(1), day(2)]
    assert expected["b1p2n1"] == day(18)
    assert expected["b2p2n1"] == day(2 + 28)


def test_period_that_has_begun_is_finished_before_a_late_batch():
    done = slots(1, 1, 2, read=2, read_on=day(-40))
    begun = slots(1, 2, 2, read=1, read_on=day(-1))
    expected = expected_dates([*done, *begun, *slots(2, 1, 1)], WEEKLY)
    assert expected == {"b1p2n2": day(0), "b2p1n1": day(1)}


def test_hidden_repeats_wait_for_their_minimum_spacing_in_days():
    rules = PlanRules(START, readings_per_week=7, washout_days=0, repeat_after_days=5)
    first, once, repeat = (
        PlanSlot("first", "a", 1, 1, 1),
        PlanSlot("once", "b", 1, 1, 2),
        PlanSlot("repeat", "a", 1, 1, 3, replicate=2),
    )
    # The second part starts after the last first reading of a repeat.
    assert expected_dates([first, once, repeat], rules) == {
        "first": day(0),
        "once": day(6),
        "repeat": day(7),
    }
    read = PlanSlot("first", "a", 1, 1, 1, to_read=False, opened_on=day(-2), seen_on=day(-2))
    assert expected_dates([read, once, repeat], rules) == {"once": day(3), "repeat": day(4)}


@pytest.mark.parametrize("pace", [3, 20, 500])
@pytest.mark.parametrize("sequential", [False, True])
def test_days_of_a_new_batch_are_those_of_the_plan_on_the_assignment_page(pace, sequential):
    readers = [ReaderSlot(n, 1, (), 4) for n in (1, 2, 3)]
    rows = draw_assignment(
        cases=[f"c{n:02d}" for n in range(30)],
        readers=readers,
        arms=["unguided", "guided"],
        readers_per_case=2,
        seed=3,
        batch=1,
        sequential=sequential,
        repeat_spacing=6,
    )
    options = {"readings_per_week": pace, "washout_days": 28, "repeat_after_days": 9}
    plan = plan_lists(rows, starts_on=START, **options)
    for entry in plan:
        of_reader = [
            PlanSlot((r.period, r.position), r.case, 1, r.period, r.position, r.replicate)
            for r in rows
            if r.reader == entry.reader
        ]
        expected = expected_dates(of_reader, PlanRules(START, **options))
        of_period = [at for (period, _), at in expected.items() if period == entry.period]
        assert len(of_period) == entry.readings
        assert max(of_period) == entry.ends_on
        assert entry.starts_on <= min(of_period)


@pytest.mark.parametrize("seed", range(12))
def test_order_is_that_of_the_schedule_which_readers_follow(seed):
    """A reader who reads one case every noon follows the plan at seven readings per week."""
    rng = random.Random(seed)
    # Repeats without a spacing in days, before which the plan adds a whole pause, as the page does.
    washout = rng.randrange(1, 12)
    planned: list[PlanSlot] = []
    for batch in range(1, rng.randrange(2, 5)):
        cases = rng.randrange(4, 9)
        for period in range(1, rng.randrange(2, 4)):
            order = draw_order([f"b{batch}c{n}" for n in range(cases)], [f"b{batch}c0"], 3, rng)
            planned += [
                PlanSlot(uuid4(), row.case, batch, period, number, row.replicate)
                for number, row in enumerate(order, start=1)
            ]
    rules = PlanRules(START, 7, washout)
    slots = {
        slot.key: Slot(slot.key, slot.case, slot.batch, slot.period, slot.position, "waiting",
                       replicate=slot.replicate)
        for slot in planned
    }  # fmt: skip
    read_on: dict[object, date] = {}
    now = datetime.combine(START, time(12), UTC)
    while len(read_on) < len(slots):
        turn = find_turn(
            list(slots.values()),
            washout=timedelta(days=washout),
            now=now,
        )
        if turn.current is not None:
            key = turn.current.reading
            read_on[key] = now.date()
            slots[key] = replace(slots[key], state="submitted", opened_at=now, seen_at=now)
        now += timedelta(days=1)
        # A washout never lasts longer than this.
        assert now.date() < START + timedelta(days=2000)
    assert expected_dates(planned, rules) == read_on
