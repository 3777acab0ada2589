"""Simulated readings have reading sessions, as those of people do."""

from __future__ import annotations

import pytest

from studies.analytics.scale import CELLS
from studies.demonstration import seeding
from studies.sessions.export import tidy_readings
from studies.sessions.models import Reading, ReadingSession


@pytest.mark.django_db
def test_simulated_readings_are_divided_into_sessions_in_their_order(cast, monkeypatch):
    monkeypatch.setattr(seeding, "READINGS_PER_SESSION", 2)
    cases = cast.assign_cases(3)
    grades = {case.pk: dict.fromkeys(CELLS, 1) for case in cases}
    seeding._simulate_readings(cast.study, grades)
    sessions = ReadingSession.objects.filter(reader=cast.reader).order_by("number")
    # Two sessions in each of the two periods.
    assert [session.number for session in sessions] == [1, 2, 3, 4]
    starts = [session.started_at for session in sessions]
    assert starts == sorted(starts)
    assert {session.ended_by for session in sessions} == {"sign_out"}
    assert Reading.objects.filter(intervals=None).count() == 0
    mine = [shared for shared, _ in tidy_readings(cast.study) if shared["reader"] == "R01"]
    assert [row["position_in_session"] for row in mine] == [1, 2, 1] * 2
    assert all(
        (row["session_elapsed_ms"] == 0) == (row["position_in_session"] == 1) for row in mine
    )
