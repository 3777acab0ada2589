"""Share bytes between processes through the cache, and do without while its server is away."""

from __future__ import annotations

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

from studies.jobs.queue import CircuitBreaker

logger = logging.getLogger(__name__)
KEEP_S = 24 * 3600
MOST_BYTES = 4 * 2**20
CACHE = CircuitBreaker(pause_s=10)


def read_shared(name: str) -> bytes | None:
    """Return what was shared under a name; None when there is nothing or the cache is away."""
    if CACHE.unavailable:
        return None
    try:
        value = cache.get(name)
    except (RedisError, OSError) as error:
        _away(error)
        return None
    return value if isinstance(value, bytes) else None


def share(name: str, value: bytes) -> None:
    """Share bytes for a day, unless there are too many of them."""
    if CACHE.unavailable or len(value) > MOST_BYTES:
        return
    try:
        cache.set(name, value, KEEP_S)
    except (RedisError, OSError) as error:
        _away(error)


def _away(error: Exception) -> None:
    CACHE.record_failure()
    logger.warning("the cache is away (%s): results are computed again", type(error).__name__)
