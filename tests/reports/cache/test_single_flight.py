"""What a process keeps is limited by bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from studies.reports.cache.single_flight import SingleFlightCache


def bytes_kept(most: int = 100) -> SingleFlightCache[bytes]:
    return SingleFlightCache(most, len)


def test_oldest_values_are_dropped_until_the_rest_fits() -> None:
    kept = bytes_kept()
    for name in "abcd":
        kept.get(name, lambda: bytes(30))
    assert kept.nbytes == 90
    computed: list[str] = []
    for name in "bcda":
        kept.get(name, lambda name=name: computed.append(name) or bytes(30))
    assert computed == ["a"]


def test_value_that_was_used_again_outlives_one_that_was_not() -> None:
    kept = bytes_kept(60)
    kept.get("old", lambda: bytes(30))
    kept.get("new", lambda: bytes(30))
    kept.get("old", lambda: bytes(1))
    kept.get("third", lambda: bytes(30))
    assert len(kept.get("old", lambda: b"")) == 30
    assert kept.get("new", lambda: b"again") == b"again"


def test_value_larger_than_the_limit_is_kept_alone_until_the_next() -> None:
    kept = bytes_kept()
    kept.get("small", lambda: bytes(10))
    kept.get("large", lambda: bytes(500))
    assert kept.nbytes == 500
    assert len(kept.get("large", lambda: b"")) == 500
    kept.get("small", lambda: bytes(10))
    assert kept.nbytes == 10


def test_two_who_ask_at_once_wait_for_one() -> None:
    kept, begin, computed = bytes_kept(), Barrier(4), []

    def ask(_: int) -> bytes:
        begin.wait()
        return kept.get("key", lambda: computed.append(1) or bytes(5))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [bytes(5)] * 4
    assert len(computed) == 1
