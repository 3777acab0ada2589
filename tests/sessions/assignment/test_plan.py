"""The plan of an assignment: the expected dates of each reading list."""

from __future__ import annotations

from datetime import date

from studies.sessions.assignment.draw import AssignedReading
from studies.sessions.assignment.plan import plan_lists

MONDAY = date(2026, 11, 30)


def rows(readings: int, repeats: int = 0) -> list[AssignedReading]:
    return [
        AssignedReading(1, f"case {n}", arm, period, n, 2 if n <= repeats else 1)
        for period, arm in ((1, "guided"), (2, "unguided"))
        for n in range(1, readings + 1)
    ]


def plan(readings: int, repeats: int = 0, **options: int):
    options = {"readings_per_week": 20, "washout_days": 28, **options}
    return plan_lists(rows(readings, repeats), starts_on=MONDAY, **options)


def test_period_2_starts_a_washout_after_the_last_reading_of_period_1():
    first, second = plan(40)
    assert (first.arm, first.starts_on, first.ends_on) == ("guided", MONDAY, date(2026, 12, 13))
    assert (second.starts_on, second.ends_on) == (date(2027, 1, 10), date(2027, 1, 23))
    assert second.left + second.width == 100


def test_pace_and_pause_before_repeats_lengthen_a_list():
    assert plan(40, readings_per_week=10)[0].ends_on == date(2026, 12, 27)
    assert plan(40, 5, repeat_after_days=7)[0].ends_on == date(2026, 12, 20)
    assert plan(40, repeat_after_days=7)[0].ends_on == date(2026, 12, 13)


def test_a_single_reading_takes_one_day_and_without_washout_the_next_list_follows():
    first, second = plan(1, washout_days=0)
    assert first.starts_on == first.ends_on == MONDAY
    assert second.starts_on == date(2026, 12, 1)
