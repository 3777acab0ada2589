from __future__ import annotations

import pytest

from tests.make import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/unknown", 404, "not_found"),
        ("/api/v1/cases/not-a-uuid", 404, "not_found"),
        ("/api/v1/me/preferences?x=%00", 400, "invalid"),
    ],
)
def test_address_that_the_api_does_not_have_is_answered_with_json(address, status, code, client_of):
    answer = client_of(make_user("rita")).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer.json()["error"]["code"] == code


def test_unknown_page_is_a_page(client_of):
    answer = client_of(make_user("rita")).get("/unknown")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
