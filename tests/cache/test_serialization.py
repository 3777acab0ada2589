"""What goes into the shared cache and comes out of it."""

from __future__ import annotations

import pickle

import pytest
from django.core.cache import cache

from studies.cache.serialization import CacheSerializer


@pytest.mark.parametrize("value", [7, -1, b"", b"\x00\xff", "é", [1.5, 2], {"a": None}, True, None])
def test_value_comes_back_as_it_was(value):
    written = CacheSerializer().dumps(value)
    data = str(written).encode() if isinstance(written, int) else written
    assert CacheSerializer().loads(data) == value


@pytest.mark.parametrize("data", [pickle.dumps([1]), b"j{", b"", b"x"])
def test_bytes_in_no_known_format_are_a_miss(data):
    assert CacheSerializer().loads(data) is None


def test_shared_cache_holds_no_pickled_object(settings):
    if not settings.CELERY_BROKER_URL:
        pytest.skip("needs a broker: python -m tools.local run --throwaway -- pytest")
    cache.set("format", [1.5], 10)
    stored = cache._cache.get_client().get(cache.make_and_validate_key("format"))
    assert stored == b"j[1.5]"
    assert cache.get("format") == [1.5]
