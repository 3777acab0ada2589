"""Sessions that cannot be saved, and how often sessions are renewed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, OperationalError
from django.test import Client
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.coordinator)
    return client


def save_fails_with(monkeypatch: Any, error: Exception) -> None:
    def save(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(Session, "save", save)
    # A session is saved again only after a while.
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=10))


def test_answer_can_be_retried_while_the_database_is_away(client, monkeypatch):
    save_fails_with(monkeypatch, OperationalError("the connection was closed"))
    assert client.get("/").status_code == 500


def test_session_deleted_meanwhile_answers_400(client, monkeypatch):
    save_fails_with(monkeypatch, DatabaseError("no row was changed"))
    assert client.get("/").status_code == 400


@pytest.mark.parametrize(
    ("left", "renewed"),
    [
        (timedelta(minutes=59, seconds=30), False),
        (timedelta(minutes=58, seconds=50), True),
        (timedelta(minutes=1), True),
        (timedelta(hours=5), True),  # the limit was five hours until now
    ],
)
def test_session_is_renewed_after_a_sixtieth_of_its_limit(client, left, renewed):
    ends = timezone.now() + left
    Session.objects.update(expire_date=ends)
    assert client.get("/", headers={"Sec-Fetch-Dest": "document"}).status_code == 200
    stored = Session.objects.get().expire_date
    assert (stored != ends) == renewed
    assert stored <= timezone.now() + timedelta(minutes=60)


def test_expired_session_requires_signing_in(client):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/").status_code == 302
