"""Studies of any size, written straight into the database of a version; runs in its checkout."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from studies.sessions.models import Reading, ReadingList
from tests.make import Cast, make_reader

from .cases import fill_study, update_statistics

READERS = 40
SLUG = "guides-trial"


def fill(cases: int, readers: int = READERS) -> None:
    """Create a study with readers and analysed cases, none of which is assigned."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = Cast()
    for number in range(readers - 2):
        make_reader(cast.study, cast.site, f"reader{number}")
    fill_study(cast, cases)


def assign(address: str) -> None:
    """Assign every case and open the study."""
    client = signed_in("clara")
    for path in (address, f"/api/v1/studies/{SLUG}/open"):
        response = client.post(path)
        assert response.status_code < 300, response.content[:300]
    update_statistics()


def submit() -> None:
    """Mark each reader's readings of period 1 as submitted."""
    now = timezone.now()
    first = Reading.objects.filter(reading_list__period=1)
    first.update(state="submitted", opened_at=now, submitted_at=now)
    update_statistics()


def open_one_each() -> None:
    """Open the first reading of each reader."""
    first = [
        one.readings.order_by("position")[0].pk for one in ReadingList.objects.filter(period=1)
    ]
    now = timezone.now()
    Reading.objects.filter(pk__in=first).update(state="open", opened_at=now, timed_to=now)
    update_statistics()


def sign_in_readers(count: int) -> list[dict[str, str]]:
    """Return a session, and the address of the open reading, for each of ``count`` readers."""
    readings = Reading.objects.filter(state="open").select_related("reading_list__reader__user")
    return [
        {
            "session": session_of(reading.reading_list.reader.user.username),
            "cells": f"/api/v1/readings/{reading.pk}/cells/",
        }
        for reading in readings[:count]
    ]


def session_of(username: str) -> str:
    return signed_in(username).cookies["sessionid"].value


def signed_in(username: str) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(get_user_model().objects.get(username=username))
    return client
