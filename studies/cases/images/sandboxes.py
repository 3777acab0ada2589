"""The pool of sandbox processes that a web process, worker or command uses."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from inference.sandbox.limits import MIB, Limits
from inference.sandbox.pool import Pool

TASKS = "studies.cases.upload.sandbox_tasks"


@cache
def sandboxes() -> Pool:
    """Return the pool that all threads share; its processes start on first use."""
    limits = Limits(memory_bytes=settings.SANDBOX_MEMORY_MB * MIB)
    return Pool(TASKS, limits=limits, size=settings.SANDBOX_PROCESSES)
