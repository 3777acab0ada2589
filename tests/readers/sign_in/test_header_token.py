from __future__ import annotations

import pytest

from tests.make import make_user

pytestmark = pytest.mark.django_db


def test_address_outside_latin_1_is_unknown_and_no_internal_error(client_of):
    client = client_of(make_user("rita"))
    reading = "6f1a8a3e-3c09-4f58-8c2e-0d5c8f6f9b11"
    assert client.put(f"/api/v1/readings/{reading}/cells/腰椎").status_code == 404
