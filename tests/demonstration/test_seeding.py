"""The demonstration studies, and the reading sessions of their simulated readings."""

from __future__ import annotations

import numpy as np
import pytest

from studies.analytics.scale import CELLS
from studies.correspondence.models import Announcement, Thread
from studies.demonstration import seeding
from studies.review.models import Adjudication, ReviewNote
from studies.sessions.export import tidy_readings
from studies.sessions.models import Reading, ReadingSession
from tests.make import make_case, make_user


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


@pytest.fixture
def without_phantoms(monkeypatch):
    """Replace the phantoms, whose analysis takes minutes, with plain cases."""

    def add(study, sites, coordinator, *, first_seed, write):
        rng = np.random.default_rng(first_seed)
        return {
            make_case(study, sites[number % 2]).pk: dict(
                zip(CELLS, rng.integers(0, 4, 8).tolist(), strict=True)
            )
            for number in range(8)
        }

    monkeypatch.setattr(seeding, "_add_phantoms", add)


@pytest.mark.django_db
@pytest.mark.usefixtures("without_phantoms")
def test_demonstration_studies_show_messages_notes_and_cases_to_adjudicate():
    clara = make_user("clara", may_create_studies=True)
    stan, adele = make_user("stan"), make_user("adele")
    finished = seeding.create_finished_study(
        coordinator=clara,
        readers=[make_user(f"simulated-{number}") for number in range(4)],
        statistician=stan,
        adjudicator=adele,
        write=str,
    )
    assert finished.locked
    assert ReviewNote.objects.filter(case__study=finished).exists()
    assert Adjudication.objects.filter(round__study=finished, submitted_at=None).exists()
    assert Thread.objects.filter(reader__study=finished).exclude(closed_at=None).count() == 2
    opened = seeding.create_open_study(
        coordinator=clara,
        readers=[make_user("rita"), make_user("rolf")],
        statistician=stan,
        write=str,
    )
    assert opened.state == "open"
    assert Thread.objects.filter(reader__study=opened, closed_at=None).count() == 2
    assert Announcement.objects.filter(study=opened).count() == 2
