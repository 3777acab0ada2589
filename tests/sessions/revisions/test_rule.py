"""Which submitted readings their reader may revise: the rule of the study, and what ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.protocol.design import change_study
from studies.sessions.models import (
    Reading,
    ReadingSession,
)
from studies.sessions.study_lifecycle import lock_study, pause_study, reopen_reading
from tests.make import Cast
from tests.sessions.submitted_readings.revising_room import RevisingRoom, make_room

pytestmark = pytest.mark.django_db


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


def test_rule_is_fixed_once_cases_are_assigned(client_of):
    cast, _ = make_room(client_of)
    with pytest.raises(Conflict, match="design can no longer be changed"):
        change_study(
            study=cast.study,
            actor=cast.coordinator,
            arms=["unguided", "guided"],
            revision_rule="period",
        )
