"""Pace, openings and expected ends against dates counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from studies.conduct.progress.forecast import (
    COMPLETE,
    NO_PACE,
    NO_START,
    TOO_LONG,
    BatchCounts,
    ListCounts,
    forecast_lists,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WASHOUT = timedelta(days=28)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def reading_list(period: int, *, read: int, total: int, recent: int = 0, first: float | None = None,
                 last: float | None = None, started: bool | None = None) -> ListCounts:  # fmt: skip
    seen = None if last is None else days_ago(last)
    started = bool(read) if started is None else started
    batch = BatchCounts(1, total - read, started, seen)
    first_at = None if first is None else days_ago(first)
    return ListCounts(period, read, total, recent, first_at, (batch,))


def forecast(*lists: ListCounts, **options):
    return forecast_lists(lists, washout=WASHOUT, now=NOW, **options)


def test_pace_divides_by_the_days_since_the_first_submission_until_14_days_have_passed():
    young = reading_list(1, read=12, total=20, recent=12, first=4)
    assert forecast(young)[0].pace == pytest.approx(3.0)
    old = reading_list(1, read=100, total=120, recent=28, first=60)
    assert forecast(old)[0].pace == pytest.approx(2.0)
    # The first hours do not give a pace of hundreds a day.
    assert forecast(reading_list(1, read=5, total=9, recent=5, first=0.1))[0].pace == 5.0


def test_finish_is_what_is_left_divided_by_the_pace():
    entry = reading_list(1, read=12, total=30, recent=12, first=4)
    assert forecast(entry)[0].finish == NOW + timedelta(days=6)


def test_period_2_opens_one_washout_after_the_last_submission_of_period_1():
    first = reading_list(1, read=20, total=20, recent=20, first=10, last=3)
    second = reading_list(2, read=0, total=20)
    done, waiting = forecast(first, second)
    assert (done.finish, done.reason, done.open) == (None, COMPLETE, True)
    assert waiting.opens_at == datetime(2026, 12, 25, 12, tzinfo=UTC)
    assert not waiting.open
    assert not waiting.opening_expected
    # The pace of period 1: 20 readings in 10 days.
    assert waiting.finish == waiting.opens_at + timedelta(days=10)
    assert waiting.pace is None


def test_opening_of_period_2_is_expected_while_period_1_is_unfinished():
    first = reading_list(1, read=10, total=20, recent=10, first=5, last=1)
    second = reading_list(2, read=0, total=20)
    waiting = forecast(first, second)[1]
    assert waiting.opens_at == NOW + timedelta(days=5) + WASHOUT
    assert waiting.opening_expected


def test_period_2_is_open_once_the_washout_is_over_or_it_has_begun():
    first = reading_list(1, read=20, total=20, first=90, last=40)
    assert forecast(first, reading_list(2, read=0, total=20))[1].open
    # Reopening a reading of period 1 does not close period 2 again.
    reopened = reading_list(1, read=19, total=20, first=90, last=2)
    assert forecast(reopened, reading_list(2, read=0, total=20, started=True))[1].open


def test_each_batch_has_its_own_periods():
    batches = (BatchCounts(1, 0, True, days_ago(40)), BatchCounts(2, 5, False, None))
    first = ListCounts(1, 10, 15, 0, days_ago(60), batches)
    later = (BatchCounts(1, 10, False, None), BatchCounts(2, 5, False, None))
    second = ListCounts(2, 0, 15, 0, None, later)
    assert forecast(first, second)[1].open


@pytest.mark.parametrize(
    ("entry", "options", "reason"),
    [
        (reading_list(1, read=20, total=20), {"blocked": "study is paused"}, COMPLETE),
        (reading_list(1, read=0, total=20), {}, NO_PACE),
        (reading_list(1, read=9, total=20, first=40), {}, NO_PACE),
        (reading_list(1, read=9, total=20, recent=9, first=2), {"blocked": "paused"}, "paused"),
        (reading_list(1, read=1, total=999999, recent=1, first=14), {}, TOO_LONG),
    ],
)
def test_finish_is_missing_with_a_reason(entry, options, reason):
    result = forecast(entry, **options)[0]
    assert (result.finish, result.reason) == (None, reason)


def test_period_2_without_a_pace_depends_on_period_1():
    first = reading_list(1, read=0, total=20)
    second = reading_list(2, read=0, total=20)
    later = forecast(first, second)[1]
    assert (later.opens_at, later.open) == (None, False)
    # With a pace that leads nowhere within ten years.
    slow = reading_list(1, read=1, total=99999, recent=1, first=14)
    assert forecast(slow, second)[1].reason == NO_START


def test_both_lists_of_a_sequential_study_are_open_and_wait_for_no_washout():
    first = reading_list(1, read=0, total=10)
    assert [entry.open for entry in forecast(first, first)] == [True, True]
    first = reading_list(1, read=4, total=10, recent=4, first=2, last=1)
    second = reading_list(1, read=0, total=10)
    assert [entry.open for entry in forecast(first, second)] == [True, True]
