"""A page of one person cannot act in the session of another person on the same browser."""

from __future__ import annotations

import pytest

from studies.sessions.models import Score
from tests.sessions.reading_room import Room, change

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(cast, client_of):
    cast.assign_cases()
    return Room(client_of(cast.reader.user), cast.study.slug)


def test_score_of_another_person_is_rejected_with_the_name_of_the_signed_in_person(room, cast):
    url = f"/api/v1/readings/{room.open()}/cells/L1_anterior"
    headers = {"X-Expected-User": str(cast.other_reader.user.pk)}
    answer = room.client.put(url, change(score=2), headers=headers)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "other_user"
    assert cast.reader.user.shown_name in answer.json()["error"]["message"]
    assert not Score.objects.exists()
    assert room.client.get("/api/v1/me/preferences", headers=headers).status_code == 409


def test_score_of_the_person_who_is_signed_in_is_stored(room, cast):
    url = f"/api/v1/readings/{room.open()}/cells/L1_anterior"
    headers = {"X-Expected-User": str(cast.reader.user.pk)}
    assert room.client.put(url, change(score=2), headers=headers).status_code == 200


def test_signed_out_person_gets_the_code_signed_out(room, cast, client):
    headers = {"X-Expected-User": str(cast.reader.user.pk)}
    answer = client.get("/api/v1/me/preferences", headers=headers)
    assert answer.json()["error"]["code"] == "signed_out"
