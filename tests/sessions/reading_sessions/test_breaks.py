"""Break reminders follow active time without a pause, and are counted in the session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from studies.sessions.models import Reading, ReadingSession
from tests.make import Cast
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db

LIMIT_MINUTES = 20


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


class Desk(Room):
    """The reading room of a reader who works while the clock moves."""

    def __init__(self, client, slug: str, clock: Clock) -> None:
        super().__init__(client, slug)
        self.clock = clock

    def report(self, pk: str, active_minutes: float, idle_minutes: float = 0, **values) -> bool:
        sent = {
            "change_id": str(uuid4()),
            "active_ms": round(active_minutes * 60_000),
            "idle_ms": round(idle_minutes * 60_000),
            **values,
        }
        answer = self.client.post(f"/api/v1/readings/{pk}/time", sent)
        assert answer.status_code == 200
        return answer.json()["break_due"]

    def work(self, pk: str, minutes: int) -> bool:
        """Report active time minute by minute; return whether a reminder is due."""
        due = False
        for _ in range(minutes):
            self.clock.forward(1)
            due = self.report(pk, 1)
        return due

    def remind(self):
        answer = self.client.post(f"{self.start}/break-reminder")
        assert answer.status_code == 200
        return answer.json()["minutes"]


@pytest.fixture
def clock(monkeypatch):
    moved = Clock()
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def make_desk(client_of, clock):
    def make(break_after_minutes: int) -> Desk:
        cast = Cast(break_after_minutes=break_after_minutes)
        cast.assign_cases(3)
        return Desk(client_of(cast.reader.user), cast.study.slug, clock)

    return make


@pytest.fixture
def desk(make_desk):
    return make_desk(LIMIT_MINUTES)


def session() -> ReadingSession:
    return ReadingSession.objects.order_by("number").last()


def test_reminder_is_due_after_the_active_time_of_the_study(desk):
    pk = desk.open()
    assert not desk.work(pk, 19)
    assert desk.remind() is None
    assert not desk.status()["break_due"]
    assert desk.work(pk, 1)
    assert desk.status()["break_due"]
    assert desk.remind() == 20
    assert session().break_reminders == 1


def test_reminder_is_counted_once_and_repeated_after_as_much_time_again(desk):
    pk = desk.open()
    desk.work(pk, 21)
    assert [desk.remind(), desk.remind()] == [21, None]
    assert not desk.work(pk, 19)
    assert desk.work(pk, 1)
    assert desk.remind() == 20
    assert session().break_reminders == 2


def test_pause_of_five_minutes_starts_the_count_again(desk, clock):
    pk = desk.open()
    desk.work(pk, 15)
    clock.forward(5)
    assert not desk.work(pk, 19)
    assert desk.work(pk, 1)


def test_shorter_pause_does_not_start_the_count_again(desk, clock):
    pk = desk.open()
    desk.work(pk, 15)
    clock.forward(4.9)
    assert desk.work(pk, 5)


def test_idle_time_counts_as_a_pause_and_not_as_reading(desk, clock):
    pk = desk.open()
    desk.work(pk, 15)
    clock.forward(6)
    desk.report(pk, 0, 6)
    assert not desk.work(pk, 19)


def test_reader_who_comes_back_from_a_pause_is_not_reminded(desk, clock):
    pk = desk.open()
    assert desk.work(pk, 20)
    clock.forward(6)
    assert desk.remind() is None
    assert session().break_reminders == 0


def test_count_continues_from_reading_to_reading(desk, clock):
    pk = desk.open()
    desk.work(pk, 12)
    Reading.objects.filter(pk=pk).update(state="submitted", submitted_at=clock.now)
    pk = desk.open()
    assert not desk.work(pk, 7)
    assert desk.work(pk, 1)


def test_each_session_counts_anew(desk, clock, settings, client_of):
    pk = desk.open()
    desk.work(pk, 19)
    reader = Reading.objects.get(pk=pk).reading_list.reader
    desk.client = client_of(reader.user)
    assert not desk.work(pk, 19)
    assert ReadingSession.objects.count() == 2
    assert desk.work(pk, 1)


def test_delayed_report_is_counted_in_its_session(desk, clock):
    pk = desk.open()
    clock.forward(20)
    assert desk.report(pk, 20, age_ms=1000)


def test_repeated_report_is_not_counted_again(desk, clock):
    pk = desk.open()
    desk.work(pk, 10)
    clock.forward(1)
    sent = {"change_id": str(uuid4())}
    for _ in range(3):
        desk.report(pk, 1, **sent)
    assert session().unbroken_ms == 11 * 60_000


def test_study_without_the_option_never_reminds(make_desk):
    desk = make_desk(0)
    pk = desk.open()
    assert not desk.work(pk, 120)
    assert not desk.status()["break_due"]
    assert desk.remind() is None


def test_reminder_changes_neither_scores_nor_times_of_a_reading(desk):
    pk = desk.open()
    desk.put(pk, "L1_anterior", score=2)
    desk.work(pk, 20)
    before = desk.client.get(f"/api/v1/readings/{pk}").json()
    row = Reading.objects.values().get(pk=pk)
    assert desk.remind() == 20
    assert desk.client.get(f"/api/v1/readings/{pk}").json() == before
    assert Reading.objects.values().get(pk=pk) == row


def test_reminder_without_a_session_is_not_counted(desk):
    assert desk.remind() is None
