"""The page with a study's design and sites."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from studies.sessions.study_lifecycle import lock_study

pytestmark = pytest.mark.django_db


def test_every_field_has_its_own_label(cast, client_of):
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/setup").content.decode()
    fields = Counter(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page))
    assert {"id_name", "site_name", "site_code"} <= set(fields)
    assert set(fields.values()) == {1}
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= set(fields) | {"id_arms"}


def test_no_field_can_be_edited_after_the_lock(cast, client_of):
    cast.assign_cases(1)
    lock_study(study=cast.study, by=cast.coordinator)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/setup").content.decode()
    fields = re.findall(r'<(?:input|select|textarea)[^>]* id="id_[^>]*>', page)
    assert len(fields) > 10
    assert [field for field in fields if " disabled" not in field] == []


def test_page_that_does_not_exist_says_so(cast, client_of):
    client = client_of(cast.coordinator)
    for address in ("/studies/nothing/", "/nothing"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "<h1>Page not found</h1>" in answer.content.decode()
