"""The lock restores what a reader changed in a revision but did not submit again."""

from __future__ import annotations

from uuid import uuid4

import pytest

from studies.sessions.models import (
    Measurement,
    Reading,
    Revision,
    Score,
)
from studies.sessions.study_lifecycle import lock_study
from tests.sessions.measuring.test_saving import send
from tests.sessions.submitted_readings.revising_room import make_room

pytestmark = pytest.mark.django_db


def test_lock_restores_the_values_of_a_revision_that_was_not_submitted(client_of):
    cast, room = make_room(client_of)
    pk = room.read(score=1)
    room.revise(pk)
    room.change(pk, "L1_anterior", 3)
    sent = {"change_id": str(uuid4()), "version": 0, "text": "a second thought"}
    assert room.client.put(f"/api/v1/readings/{pk}/comment", sent).status_code == 200
    lock_study(study=cast.study, by=cast.coordinator)
    reading = Reading.objects.get(pk=pk)
    assert (reading.state, reading.comment) == ("submitted", "")
    assert set(reading.scores.values_list("score", flat=True)) == {1}
    assert Revision.objects.get().discarded_at is not None


def test_lock_restores_the_aac8_of_a_revision_that_was_not_submitted(client_of):
    cast, room = make_room(client_of, scores="aac24_aac8")
    pk = room.read(aac8=True)
    room.revise(pk)
    room.change(pk, "all_anterior", 4)
    lock_study(study=cast.study, by=cast.coordinator)
    assert Score.objects.get(reading=pk, cell="all_anterior").score == 1


def test_lock_restores_the_traces_of_a_revision_that_was_not_submitted(client_of):
    cast, room = make_room(client_of, arms=["measured"])
    pk = room.open()
    send(room, pk)
    assert room.read() == pk
    before = Measurement.objects.get(reading=pk)
    room.revise(pk)
    assert send(room, pk, traces=[], version=1).status_code == 200
    lock_study(study=cast.study, by=cast.coordinator)
    after = Measurement.objects.get(reading=pk)
    assert (after.traces, after.results) == (before.traces, before.results)
    assert after.version == 3
