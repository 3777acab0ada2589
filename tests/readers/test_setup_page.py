"""The page with a study's design and sites."""

from __future__ import annotations

import re
from collections import Counter

import pytest

pytestmark = pytest.mark.django_db


def test_every_field_has_its_own_label(cast, client_of):
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/setup").content.decode()
    fields = Counter(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page))
    assert {"id_name", "site_name", "site_code"} <= set(fields)
    assert set(fields.values()) == {1}
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= set(fields) | {"id_arms"}
