"""What a reader sees of the time left and of the next period under My studies."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from studies.sessions import queue
from studies.sessions.models import Reading
from studies.sessions.queue import format_estimate
from studies.sessions.study_lifecycle import lock_study, pause_study
from tests.make import make_case
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db

MINUTE_MS = 60_000


@pytest.fixture
def set_clock(monkeypatch):
    def to(moment: datetime) -> None:
        monkeypatch.setattr(queue, "timezone", SimpleNamespace(now=lambda: moment))

    return to


def submit(readings, *, at: datetime, minutes: int = 5) -> None:
    Reading.objects.filter(pk__in=[reading.pk for reading in readings]).update(
        state="submitted",
        opened_at=at - timedelta(minutes=10),
        submitted_at=at,
        active_ms=minutes * MINUTE_MS,
    )


def readings_of(cast, period: int):
    return Reading.objects.filter(reading_list__reader=cast.reader, reading_list__period=period)


def home_text(cast, client_of, time_zone: str = "UTC") -> str:
    cast.reader.user.time_zone = time_zone
    cast.reader.user.save()
    page = client_of(cast.reader.user).get("/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_time_left_is_the_median_active_time_of_the_reader_for_each_reading_left(cast, client_of):
    cast.assign_cases(6)
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    readings = list(readings_of(cast, 1).order_by("position"))
    for reading, minutes in zip(readings, (4, 60, 5, 5, 9), strict=False):
        submit([reading], at=now, minutes=minutes)
    # Seven of twelve readings are left, of 5 minutes each.
    assert "5 of 12 read, about 35 minutes left." in home_text(cast, client_of)


def test_time_left_is_not_estimated_from_fewer_than_five_readings(cast, client_of):
    cast.assign_cases(6)
    submit(readings_of(cast, 1)[:4], at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    text = home_text(cast, client_of)
    assert "4 of 12 read. The time left is estimated after five readings." in text
    assert "minutes left" not in text


def test_no_estimate_is_promised_where_too_few_readings_are_assigned(cast, client_of):
    cast.assign_cases(2)
    submit(readings_of(cast, 1)[:1], at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    assert "1 of 4 read. Period 2 opens 28 days" in home_text(cast, client_of)


def test_nothing_is_left_after_the_last_reading(cast, client_of):
    cast.assign_cases(3)
    for period in (1, 2):
        submit(readings_of(cast, period), at=datetime(2026, 1, 2, 9, tzinfo=UTC))
    assert "6 of 6 read. You have read all cases. Thank you." in home_text(cast, client_of)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "about 1 minute"),
        (89, "about 89 minutes"),
        (90, "about 1 hour 30 minutes"),
        (118, "about 2 hours"),
        (60 * 31, "about 31 hours"),
    ],
)
def test_long_estimates_are_rounded(minutes, text):
    assert format_estimate(minutes) == text


@pytest.mark.parametrize(
    ("time_zone", "opens"),
    [
        ("UTC", "17 Nov 2026, 12:05"),
        # Submitted at 14:05 by summer time, four weeks before 13:05 by winter time.
        ("Europe/Berlin", "17 Nov 2026, 13:05"),
        ("America/New_York", "17 Nov 2026, 07:05"),
        ("Australia/Perth", "17 Nov 2026, 20:05"),
        # The next day in the reader's zone, with summer time and half an hour.
        ("Australia/Adelaide", "17 Nov 2026, 22:35"),
        ("Pacific/Auckland", "18 Nov 2026, 01:05"),
    ],
)
def test_opening_of_period_2_is_shown_in_the_time_zone_of_the_reader(
    cast, client_of, set_clock, time_zone, opens
):
    cast.assign_cases(3)
    last = datetime(2026, 10, 20, 12, 5, tzinfo=UTC)
    submit(readings_of(cast, 1), at=last)
    set_clock(last + timedelta(days=1))
    text = home_text(cast, client_of, time_zone)
    assert f"Period 1 is complete. Period 2 opens on {opens} ({time_zone})." in text
    set_clock(last + timedelta(days=28))
    assert "opens on" not in home_text(cast, client_of, time_zone)
    assert Room(client_of(cast.reader.user), cast.study.slug).status()["current"]["period"] == 2


def test_rule_is_shown_before_period_1_is_complete(cast, client_of):
    cast.assign_cases(3)
    text = home_text(cast, client_of)
    assert "Period 2 opens 28 days after your last reading of period 1." in text
    assert "opens on" not in text


def test_opening_is_shown_while_a_later_batch_can_be_read(cast, client_of, set_clock):
    cast.assign_cases(3)
    last = datetime(2026, 10, 20, 12, 5, tzinfo=UTC)
    submit(readings_of(cast, 1), at=last)
    make_case(cast.study, cast.site)
    cast.assign_cases(1)
    set_clock(last + timedelta(days=1))
    text = home_text(cast, client_of)
    assert "Continue reading" in text
    assert "Period 2 opens on 17 Nov 2026, 12:05 (UTC)." in text


@pytest.mark.parametrize("change", [pause_study, lock_study])
def test_no_opening_is_promised_while_the_study_is_not_open(cast, client_of, set_clock, change):
    cast.assign_cases(3)
    last = datetime(2026, 10, 20, 12, 5, tzinfo=UTC)
    submit(readings_of(cast, 1), at=last)
    set_clock(last + timedelta(days=1))
    change(study=cast.study, by=cast.coordinator)
    assert "opens on" not in home_text(cast, client_of)
