"""The sandbox processes of this process: web, worker or command."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from inference.sandbox.limits import MIB, Limits
from inference.sandbox.pool import Pool

TASKS = "studies.cases.dicom.sandbox_tasks"


@cache
def sandboxes() -> Pool:
    """Return the pool that all threads of this process share; it starts with no process."""
    limits = Limits(memory_bytes=settings.SANDBOX_MEMORY_MB * MIB)
    return Pool(TASKS, limits=limits, size=settings.SANDBOX_PROCESSES)
