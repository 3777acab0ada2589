"""Reopening in both periods, and the name of a reading that reader and coordinator share."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from studies.audit.models import Event
from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases, reopen_reading
from tests.make import make_case
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db

REASON = "The image was shown to you with the wrong window."


@pytest.fixture
def room(cast, client_of):
    cast.study.washout_days = 0
    cast.study.save()
    cast.assign_cases(2)
    return Room(client_of(cast.reader.user), cast.study.slug)


def reopen(cast, pk: str) -> None:
    reopen_reading(reading=Reading.objects.get(pk=pk), by=cast.coordinator, reason=REASON)


def page_of(user, path: str) -> str:
    client = Client()
    client.force_login(user)
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize(("read", "name"), [(1, "reading 1, period 1"), (4, "reading 2, period 2")])
def test_reader_sees_which_reading_was_reopened_and_why_in_either_period(cast, room, read, name):
    pk = [room.read() for _ in range(read)][-1]
    reopen(cast, pk)
    current = room.status()["current"]
    assert (current["id"], current["name"], current["reopened"]) == (pk, name, REASON)
    assert current["in_revision"] is False
    home = page_of(cast.reader.user, "/")
    assert f"{name.capitalize()} was reopened." in home
    assert REASON in home
    progress = page_of(cast.coordinator, f"/studies/{cast.study.slug}/progress")
    assert f"<td>{name.capitalize()}</td>" in progress
    assert "<td>open</td>" in progress
    room.submit(pk)
    following = room.status()["current"]
    assert following is None or following["reopened"] == ""
    assert REASON not in page_of(cast.reader.user, "/")
    assert Event.objects.get(action="reading.reopened").data["reading"] == name


def test_first_period_is_not_reopened_once_its_case_was_opened_in_the_second(cast, room):
    first, second = room.read(), room.read()
    case = Reading.objects.get(pk=room.open()).case_id
    opened_again = first if Reading.objects.get(pk=first).case_id == case else second
    with pytest.raises(Conflict, match="opened this case in another period, arm or replicate"):
        reopen(cast, opened_again)
    reopen(cast, second if opened_again == first else first)


def test_reading_of_an_excluded_case_is_not_reopened(cast, room):
    pk = room.read()
    case = Reading.objects.get(pk=pk).case
    exclude_case(case=case, actor=cast.coordinator, reason="wrong patient")
    with pytest.raises(Conflict, match="was excluded") as refusal:
        reopen(cast, pk)
    assert refusal.value.code == "case_excluded"
    assert Reading.objects.get(pk=pk).state == Reading.State.SUBMITTED


def test_names_are_unique_among_the_batches_of_a_reader_and_reveal_nothing(cast, room):
    for _ in range(2):
        make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    readings = Reading.objects.filter(reading_list__reader=cast.reader)
    names = [reading.name for reading in readings.select_related("reading_list")]
    assert sorted(names) == [
        f"reading {position}, period {period}" for position in (1, 2, 3, 4) for period in (1, 2)
    ]
    shown = json.dumps(room.status())
    for secret in (*readings.values_list("case__label", flat=True), "Hospital"):
        assert secret not in shown


def test_form_and_message_name_the_reading_and_warn_that_the_reader_sees_the_reason(cast, room):
    pk = room.read()
    client = Client()
    client.force_login(cast.coordinator)
    address = f"/studies/{cast.study.slug}/progress"
    page = client.get(address).content.decode()
    assert "R01: reading 1, period 1 (" in page
    assert "The reader sees this reason" in page
    answer = client.post(address, {"reading": pk, "reason": REASON}, follow=True)
    assert (
        "Reading 1, period 1 of R01 was reopened; its scores are kept." in answer.content.decode()
    )
