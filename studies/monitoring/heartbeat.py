"""The latest heartbeat of a worker for each queue, in the shared cache."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

KEY = "worker-heartbeat/"
LIFETIME_S = 60


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A worker's report; ``model_problem`` names the error that prevents loading the weights."""

    model_problem: str = ""


def publish_heartbeat(heartbeat: Heartbeat, queues: Iterable[str]) -> None:
    """Store the heartbeat of a worker that takes from some queues, for a minute."""
    fields = {"model_problem": heartbeat.model_problem}
    cache.set_many({KEY + queue: fields for queue in queues}, timeout=LIFETIME_S)


def latest_heartbeats(queues: Iterable[str]) -> dict[str, Heartbeat]:
    """Return the heartbeats of the last minute by queue; a queue without a worker is left out."""
    stored = cache.get_many([KEY + queue for queue in queues])
    return {
        key.removeprefix(KEY): Heartbeat(**fields)
        for key, fields in stored.items()
        if isinstance(fields, dict)
    }
