"""Cache bytes in Redis for all processes; without Redis, results are computed again."""

from __future__ import annotations

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

from studies.jobs.queue import CircuitBreaker

logger = logging.getLogger(__name__)
LIFETIME_S = 24 * 3600
# Limits the memory that one value takes in Redis.
MAX_BYTES = 4 * 2**20
# Without the pause, every page would wait for the connection to a broken Redis to time out.
CACHE = CircuitBreaker(pause_s=10)


def read_shared(name: str) -> bytes | None:
    """Return the bytes stored under a name; None if there are none or Redis is unavailable."""
    if CACHE.unavailable:
        return None
    try:
        value = cache.get(name)
    except (RedisError, OSError) as error:
        _note_failure(error)
        return None
    # Another program may have written under this name; its value is treated as missing.
    return value if isinstance(value, bytes) else None


def write_shared(name: str, value: bytes) -> None:
    """Store bytes for one day; do nothing if they exceed MAX_BYTES or Redis is unavailable."""
    # The cache saves time only: a value that cannot be stored is no error for the page.
    if CACHE.unavailable or len(value) > MAX_BYTES:
        return
    try:
        cache.set(name, value, LIFETIME_S)
    except (RedisError, OSError) as error:
        _note_failure(error)


def _note_failure(error: Exception) -> None:
    CACHE.record_failure()
    logger.warning(
        "The cache is unavailable (%s). Results are computed again.", type(error).__name__
    )
