"""What a process keeps is limited by bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from studies.reports.cache.single_flight import SingleFlightCache


def byte_cache(most: int = 100) -> SingleFlightCache[bytes]:
    return SingleFlightCache(most, len)


def test_oldest_values_are_dropped_until_the_rest_fits() -> None:
    cache = byte_cache()
    for name in "abcd":
        cache.get(name, lambda: bytes(30))
    assert cache.nbytes == 90
    computed: list[str] = []
    for name in "bcda":
        cache.get(name, lambda name=name: computed.append(name) or bytes(30))
    assert computed == ["a"]


def test_value_that_was_used_again_outlives_one_that_was_not() -> None:
    cache = byte_cache(60)
    cache.get("old", lambda: bytes(30))
    cache.get("new", lambda: bytes(30))
    cache.get("old", lambda: bytes(1))
    cache.get("third", lambda: bytes(30))
    assert len(cache.get("old", lambda: b"")) == 30
    assert cache.get("new", lambda: b"again") == b"again"


def test_value_larger_than_the_limit_is_kept_alone_until_the_next() -> None:
    cache = byte_cache()
    cache.get("small", lambda: bytes(10))
    cache.get("large", lambda: bytes(500))
    assert cache.nbytes == 500
    assert len(cache.get("large", lambda: b"")) == 500
    cache.get("small", lambda: bytes(10))
    assert cache.nbytes == 10


def test_simultaneous_requests_share_one_computation() -> None:
    cache, begin, computed = byte_cache(), Barrier(4), []

    def ask(_: int) -> bytes:
        begin.wait()
        return cache.get("key", lambda: computed.append(1) or bytes(5))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [bytes(5)] * 4
    assert len(computed) == 1
