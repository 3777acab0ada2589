"""A clock that tests move, and desks of the cast's reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from studies.sessions.reading_sessions.rule import idle_limit
from tests.sessions.reading_sessions.desk import FIREFOX, Clock, Desk


@pytest.fixture
def clock(monkeypatch: Any) -> Iterator[Clock]:
    moved = Clock()
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def limit(settings: Any) -> timedelta:
    settings.SESSION_COOKIE_AGE = 3600
    assert idle_limit() == timedelta(hours=1)
    return idle_limit()


@pytest.fixture
def desk_of(cast: Any, client_of: Any, clock: Clock, limit: timedelta) -> Any:
    cast.assign_cases(4)

    def make() -> Desk:
        # A new sign-in whenever the test needs one, as after its expiry.
        client = client_of(cast.reader.user)
        client.credentials(HTTP_USER_AGENT=FIREFOX)
        return Desk(client, cast.study.slug)

    return make
