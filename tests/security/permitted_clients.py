"""Clients of people who get an answer, and the check that none of it is an internal error."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.make import Cast, make_user
from tests.test_access import ADMIN, NO_ONE, RULES

# One odd value in so many goes to each address, part or field.
THOROUGHNESS = [
    pytest.param(12, id="some"),
    pytest.param(1, id="all", marks=pytest.mark.slow),
]


def person_for(name: str, cast: Cast) -> Any:
    """Return a user who gets an answer at this address, or a coordinator where no one does."""
    allowed = RULES[name][2]
    if allowed == ADMIN:
        return make_user("ada", is_staff=True, is_superuser=True)
    for role in ("coordinator", "statistician", "site_coordinator", "outsider", "adjudicator"):
        if role in allowed or allowed == NO_ONE:
            return getattr(cast, role)
    return cast.reader.user


def client_for(name: str, cast: Cast) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_login(person_for(name, cast))
    return client


def check(answer: Any, sent: str) -> None:
    assert answer.status_code < 500, (answer.status_code, sent[:300])
    if answer.status_code >= 400 and answer["Content-Type"] == "application/json":
        error = answer.json()["error"]
        assert error["code"] and error["message"].strip()
