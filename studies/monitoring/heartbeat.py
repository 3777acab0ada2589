"""The latest heartbeat of a worker for each queue, in the shared cache."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.cache import cache

KEY = "worker-heartbeat/"
LIFETIME_S = 60
# Kept for longer, so that people can see since when a worker is missing.
SEEN_KEY = "worker-seen/"
SEEN_LIFETIME_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A worker's report; ``model_problem`` names the error that prevents loading the weights."""

    model_problem: str = ""


def publish_heartbeat(heartbeat: Heartbeat, queues: Iterable[str]) -> None:
    """Store the heartbeat of a worker that takes from some queues, for a minute."""
    queues = list(queues)
    fields = {"model_problem": heartbeat.model_problem}
    cache.set_many({KEY + queue: fields for queue in queues}, timeout=LIFETIME_S)
    now = time.time()
    cache.set_many({SEEN_KEY + queue: now for queue in queues}, timeout=SEEN_LIFETIME_S)


def last_seen(queues: Iterable[str]) -> dict[str, datetime]:
    """Return when a worker of each queue was last seen; a queue never seen is left out."""
    stored = cache.get_many([SEEN_KEY + queue for queue in queues])
    return {
        key.removeprefix(SEEN_KEY): datetime.fromtimestamp(seen, UTC)
        for key, seen in stored.items()
        if isinstance(seen, int | float)
    }


def latest_heartbeats(queues: Iterable[str]) -> dict[str, Heartbeat]:
    """Return the heartbeats of the last minute by queue; a queue without a worker is left out."""
    stored = cache.get_many([KEY + queue for queue in queues])
    return {
        key.removeprefix(KEY): Heartbeat(**fields)
        for key, fields in stored.items()
        if isinstance(fields, dict)
    }
