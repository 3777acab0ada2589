"""The time until inactivity ends the sign-in, as the warning on pages asks for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/me/sign-in"
BY_SCRIPT = {"Sec-Fetch-Dest": "empty"}


@pytest.fixture
def client(cast: Any, client_of: Any, settings: Any) -> Any:
    settings.SESSION_COOKIE_AGE = 3600
    client = client_of(cast.reader.user)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=100))
    return client


def seconds_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()).total_seconds()


def test_asking_for_the_time_does_not_renew_the_sign_in(client):
    answer = client.get(ADDRESS, headers=BY_SCRIPT).json()
    assert 95 <= answer["expires_in_s"] <= 100
    assert seconds_left() <= 100


def test_staying_signed_in_renews_it(client):
    assert client.post(ADDRESS, headers=BY_SCRIPT).json() == {"expires_in_s": 3600}
    assert 3590 <= seconds_left() <= 3600


def test_ended_sign_in_answers_401(client):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(ADDRESS, headers=BY_SCRIPT).status_code == 401
    assert client.post(ADDRESS, headers=BY_SCRIPT).status_code == 401


def test_pages_of_signed_in_people_name_the_limit_and_others_do_not(client):
    assert f'data-sign-in="{ADDRESS}" data-expires-in="3600"' in client.get("/").content.decode()
    client.logout()
    assert "data-sign-in" not in client.get("/accounts/login/").content.decode()
