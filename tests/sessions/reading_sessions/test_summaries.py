"""Reading sessions as coordinators see them: numbers, list, API and export."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.readers.models import Membership
from studies.sessions.export import tidy_readings
from studies.sessions.models import Reading, ReadingSession, SessionInterval
from studies.sessions.progress import get_reader_progress
from studies.sessions.reading_sessions import summaries
from studies.sessions.reading_sessions.export import session_rows
from studies.sessions.reading_sessions.summaries import session_statistics
from studies.sessions.study_lifecycle import lock_study

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def make_session(
    reader: Membership, *, minutes: float, start: datetime = START, **fields: Any
) -> ReadingSession:
    end = start + timedelta(minutes=minutes)
    ended = {"ended_at": end, "ended_by": "sign_out"}
    return ReadingSession.objects.create(
        reader=reader,
        number=reader.reading_sessions.count() + 1,
        started_at=start,
        last_activity_at=end,
        **(ended | fields),
    )


def make_interval(session: ReadingSession, reading: Reading, **fields: Any) -> SessionInterval:
    position = session.intervals.count() + 1
    start = session.started_at + timedelta(minutes=10 * (position - 1))
    submitted = {"started_at": start, "submitted_at": start + timedelta(minutes=9)}
    return SessionInterval.objects.create(
        session=session, reading=reading, position=position, **(submitted | fields)
    )


def readings_of(reader: Membership) -> list[Reading]:
    return list(Reading.objects.filter(reading_list__reader=reader).in_order())


@pytest.fixture
def busy(cast: Any) -> Any:
    """Rita has sessions of 30, 50 and 100 minutes with 3, 1 and 0 readings; Rolf has none."""
    cast.assign_cases(4)
    readings = readings_of(cast.reader)
    first = make_session(cast.reader, minutes=30, browser="Firefox 128")
    for reading in readings[:3]:
        make_interval(first, reading, active_ms=500_000, idle_ms=1000)
    second = make_session(cast.reader, minutes=50, start=START + timedelta(days=1))
    make_interval(second, readings[3])
    make_session(cast.reader, minutes=100, start=START + timedelta(days=2))
    return cast


def test_statistics_are_those_of_the_readers_sessions(busy):
    numbers = session_statistics(busy.study.pk)
    assert set(numbers) == {busy.reader.pk}
    mine = numbers[busy.reader.pk]
    assert (mine.sessions, mine.submitted) == (3, 4)
    assert (mine.median_minutes, mine.total_minutes) == (50, 180)
    assert mine.median_length == "50:00"
    assert mine.last == START + timedelta(days=2)
    assert mine.readings_per_session == pytest.approx(4 / 3)
    membership = busy.study.memberships.get(user=busy.coordinator)
    progress = {row.label: row for row in get_reader_progress(membership)}
    assert progress["R01"].sessions == 3
    assert progress["R02"].sessions == 0
    assert progress["R02"].median_session_length == ""


def test_progress_page_shows_them_and_links_to_the_list(busy, client_of):
    page = client_of(busy.coordinator).get(f"/studies/{busy.study.slug}/progress").content.decode()
    assert f"/studies/{busy.study.slug}/progress/R01" in page
    assert "50:00" in page
    assert "1.3" in page


def test_list_of_a_reader_has_length_end_browser_and_viewport(busy, client_of):
    ReadingSession.objects.filter(number=1).update(
        viewport_width=1366, viewport_height=650, device_pixel_ratio=1.5
    )
    address = f"/studies/{busy.study.slug}/progress/R01"
    page = client_of(busy.coordinator).get(address).content.decode()
    for text in ("30:00", "100:00", "signed out", "Firefox 128", "1366 × 650 at 1.5", "25:00"):
        assert text in page, text
    assert client_of(busy.coordinator).get(f"{address}9").status_code == 404


def test_reader_without_sessions_is_told_when_they_start(busy, client_of):
    page = client_of(busy.coordinator).get(f"/studies/{busy.study.slug}/progress/R02")
    assert b"No reading sessions yet" in page.content


def test_list_is_paged_with_the_same_queries_and_newest_first(busy, client_of, monkeypatch):
    monkeypatch.setattr(summaries, "SESSIONS_PER_PAGE", 5)
    client = client_of(busy.coordinator)
    for address in (
        f"/studies/{busy.study.slug}/progress/R01",
        f"/api/v1/studies/{busy.study.slug}/reading-sessions?reader=R01",
    ):
        client.get(address)
        with CaptureQueriesContext(connection) as few:
            client.get(address)
        for day in range(3, 13):
            start = START + timedelta(days=day)
            make_session(busy.reader, minutes=1, start=start + timedelta(hours=len(few)))
        with CaptureQueriesContext(connection) as many:
            answer = client.get(address)
        assert len(few) == len(many)
        assert answer.status_code == 200
    rows = answer.json()
    started = [row["started_at"] for row in rows["results"]]
    assert started == sorted(started, reverse=True)
    assert (rows["count"], rows["page"], rows["pages"], len(started)) == (23, 1, 5, 5)
    last = client.get(f"{address}&page=5").json()
    assert len(last["results"]) == 3


def test_session_beyond_the_idle_limit_is_shown_as_ended(busy, client_of, settings):
    settings.SESSION_COOKIE_AGE = 3600
    fresh = timezone.now()
    make_session(
        busy.reader,
        minutes=5,
        start=fresh - timedelta(hours=2),
        ended_at=None,
        ended_by="",
    )
    address = f"/api/v1/studies/{busy.study.slug}/reading-sessions?reader=R01"
    client = client_of(busy.coordinator)
    newest = client.get(address).json()["results"][0]
    assert newest["end"] == "idle"
    assert newest["ended_at"] == newest["last_activity_at"]
    running = ReadingSession.objects.get(ended_at=None)
    running.last_activity_at = fresh
    running.save()
    newest = client.get(address).json()["results"][0]
    assert (newest["end"], newest["ended_at"]) == ("running", None)
    assert newest["length_s"] == 7200


def test_lists_hold_neither_scores_nor_arms_nor_cases_nor_the_sign_in(busy, client_of):
    ReadingSession.objects.update(sign_in="5ec2e7")
    case = readings_of(busy.reader)[0].case
    client = client_of(busy.coordinator)
    api = client.get(f"/api/v1/studies/{busy.study.slug}/reading-sessions").content.decode()
    page = client.get(f"/studies/{busy.study.slug}/progress/R01").content.decode()
    for text in (api, page):
        for secret in ("score", "guided", case.label, case.patient.label, "5ec2e7"):
            assert secret not in text.lower() if secret.islower() else secret not in text
    assert "rita" not in api


def test_site_coordinator_sees_the_sessions_of_that_site_only(busy, client_of):
    make_session(busy.other_reader, minutes=4)
    client = client_of(busy.site_coordinator)
    rows = client.get(f"/api/v1/studies/{busy.study.slug}/reading-sessions").json()
    assert {row["reader"] for row in rows["results"]} == {"R01"}
    assert client.get(f"/studies/{busy.study.slug}/progress/R02").status_code == 404


def test_export_has_a_row_per_session_with_the_readers_label(busy):
    rows = list(session_rows(busy.study))
    assert [(row["reader"], row["reading_session"]) for row in rows] == [
        ("R01", 1),
        ("R01", 2),
        ("R01", 3),
    ]
    first = rows[0]
    assert (first["readings"], first["submitted"], first["length_ms"]) == (3, 3, 1_800_000)
    assert (first["active_ms"], first["idle_ms"], first["ended_by"]) == (
        1_500_000,
        3000,
        "sign_out",
    )


def test_sessions_file_needs_the_lock_and_names_no_person(busy, client_of):
    client = client_of(busy.coordinator)
    address = f"/studies/{busy.study.slug}/downloads/sessions.csv"
    assert client.get(address).status_code == 403
    lock_study(study=busy.study, by=busy.coordinator)
    text = b"".join(client.get(address).streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["started_at"] == "2026-11-02T09:00:00Z"
    assert rows[0]["browser"] == "Firefox 128"
    assert "rita" not in text
    codebook = client.get(f"/studies/{busy.study.slug}/downloads/sessions-codebook.csv")
    explained = list(csv.DictReader(io.StringIO(b"".join(codebook.streaming_content).decode())))
    assert [row["column"] for row in explained] == list(rows[0])


def submit(reading: Reading, at: datetime) -> None:
    reading.state, reading.opened_at, reading.submitted_at = "submitted", at, at
    reading.save()
    for cell in ("L1", "L2", "L3", "L4"):
        for wall in ("anterior", "posterior"):
            reading.scores.create(cell=f"{cell}_{wall}", score=0, validity=0)


def test_tidy_readings_name_the_session_of_submission_and_the_position_in_it(busy):
    first, second, third, *_ = readings_of(busy.reader)
    sessions = list(busy.reader.reading_sessions.order_by("number"))
    SessionInterval.objects.all().delete()
    make_interval(sessions[0], first)
    # Begun in the first session, submitted in the second one, reopened and submitted in the third.
    make_interval(sessions[0], second, submitted_at=None)
    make_interval(sessions[1], second)
    make_interval(sessions[2], third, submitted_at=None)
    make_interval(sessions[2], second)
    for reading in (first, second, third):
        submit(reading, START)
    columns = ("reading_session", "position_in_session", "session_elapsed_ms")
    case = {reading.case.label + reading.arm: reading for reading in (first, second, third)}
    rows = {
        case[shared["case"] + shared["arm"]]: tuple(shared[name] for name in columns)
        for shared, _ in tidy_readings(busy.study)
    }
    assert rows == {first: (1, 1, 0), second: (3, 2, 600_000), third: (None, None, None)}
