"""The task that is queued when a study is locked."""

from __future__ import annotations

from typing import Final

from studies.jobs.queue import send
from studies.protocol.models import Study

PREPARE_SNAPSHOT: Final = "prepare_snapshot"


def queue_snapshot(study: Study) -> bool:
    """Queue the preparation of the agreement page; return False if the broker is unavailable.

    The page does not depend on it: without the prepared values, its first request computes them.
    """
    return send(PREPARE_SNAPSHOT, study.pk)
