"""Hourly removal of orphan files, by a thread of every worker.

The first worker of an hour sweeps and notes it in the cache for the others. Without the cache every
worker sweeps, which is safe because a second sweep has nothing to remove.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connections

from studies.storage.files import StorageUnavailable
from studies.storage.orphans import TooManyOrphans, sweep_orphans

logger = logging.getLogger(__name__)
EVERY_S = 3600
KEY = "orphans-swept"
_ended = Event()


def sweep_if_due() -> int:
    """Sweep unless a worker did so within the hour; return how many files were removed."""
    # A minute less than the interval, so that the next round of the same worker is not skipped.
    # cache.add succeeds for one worker only. While the cache is away all sweep, which does no harm.
    if not cache.add(KEY, 1, timeout=EVERY_S - 60):
        return 0
    try:
        return sweep_orphans(age=timedelta(minutes=settings.ORPHAN_MINUTES)).removed
    except TooManyOrphans as error:
        logger.warning("%s", error)
    except (StorageUnavailable, Error) as error:
        logger.warning("orphan files were not swept (%s); trying again later", type(error).__name__)
    return 0


@worker_ready.connect
def start_sweeping(**_: Any) -> None:
    """Start the thread when the worker is ready."""
    _ended.clear()
    Thread(target=_sweep_until, args=(_ended,), name="sweep", daemon=True).start()


@worker_shutting_down.connect
def stop_sweeping(**_: Any) -> None:
    """End the thread when the worker shuts down."""
    _ended.set()


def _sweep_until(ended: Event) -> None:
    # Waits first: workers usually start together and are busy then.
    while not ended.wait(EVERY_S):
        try:
            sweep_if_due()
        except Exception:
            logger.exception("orphan files could not be swept; trying again later")
        finally:
            connections.close_all()
