"""Batches and periods from a reader's view: washout, later batches, reopened readings."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps

from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.sessions import queue
from studies.sessions.models import Change, Reading
from studies.sessions.study_lifecycle import assign_cases, reopen_reading
from tests.make import make_case
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(cast, client_of):
    cast.assign_cases()
    return Room(client_of(cast.reader.user), cast.study.slug)


@pytest.fixture
def wait(monkeypatch):
    """Set the clock that the queue reads."""

    def until(moment) -> None:
        monkeypatch.setattr(queue, "timezone", SimpleNamespace(now=lambda: moment))

    return until


def last_submission():
    return Reading.objects.submitted().order_by("-submitted_at").first().submitted_at


def test_period_2_opens_when_the_washout_is_over(room, wait):
    for _ in range(3):
        room.read()
    waiting = room.status()["waiting"]
    assert waiting["code"] == "washout"
    last = last_submission()
    assert waiting["opens_at"] == (last + timedelta(days=28)).isoformat().replace("+00:00", "Z")
    wait(last + timedelta(days=28, seconds=1))
    assert room.status()["current"]["period"] == 2
    room.read()


def test_period_1_never_reaches_into_period_2_before_the_washout(room):
    room.read()
    room.read()
    assert room.status()["next"] is None


def test_case_assigned_in_period_2_does_not_send_the_reader_back_to_period_1(room, cast, wait):
    for _ in range(3):
        room.read()
    wait(last_submission() + timedelta(days=28, seconds=1))
    room.read()
    make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    for _ in range(2):
        assert room.status()["current"]["period"] == 2
        room.read()
    assert room.status()["current"]["period"] == 1
    room.read()
    wait(last_submission() + timedelta(days=1))
    assert room.status()["waiting"]["code"] == "washout"


def test_case_assigned_during_the_washout_does_not_prolong_it(room, cast, wait):
    for _ in range(3):
        room.read()
    opens_at = room.status()["waiting"]["opens_at"]
    make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert room.status()["current"]["period"] == 1
    room.read()
    assert room.status()["waiting"]["opens_at"] == opens_at


def test_reopening_the_last_reading_and_excluding_its_case_does_not_end_the_washout(room, cast):
    *_, last = (room.read() for _ in range(3))
    reading = Reading.objects.get(pk=last)
    opens_at = room.status()["waiting"]["opens_at"]
    reopen_reading(reading=reading, by=cast.coordinator, reason="wrong side")
    exclude_case(case=reading.case, actor=cast.coordinator, reason="hip")
    assert room.status()["waiting"] == {
        "code": "washout",
        "message": "Period 1 is complete. Period 2 opens later, after the washout.",
        "opens_at": opens_at,
        "parts": [],
    }


def test_reading_of_period_2_can_be_reopened_and_of_period_1_no_longer(room, cast, wait):
    first = [room.read() for _ in range(3)]
    wait(last_submission() + timedelta(days=28, seconds=1))
    second = Reading.objects.get(pk=room.read())
    reopen_reading(reading=second, by=cast.coordinator, reason="wrong side")
    assert room.status()["current"]["id"] == str(second.pk)
    assert room.submit(str(second.pk)).status_code == 200
    same_case = Reading.objects.get(pk__in=first, case=second.case)
    with pytest.raises(Conflict, match="since opened this case"):
        reopen_reading(reading=same_case, by=cast.coordinator, reason="wrong side")
    other_case = Reading.objects.filter(pk__in=first).exclude(case=second.case).first()
    reopen_reading(reading=other_case, by=cast.coordinator, reason="wrong side")
    assert room.status()["current"]["id"] == str(other_case.pk)


def test_readings_that_are_reopened_when_the_server_is_upgraded_keep_their_submission(room, cast):
    pk = room.read()
    reopen_reading(reading=Reading.objects.get(pk=pk), by=cast.coordinator, reason="wrong side")
    Reading.objects.filter(pk=pk).update(previous_submission_at=None)
    upgrade = import_module("studies.sessions.migrations.0002_previous_submission")
    upgrade.remember_submissions(apps, None)
    submission = Change.objects.get(reading=pk, kind="submit")
    assert Reading.objects.get(pk=pk).previous_submission_at == submission.at
    untouched = Reading.objects.exclude(pk=pk)
    assert not untouched.exclude(previous_submission_at=None).exists()
