"""A cache backend that treats an unavailable server as a cache miss.

The cache holds counters of failed sign-ins, figures that can be drawn again and the workers' last
heartbeats. While its server is unavailable, reads are misses and writes are dropped, so that people
can still sign in and pages load.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
PAUSE_S = 5.0
"""Time without further attempts after a failure, because each one may wait for seconds."""
_unavailable_until: dict[str, float] = {}


class FailOpenCache(RedisCache):
    """Django's Redis cache, which logs the failures of its server and behaves as a miss."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        # True means "added": a lock in the cache must not block anyone.
        return bool(self._attempt(partial(super().add, key, value, timeout, version), True))

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        # A miss: the caller computes the value again.
        return self._attempt(partial(super().get, key, default, version), default)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        self._attempt(partial(super().set, key, value, timeout, version), None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return bool(self._attempt(partial(super().touch, key, timeout, version), False))

    def delete(self, key: Any, version: Any = None) -> bool:
        return bool(self._attempt(partial(super().delete, key, version), False))

    def has_key(self, key: Any, version: Any = None) -> bool:
        return bool(self._attempt(partial(super().has_key, key, version), False))

    def get_many(self, keys: Any, version: Any = None) -> Any:
        return self._attempt(partial(super().get_many, keys, version), {})

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._attempt(partial(super().set_many, data, timeout, version), list(data))

    def delete_many(self, keys: Any, version: Any = None) -> None:
        self._attempt(partial(super().delete_many, keys, version), None)

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Raise ValueError, as for a missing key, while the server is unavailable."""
        value = self._attempt(partial(super().incr, key, delta, version), None)
        if value is None:
            raise ValueError(f"Key {key!r} not found")
        return int(value)

    def clear(self) -> None:
        self._attempt(super().clear, None)

    def _attempt(self, operation: Callable[[], Any], fallback: Any) -> Any:
        # Circuits are shared by the instances that Django makes per thread.
        server = str(self._servers)  # type: ignore[attr-defined]  # the stubs omit it
        if time.monotonic() < _unavailable_until.get(server, 0.0):
            return fallback
        try:
            return operation()
        except (RedisError, OSError) as error:
            _unavailable_until[server] = time.monotonic() + PAUSE_S
            logger.error(
                "The cache is unavailable (%s). Sign-in attempts are not limited meanwhile.",
                type(error).__name__,
            )
            return fallback
