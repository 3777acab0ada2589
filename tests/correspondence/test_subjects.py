"""Readings of refreshers cannot be told apart from others by their messages."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from studies.correspondence.models import Thread
from studies.correspondence.representations import thread_rows
from studies.correspondence.subjects import list_subjects
from studies.practice.models import PracticeReading
from studies.readers.models import Membership
from studies.sessions.study_lifecycle import reopen_reading
from tests.practice.refreshers.people import is_refresher, set_up_refreshers
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed(cast, client_of):
    """A reader who has read two study cases and has a refresher case open."""
    set_up_refreshers(cast)
    cast.cases = cast.assign_cases(4)
    cast.room = Room(client_of(cast.reader.user), cast.study.slug)
    cast.read = [cast.room.read(), cast.room.read()]
    cast.current = cast.room.open()
    cast.me = Membership.objects.select_related("study", "user").get(pk=cast.reader.pk)
    assert [is_refresher(pk) for pk in [*cast.read, cast.current]] == [False, False, True]
    return cast


def send(client, pk, text="Is this an osteophyte?"):
    body = {"message_id": str(uuid4()), "text": text}
    return client.post(f"/api/v1/readings/{pk}/messages", body)


def shape(value):
    """The keys and types of an answer."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__


def test_names_are_the_numbers_on_the_screen_and_have_no_gap(mixed):
    number = mixed.room.status()["progress"]["read"] + 1
    assert number == 3
    names = [subject.name for subject in list_subjects(mixed.me)]
    assert names == [f"reading {n} on the screen" for n in (3, 2, 1)]


def test_answers_about_both_kinds_have_the_same_form(mixed):
    client = mixed.room.client
    study, refresher = (send(client, pk) for pk in (mixed.read[1], mixed.current))
    assert study.status_code == refresher.status_code == 200
    assert shape(study.json()) == shape(refresher.json())
    assert study.json()["name"] == "reading 2 on the screen"
    assert refresher.json()["name"] == "reading 3 on the screen"
    for pk in (mixed.read[0], mixed.current):
        assert client.get(f"/api/v1/readings/{pk}/messages").status_code == 200


def test_waiting_reading_of_either_kind_is_refused_in_the_same_way(cast, client_of):
    set_up_refreshers(cast)
    cast.assign_cases(4)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    refused = []
    for _ in range(3):
        pk = room.status()["current"]["id"]
        refused.append(send(room.client, pk).json())
        room.read()
    assert refused[0] == refused[1] == refused[2]
    assert refused[0]["error"]["code"] == "not_opened"


def test_pages_of_the_reader_do_not_tell_the_kinds_apart(mixed):
    client = mixed.room.client
    send(client, mixed.read[1], "About a study case")
    send(client, mixed.current, "About a refresher")
    page = client.get(f"/studies/{mixed.study.slug}/messages").content.decode()
    for thread in Thread.objects.all():
        address = f"/studies/{mixed.study.slug}/messages/{thread.pk}"
        page += client.get(address).content.decode()
    assert "Reading 3 on the screen" in page
    for secret in ("efresher case", "in a refresher", "practice case", "Practice case"):
        assert secret not in page.replace("About a refresher", "")
    # As a word, because the letters can occur in the CSRF token.
    assert re.search(r"\bC\d{4}\b", page) is None


def test_coordinator_of_the_study_sees_that_it_is_a_refresher_and_of_a_site_does_not(mixed):
    send(mixed.room.client, mixed.current)
    members = {member.user_id: member for member in mixed.study.memberships.all()}
    threads = list(Thread.objects.with_last_message())
    number = PracticeReading.objects.get(pk=mixed.current).practice_case.number
    (whole,) = thread_rows(threads, members[mixed.coordinator.pk])
    assert whole.subject_note == f"practice case {number}, in a refresher"
    (own_site,) = thread_rows(threads, members[mixed.site_coordinator.pk])
    assert own_site.subject_note == "not a case of your site"


def test_reopened_reading_has_the_name_that_the_reader_sees_then(mixed):
    reading = mixed.reader.reading_lists.first().readings.get(pk=mixed.read[0])
    reopen_reading(reading=reading, by=mixed.coordinator, reason="moved")
    answer = mixed.room.client.get(f"/api/v1/readings/{reading.pk}/messages")
    assert answer.json()["name"] == reading.name


def test_number_stays_when_an_earlier_case_is_excluded(mixed):
    send(mixed.room.client, mixed.current)
    first = mixed.reader.reading_lists.first().readings.get(pk=mixed.read[0])
    type(first.case).objects.filter(pk=first.case_id).update(state="excluded", reason_text="moved")
    assert Thread.objects.get().name == "reading 3 on the screen"


def test_thread_stays_when_the_rest_of_a_refresher_is_left_out(mixed):
    send(mixed.room.client, mixed.current)
    PracticeReading.objects.filter(pk=mixed.current).delete()
    thread = Thread.objects.get()
    assert (thread.refresher, thread.name) == (None, "reading 3 on the screen")
    member = mixed.study.memberships.get(user=mixed.coordinator)
    (row,) = thread_rows(list(Thread.objects.with_last_message()), member)
    assert row.subject_note == "refresher, since left out"
