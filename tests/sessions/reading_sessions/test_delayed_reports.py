"""Reports of time that arrive late, or tell of no activity."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from studies.sessions.models import Reading
from tests.sessions.reading_sessions.desk import MINUTE, START, sessions

pytestmark = pytest.mark.django_db


def test_report_without_activity_neither_starts_nor_continues_a_session(desk_of, clock, limit):
    desk = desk_of()
    pk = desk.open()
    clock.forward(30)
    desk.report(pk, idle_s=1700)
    assert sessions()[0].last_activity_at == START
    clock.now = START + 3 * limit
    desk_of().report(pk, idle_s=3600)
    (session,) = sessions()
    assert session.last_activity_at == START
    assert session.intervals.get().idle_ms == 5_300_000


def test_delayed_report_extends_the_session_in_which_it_was_measured(desk_of, clock, limit):
    """The connection was lost after 10 minutes; the reader signs in again the next day."""
    desk = desk_of()
    pk = desk.open()
    clock.forward(10)
    desk.report(pk, active_s=500)
    measured_at = START + 20 * MINUTE
    clock.now = START + timedelta(days=1)
    next_day = desk_of()
    next_day.report(
        pk, active_s=100, age_ms=round((clock.now - measured_at).total_seconds() * 1000)
    )
    (session,) = sessions()
    assert session.last_activity_at == measured_at
    next_day.post(pk, "open")
    first, second = sessions()
    assert (first.ended_at, first.ended_by) == (measured_at, "idle")
    assert second.started_at == clock.now


def test_delayed_report_that_arrives_after_the_next_session_started_still_finds_its_own(
    desk_of, clock
):
    pk = desk_of().open()
    measured_at = START + 20 * MINUTE
    clock.now = START + timedelta(days=1)
    next_day = desk_of()
    next_day.post(pk, "open")
    next_day.report(
        pk, active_s=100, age_ms=round((clock.now - measured_at).total_seconds() * 1000)
    )
    first, second = sessions()
    assert first.last_activity_at == first.ended_at == measured_at
    assert second.started_at == second.last_activity_at == clock.now
    assert first.intervals.get().active_ms == 100_000


def test_delayed_report_of_no_session_changes_none_but_keeps_its_time(desk_of, clock, limit):
    pk = desk_of().open()
    measured_at = START + 5 * limit
    clock.now = START + timedelta(days=2)
    next_day = desk_of()
    next_day.report(
        pk, active_s=100, age_ms=round((clock.now - measured_at).total_seconds() * 1000)
    )
    (session,) = sessions()
    assert session.last_activity_at == START
    assert session.intervals.get().active_ms == Reading.objects.get(pk=pk).active_ms == 100_000


def test_delay_of_a_whole_year_or_more_is_rejected_and_negative_too(desk_of):
    desk = desk_of()
    pk = desk.open()
    for age_ms in (-1, 366 * 24 * 3600 * 1000):
        sent = {"change_id": str(uuid4()), "active_ms": 1, "idle_ms": 0, "age_ms": age_ms}
        assert desk.client.post(f"/api/v1/readings/{pk}/time", sent).status_code == 400


def test_report_measured_before_signing_out_does_not_continue_the_session(desk_of, clock):
    desk = desk_of()
    pk = desk.open()
    clock.forward(6)
    desk.client.post("/accounts/logout/")
    ended_at = clock.now
    clock.forward(20)
    desk_of().report(pk, active_s=60, age_ms=21 * 60_000)
    (session,) = sessions()
    assert (session.ended_at, session.last_activity_at) == (ended_at, START)
    assert session.intervals.get().active_ms == 60_000
