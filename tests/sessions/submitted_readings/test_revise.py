"""Readers revise submitted readings: order, times and requirements, and who may not."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.practice.instructions.versions import acknowledge, save_instructions
from studies.readers.members import set_active
from studies.sessions.models import (
    Reading,
    Revision,
    Score,
    SessionInterval,
)
from studies.sessions.study_lifecycle import reopen_reading
from tests.sessions.display.test_checks import send_check
from tests.sessions.submitted_readings.revising_room import RevisingRoom, make_room

pytestmark = pytest.mark.django_db


def test_revised_reading_is_submitted_again_and_the_room_returns_to_its_case(client_of):
    _, room = make_room(client_of)
    first, current = room.read(score=1), room.open()
    room.put(current, "L1_anterior", score=3)
    assert room.revisable() == [first]
    answer = room.revise(first)
    assert answer.json() == {"id": first, "name": "reading 1, period 1"}
    status = room.status()
    assert status["current"]["id"] == first
    assert status["current"]["in_revision"] is True
    assert status["next"]["id"] == current
    assert status["progress"]["read"] == 1
    room.change(first, "L2_posterior", 2)
    assert room.submit(first).json()["next"] == current
    status = room.status()
    assert status["current"]["id"] == current
    assert status["current"]["cells"]["L1_anterior"]["score"] == 3
    assert Score.objects.get(reading=first, cell="L2_posterior").score == 2


def test_order_position_and_first_times_are_those_of_the_first_submission(client_of):
    _, room = make_room(client_of)
    pk = room.read()
    before = Reading.objects.get(pk=pk)
    interval = SessionInterval.objects.get(reading=pk)
    Reading.objects.filter(pk=pk).update(timed_to=timezone.now() - timedelta(hours=1))
    room.revise(pk)
    Reading.objects.filter(pk=pk).update(timed_to=timezone.now() - timedelta(seconds=10))
    sent = {"change_id": str(uuid4()), "active_ms": 4000, "idle_ms": 1000, "guides_ms": 0}
    assert room.client.post(f"/api/v1/readings/{pk}/time", sent).status_code == 200
    room.submit(pk)
    after = Reading.objects.get(pk=pk)
    for name in ("position", "opened_at", "submitted_at", "active_ms", "idle_ms", "guides_ms"):
        assert getattr(after, name) == getattr(before, name), name
    again = SessionInterval.objects.get(reading=pk)
    assert (again.submitted_at, again.active_ms) == (interval.submitted_at, interval.active_ms)
    revision = Revision.objects.get()
    assert (revision.active_ms, revision.idle_ms) == (4000, 1000)
    assert revision.submitted_at is not None


def test_washout_counts_from_the_first_submission(client_of):
    _, room = make_room(client_of, cases=1, washout_days=28)
    pk = room.read()
    opens_at = room.status()["waiting"]["opens_at"]
    assert room.revise(pk).status_code == 200
    assert room.status()["current"]["id"] == pk
    room.submit(pk)
    assert room.status()["waiting"]["code"] == "washout"
    assert room.status()["waiting"]["opens_at"] == opens_at


def test_only_one_reading_is_revised_at_a_time_and_a_repeated_request_changes_nothing(client_of):
    _, room = make_room(client_of)
    first, second = room.read(), room.read()
    assert room.revisable() == [second, first]
    assert room.revise(first).status_code == 200
    assert room.revise(first).status_code == 200
    assert Revision.objects.count() == 1
    answer = room.revise(second)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_revision")


def test_excluded_case_in_revision_does_not_keep_the_reader_from_other_revisions(client_of):
    cast, room = make_room(client_of)
    first, second = room.read(), room.read()
    room.revise(first)
    exclude_case(case=Reading.objects.get(pk=first).case, actor=cast.coordinator, reason="moved")
    assert room.status()["current"]["id"] not in {first, second}
    assert room.revise(second).status_code == 200


def test_deactivated_reader_revises_nothing(client_of):
    cast, room = make_room(client_of)
    pk = room.read()
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    assert room.revise(pk).status_code == 404


@pytest.mark.parametrize(
    "role", ["other_reader", "coordinator", "site_coordinator", "statistician", "outsider"]
)
def test_nobody_revises_the_reading_of_another_person(client_of, role):
    cast, room = make_room(client_of)
    pk = room.read()
    user = cast.other_reader.user if role == "other_reader" else getattr(cast, role)
    assert client_of(user).post(f"/api/v1/readings/{pk}/revise").status_code == 404
    assert not Revision.objects.exists()


def test_session_without_a_required_display_check_opens_nothing_for_revision(client_of):
    cast, room = make_room(client_of, revision_rule="period", display_check="required")
    assert send_check(room).json()["passed"]
    pk = room.read()
    other = RevisingRoom(client_of(cast.reader.user), cast.study.slug)
    refused = other.revise(pk)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "display_check")
    assert not Revision.objects.exists()
    assert send_check(other).json()["passed"]
    assert other.revise(pk).status_code == 200


def test_nothing_is_opened_for_revision_before_new_instructions_are_acknowledged(client_of):
    cast, room = make_room(client_of)
    pk, current = room.read(), room.open()
    save_instructions(
        study=cast.study,
        by=cast.coordinator,
        text="Read this.",
        arm_texts={},
        reason="Clearer wording",
    )
    refused = room.revise(pk)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "instructions")
    assert room.status()["current"]["id"] == current
    acknowledge(reader=cast.reader, version=1, part="study")
    assert room.revise(pk).status_code == 200


def test_coordinator_sees_the_number_of_revisions_and_no_score(client_of):
    cast, room = make_room(client_of)
    pk = room.read(score=3)
    room.revise(pk)
    room.submit(pk)
    client = Client()
    client.force_login(cast.coordinator)
    page = client.get(f"/studies/{cast.study.slug}/progress").content.decode()
    assert "within the current reading session. Revisions: R01: 1, R02: 0." in " ".join(
        page.split()
    )
    progress = client.get(f"/api/v1/studies/{cast.study.slug}/progress").json()
    assert [reader["revisions"] for reader in progress["readers"]] == [1, 0]


def test_reading_in_revision_is_not_reopened(client_of):
    cast, room = make_room(client_of)
    pk = room.read()
    room.revise(pk)
    with pytest.raises(Conflict, match="is currently revising this reading"):
        reopen_reading(reading=Reading.objects.get(pk=pk), by=cast.coordinator, reason="a slip")
