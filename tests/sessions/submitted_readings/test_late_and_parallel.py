"""Revisions whose saves arrive late, and revisions at the moment when the study is locked."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from studies.errors import Conflict
from studies.sessions.models import Reading, ReadingSession, Revision, Score
from studies.sessions.study_lifecycle import lock_study, pause_study
from tests.make import Cast
from tests.sessions.reading_room import Room
from tests.sessions.submitted_readings.revising_room import RevisingRoom, make_room

pytestmark = pytest.mark.django_db

# Far more than a lock takes on a busy machine; without a deadlock no one waits so long.
LIMIT_S = 120


def test_saves_made_without_a_connection_are_kept_after_the_end_of_the_session(client_of):
    _, room = make_room(client_of)
    pk = room.read(score=1)
    room.revise(pk)
    long_ago = timezone.now() - timedelta(days=1)
    ReadingSession.objects.update(started_at=long_ago, last_activity_at=long_ago)
    # The device sends what it has kept, some of it twice.
    sent = {"change_id": str(uuid4()), "version": 1, "score": 3}
    address = f"/api/v1/readings/{pk}"
    answers = [room.client.put(f"{address}/cells/L1_anterior", sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    submission = {"change_id": str(uuid4())}
    for _ in range(2):
        assert room.client.post(f"{address}/submit", submission).status_code == 200
    assert Score.objects.get(reading=pk, cell="L1_anterior").score == 3
    assert Reading.objects.get(pk=pk).state == "submitted"
    assert Revision.objects.get().submitted_at is not None


def test_saves_made_without_a_connection_are_kept_after_a_pause(client_of):
    cast, room = make_room(client_of)
    pk = room.read(score=1)
    room.revise(pk)
    pause_study(study=cast.study, by=cast.coordinator)
    refused = room.put(pk, "L1_anterior", version=1, score=3)
    assert refused.json()["error"]["code"] == "study_closed"
    type(cast.study).objects.update(state="open")
    assert room.status()["current"]["id"] == pk
    room.change(pk, "L1_anterior", 3)
    assert room.submit(pk).status_code == 200
    assert Score.objects.get(reading=pk, cell="L1_anterior").score == 3


def test_saves_that_arrive_after_the_lock_are_refused_and_change_nothing(client_of):
    cast, room = make_room(client_of)
    pk = room.read(score=1)
    room.revise(pk)
    lock_study(study=cast.study, by=cast.coordinator)
    version = Score.objects.get(reading=pk, cell="L1_anterior").version
    # The reader must learn that the revision was discarded, even if all its scores had arrived.
    for answer in (room.put(pk, "L1_anterior", version=version, score=3), room.submit(pk)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "study_locked")
    assert set(Score.objects.filter(reading=pk).values_list("score", flat=True)) == {1}


class Saver:
    """Saves one cell of a reading in revision again and again, until the server refuses it."""

    def __init__(self, client: Any, slug: str, pk: str, cell: str) -> None:
        self.room, self.pk, self.cell = Room(client, slug), pk, cell
        self.saved = Event()

    def run(self) -> str:
        try:
            version = 1
            deadline = time.monotonic() + LIMIT_S
            while time.monotonic() < deadline:
                answer = self.room.put(self.pk, self.cell, version=version, score=3)
                if answer.status_code != 200:
                    return str(answer.json()["error"]["code"])
                version += 1
                self.saved.set()
            return "was never refused"
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_lock_during_saves_of_revisions_restores_every_last_submission(client_of):
    cast, room = make_room(client_of, cases=2)
    other = RevisingRoom(client_of(cast.other_reader.user), cast.study.slug)
    savers = []
    for one, reader in ((room, cast.reader), (other, cast.other_reader)):
        pk = one.read(score=1)
        assert one.revise(pk).status_code == 200
        savers += [
            Saver(client_of(reader.user), cast.study.slug, pk, cell)
            for cell in ("L1_anterior", "L4_posterior")
        ]
    with ThreadPoolExecutor(len(savers)) as pool:
        results = [pool.submit(saver.run) for saver in savers]
        assert all(saver.saved.wait(LIMIT_S) for saver in savers)
        lock(cast)
        assert {result.result(LIMIT_S) for result in results} == {"study_locked"}
    assert set(Score.objects.values_list("score", flat=True)) == {1}
    assert not Reading.objects.in_revision().exists()
    assert Revision.objects.filter(discarded_at__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_revision_that_starts_while_the_study_is_locked_is_refused_or_discarded(client_of):
    cast, room = make_room(client_of, cases=2)
    pk = room.read(score=1)

    def revise() -> tuple[int, str]:
        try:
            answer = room.revise(pk)
            return answer.status_code, answer.json().get("error", {}).get("code", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(revise)
        lock(cast)
        assert started.result(LIMIT_S) in {(200, ""), (409, "study_locked")}
    assert not Reading.objects.in_revision().exists()
    assert not Revision.objects.filter(discarded_at=None).exists()
    assert Reading.objects.get(pk=pk).state == "submitted"


def lock(cast: Cast) -> None:
    """Lock the study, again if a revision has just been started as the message asks."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        try:
            lock_study(study=cast.study, by=cast.coordinator)
            return
        except Conflict as conflict:
            assert conflict.code == "revision_started"
            assert time.monotonic() < deadline
