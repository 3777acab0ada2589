"""Remove orphan files once an hour: a thread of every worker.

Workers do not agree on who sweeps: the first of an hour does, and the others find that in the
cache. Without the cache each of them does, which is safe, because a second sweep finds nothing.
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
    """Sweep unless a worker has done so within the hour; return how many files were removed."""
    if not cache.add(KEY, 1, timeout=EVERY_S - 60):
        return 0
    try:
        return sweep_orphans(age=timedelta(minutes=settings.ORPHAN_MINUTES)).removed
    except TooManyOrphans as error:
        logger.warning("%s", error)
    except (StorageUnavailable, Error) as error:
        logger.warning("orphan files were not looked for (%s): later", type(error).__name__)
    return 0


@worker_ready.connect
def start_sweeping(**_: Any) -> None:
    _ended.clear()
    Thread(target=_sweep_until, args=(_ended,), name="sweep", daemon=True).start()


@worker_shutting_down.connect
def stop_sweeping(**_: Any) -> None:
    _ended.set()


def _sweep_until(ended: Event) -> None:
    # Not at the start of a worker: several usually start together, and everything else does then.
    while not ended.wait(EVERY_S):
        try:
            sweep_if_due()
        except Exception:
            logger.exception("orphan files could not be looked for: the next attempt follows")
        finally:
            connections.close_all()
