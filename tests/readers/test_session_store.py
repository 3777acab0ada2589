"""A session that cannot be saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, OperationalError
from django.test import Client

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


def test_answer_is_worth_another_attempt_while_the_database_is_away(client, monkeypatch):
    save_fails_with(monkeypatch, OperationalError("the connection was closed"))
    assert client.get("/").status_code == 500


def test_session_that_was_deleted_meanwhile_is_interrupted(client, monkeypatch):
    save_fails_with(monkeypatch, DatabaseError("no row was changed"))
    assert client.get("/").status_code == 400
