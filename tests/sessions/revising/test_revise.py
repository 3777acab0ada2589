"""Readers revise submitted readings: the rule, its refusals as every role, times and order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.practice.instructions.versions import acknowledge, save_instructions
from studies.protocol.design import change_study
from studies.readers.members import set_active
from studies.sessions.models import (
    Measurement,
    Reading,
    ReadingSession,
    Revision,
    Score,
    SessionInterval,
)
from studies.sessions.study_lifecycle import lock_study, pause_study, reopen_reading
from tests.make import Cast
from tests.sessions.display.test_checks import send_check
from tests.sessions.measuring.test_saving import send
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


def make_room(client_of: Any, cases: int = 3, **design: Any) -> tuple[Cast, RevisingRoom]:
    cast = Cast(**{"revision_rule": "session", "washout_days": 0, **design})
    cast.assign_cases(cases)
    return cast, RevisingRoom(client_of(cast.reader.user), cast.study.slug)


class RevisingRoom(Room):
    """A reading room whose reader revises readings."""

    def revisable(self) -> list[str]:
        answer = self.client.get(self.start.replace("/reading", "/revisable-readings"))
        assert answer.status_code == 200
        return [reading["id"] for reading in answer.json()["readings"]]

    def revise(self, pk: str) -> Any:
        return self.client.post(f"/api/v1/readings/{pk}/revise")

    def refusal(self, pk: str) -> str:
        answer = self.revise(pk)
        assert answer.status_code == 409, answer.json()
        assert pk not in self.revisable()
        return answer.json()["error"]["code"]

    def change(self, pk: str, cell: str, score: int) -> None:
        version = Score.objects.get(reading=pk, cell=cell).version
        assert self.put(pk, cell, version=version, score=score).status_code == 200


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


def test_reading_cannot_be_revised_unless_the_study_allows_it(client_of):
    _, room = make_room(client_of, revision_rule="never")
    assert room.refusal(room.read()) == "revision_not_allowed"


def test_reading_of_an_earlier_session_cannot_be_revised(client_of):
    _, room = make_room(client_of)
    pk = room.read()
    long_ago = timezone.now() - timedelta(days=1)
    ReadingSession.objects.update(started_at=long_ago, last_activity_at=long_ago)
    assert room.refusal(pk) == "session_over"


def test_reading_of_another_sign_in_cannot_be_revised(client_of):
    cast, room = make_room(client_of)
    pk = room.read()
    other = RevisingRoom(client_of(cast.reader.user), cast.study.slug)
    assert other.refusal(pk) == "session_over"


def test_reading_can_be_revised_until_its_period_is_complete(client_of):
    _, room = make_room(client_of, cases=2, revision_rule="period")
    pk = room.read()
    long_ago = timezone.now() - timedelta(days=1)
    ReadingSession.objects.update(started_at=long_ago, last_activity_at=long_ago)
    assert room.revisable() == [pk]
    second = room.read()
    assert room.refusal(pk) == "period_complete"
    assert room.refusal(second) == "period_complete"


def test_reopening_does_not_make_a_complete_period_incomplete(client_of):
    cast, room = make_room(client_of, cases=2, revision_rule="period")
    first, second = room.read(), room.read()
    reopen_reading(reading=Reading.objects.get(pk=first), by=cast.coordinator, reason="a slip")
    assert room.refusal(second) == "period_complete"


def unguided_first(cast: Cast) -> None:
    """Let the reader start with the unguided arm."""
    lists = cast.reader.reading_lists
    if lists.get(period=1).guides:
        lists.filter(period=1).update(period=9)
        lists.filter(period=2).update(period=1)
        lists.filter(period=9).update(period=2)


def test_reading_cannot_be_revised_once_its_case_was_opened_again(client_of):
    cast, room = make_room(client_of, cases=1)
    unguided_first(cast)
    pk = room.read()
    assert room.revisable() == [pk]
    room.open()
    assert room.refusal(pk) == "read_again"


def test_unguided_reading_cannot_be_revised_once_guides_were_shown_on_its_case(client_of):
    cast, room = make_room(client_of, cases=1)
    unguided_first(cast)
    pk = room.read()
    again = room.open()
    Reading.objects.filter(pk=again).update(guides_ms=5)
    assert room.refusal(pk) == "guides_seen"


def test_reading_cannot_be_revised_once_a_repeat_was_opened(client_of):
    _, room = make_room(client_of, cases=2, arms=["unguided"])
    pk = room.read()
    repeat = Reading.objects.get(pk=room.status()["current"]["id"])
    Reading.objects.filter(pk=repeat.pk).update(
        case=Reading.objects.get(pk=pk).case_id, replicate=2
    )
    assert room.revisable() == [pk]
    room.open()
    assert room.refusal(pk) == "read_again"


def test_only_one_reading_is_revised_at_a_time_and_a_repeated_request_changes_nothing(client_of):
    _, room = make_room(client_of)
    first, second = room.read(), room.read()
    assert room.revisable() == [second, first]
    assert room.revise(first).status_code == 200
    assert room.revise(first).status_code == 200
    assert Revision.objects.count() == 1
    answer = room.revise(second)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_revision")


def test_reading_that_was_not_submitted_cannot_be_revised(client_of):
    _, room = make_room(client_of)
    pk = room.open()
    assert room.refusal(pk) == "not_submitted"


def test_nothing_is_revised_in_a_paused_or_locked_study_or_on_an_excluded_case(client_of):
    cast, room = make_room(client_of)
    pk, other = room.read(), room.read()
    exclude_case(case=Reading.objects.get(pk=other).case, actor=cast.coordinator, reason="moved")
    assert room.refusal(other) == "case_excluded"
    pause_study(study=cast.study, by=cast.coordinator)
    assert room.refusal(pk) == "study_closed"
    lock_study(study=cast.study, by=cast.coordinator)
    assert room.refusal(pk) == "study_locked"


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


def test_rule_is_fixed_once_cases_are_assigned(client_of):
    cast, _ = make_room(client_of)
    with pytest.raises(Conflict, match="design can no longer be changed"):
        change_study(
            study=cast.study,
            actor=cast.coordinator,
            arms=["unguided", "guided"],
            revision_rule="period",
        )


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
    save_instructions(study=cast.study, by=cast.coordinator, text="Read this.", arm_texts={})
    refused = room.revise(pk)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "instructions")
    assert room.status()["current"]["id"] == current
    acknowledge(reader=cast.reader, version=1, part="study")
    assert room.revise(pk).status_code == 200


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


def test_coordinator_sees_the_number_of_revisions_and_no_score(client_of):
    cast, room = make_room(client_of)
    pk = room.read(score=3)
    room.revise(pk)
    room.submit(pk)
    client = Client()
    client.force_login(cast.coordinator)
    page = client.get(f"/studies/{cast.study.slug}/progress").content.decode()
    assert "within the current reading session. Revisions: R01 1, R02 0." in " ".join(page.split())
    progress = client.get(f"/api/v1/studies/{cast.study.slug}/progress").json()
    assert [reader["revisions"] for reader in progress["readers"]] == [1, 0]


def test_reading_in_revision_is_not_reopened(client_of):
    cast, room = make_room(client_of)
    pk = room.read()
    room.revise(pk)
    with pytest.raises(Conflict, match="is currently revising this reading"):
        reopen_reading(reading=Reading.objects.get(pk=pk), by=cast.coordinator, reason="a slip")
