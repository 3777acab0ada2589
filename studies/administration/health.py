"""The state of database, storage, broker and workers, each with a time limit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from django.conf import settings

from studies.administration.storage_use import STORAGE_USE, StorageUse
from studies.celery import app
from studies.monitoring.health import BROKER, DATABASE, STORAGE
from studies.monitoring.heartbeat import last_seen, latest_heartbeats
from studies.monitoring.timed_check import TimedCheck

DEADLINE_S: Final = 4
OK: Final = "ok"
NOT_REACHABLE: Final = "not reachable"
UNKNOWN: Final = "unknown"
NO_WORKER: Final = "no worker"


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """One queue: whether a worker takes from it, when it was last seen, and what waits.

    ``waiting`` is None while the broker cannot be reached.
    """

    name: str
    state: str
    last_seen: datetime | None
    waiting: int | None
    model_problem: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of each part, as "ok" or "not reachable"; ``use`` is None while unknown."""

    database: str
    storage: str
    broker: str
    queues: tuple[QueueHealth, ...]
    use: StorageUse | None


@dataclass(frozen=True, slots=True)
class _Workers:
    waiting: Mapping[str, int]
    seen: Mapping[str, datetime]
    problems: Mapping[str, str]


def check_health() -> Health:
    """Return the state of all parts; a part that hangs takes at most four seconds."""
    deadline = time.monotonic() + DEADLINE_S
    # All at once, so that their time limits do not add up.
    database, storage, broker = DATABASE.start(), STORAGE.start(), BROKER.start()
    workers, use = WORKERS.start(), STORAGE_USE.start()
    return Health(
        database=_state(database, deadline),
        storage=_state(storage, deadline),
        broker=_state(broker, deadline),
        queues=_queues(_result(workers, deadline)),
        use=_result(use, deadline),
    )


def _queues(workers: _Workers | None) -> tuple[QueueHealth, ...]:
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    if workers is None:
        return tuple(QueueHealth(name, UNKNOWN, None, None) for name in names)
    return tuple(
        QueueHealth(
            name,
            OK if name in workers.problems else NO_WORKER,
            workers.seen.get(name),
            workers.waiting[name],
            workers.problems.get(name, ""),
        )
        for name in names
    )


def _check_workers() -> _Workers:
    """Read the lengths of the queues and the heartbeats of their workers."""
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    if not settings.CELERY_BROKER_URL:
        raise ConnectionError
    # The cache hides failures, so the queues are read first.
    with app.connection_for_read() as connection:
        # Of the transport for Redis; kombu types its base class alone.
        client = cast("Any", connection.default_channel).client
        waiting = {name: int(client.llen(name)) for name in names}
    heartbeats = latest_heartbeats(names)
    problems = {name: heartbeat.model_problem for name, heartbeat in heartbeats.items()}
    return _Workers(waiting, last_seen(names), problems)


def _state(future: Future[Any], deadline: float) -> str:
    try:
        future.result(timeout=max(0.0, deadline - time.monotonic()))
    except Exception:
        # The server's log has the error; the page shows which part to look at.
        return NOT_REACHABLE
    return OK


def _result(future: Future[Any], deadline: float) -> Any:
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except Exception:
        return None


WORKERS: Final = TimedCheck(_check_workers)
