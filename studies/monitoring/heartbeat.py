"""The latest heartbeat of the workers, in the shared cache."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

KEY = "worker-heartbeat"
LIFETIME_S = 60


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A worker's report; ``model_problem`` names the error that prevents loading the weights."""

    model_problem: str = ""


def publish_heartbeat(heartbeat: Heartbeat) -> None:
    """Store the heartbeat for a minute."""
    cache.set(KEY, {"model_problem": heartbeat.model_problem}, timeout=LIFETIME_S)


def latest_heartbeat() -> Heartbeat | None:
    """Return the heartbeat of the last minute, or None when no worker has reported."""
    fields = cache.get(KEY)
    return Heartbeat(**fields) if isinstance(fields, dict) else None
