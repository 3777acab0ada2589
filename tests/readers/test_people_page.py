"""The page of members and pending invitations of a study."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.readers import pages
from studies.readers.invitations import create_invitation
from studies.readers.models import Role
from tests.make import make_reader

pytestmark = pytest.mark.django_db


def labels(page: str) -> list[str]:
    return re.findall(r"<tr><th>((?:CO|R|S)\d+)</th>", page)


def test_members_and_invitations_are_paged_independently(cast, client_of, monkeypatch):
    monkeypatch.setattr(pages, "MEMBERS_PER_PAGE", 2)
    for number in range(3):
        create_invitation(
            study=cast.study, role=Role.STATISTICIAN, site=None, note=f"note {number}",
            by=cast.coordinator, address="",
        )  # fmt: skip
    client, address = client_of(cast.coordinator), f"/studies/{cast.study.slug}/people"
    first = client.get(address).content.decode()
    assert labels(first) == ["CO01", "CO02"]
    assert re.findall("<tr><th>(note .)</th>", first) == ["note 2", "note 1"]
    assert 'href="?page=2"' in first
    assert 'href="?invitations=2"' in first
    second = client.get(address, {"page": "2", "invitations": "2"}).content.decode()
    assert labels(second) == ["R01", "R02"]
    assert re.findall("<tr><th>(note .)</th>", second) == ["note 0"]


def test_number_of_queries_does_not_depend_on_the_number_of_members(cast, client_of):
    client, address = client_of(cast.coordinator), f"/studies/{cast.study.slug}/people"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(5):
        make_reader(cast.study, cast.site, f"reader-{number}")
    with CaptureQueriesContext(connection) as many:
        assert len(labels(client.get(address).content.decode())) == 10
    assert len(many) == len(few)
