"""Work that is due regularly, done by a thread of every worker.

The first worker of an interval does the work and notes it in the cache for the others. Without the
cache every worker does it, so a round must be safe to run twice and at the same time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.core.cache import cache
from django.db import connections

logger = logging.getLogger(__name__)
EVERY_S = 900
ROUNDS: dict[str, Callable[[], object]] = {}
_ended = Event()


def register_round(name: str, work: Callable[[], object]) -> None:
    """Register work that is due every 15 minutes."""
    ROUNDS[name] = work


def run_due_rounds() -> list[str]:
    """Run the rounds that no worker has run in this interval; return their names."""
    done = []
    for name, work in ROUNDS.items():
        # A minute less than the interval, so that the same worker's next round is not skipped.
        if not cache.add(f"round-{name}", 1, timeout=EVERY_S - 60):
            continue
        try:
            work()
            done.append(name)
        except Exception:
            # One that fails must not prevent the others.
            logger.exception("the round %s failed; trying again later", name)
    return done


@worker_ready.connect
def start_rounds(**_: Any) -> None:
    """Start the thread when the worker is ready."""
    _ended.clear()
    Thread(target=_run_until, args=(_ended,), name="rounds", daemon=True).start()


@worker_shutting_down.connect
def stop_rounds(**_: Any) -> None:
    """End the thread when the worker shuts down."""
    _ended.set()


def _run_until(ended: Event) -> None:
    while True:
        try:
            run_due_rounds()
        finally:
            # A connection that idles until the next round would occupy one of PostgreSQL's slots.
            connections.close_all()
        if ended.wait(EVERY_S):
            return
