"""Queueing of analyses, by the name of the task: the web process must not load the predictor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from studies.cases.models import Case, Upload
from studies.jobs.queue import send

LOCATE_LANDMARKS = "locate_landmarks"
ANALYSES = "analyses"
"""The queue to which `studies.settings` routes the task."""
SENT_AT_ONCE: Final = 500
"""Largest number of messages that one request sends."""


def queue_analysis(case: Case) -> bool:
    """Queue the analysis of a case.

    Return False while the broker is unavailable; `studies.jobs.requeue` then queues it later.
    """
    return send(LOCATE_LANDMARKS, case.pk)


def queue_analyses(cases: Sequence[Case]) -> None:
    """Queue the analyses of many cases, as far as a request has time for it.

    `studies.jobs.requeue` queues the others, and all once the broker is available again.
    """
    # After a failure, every further message would wait for the timeout of the broker.
    all(queue_analysis(case) for case in cases[:SENT_AT_ONCE])


def queue_accepted_upload(upload: Upload) -> None:
    """Queue the analysis of an accepted file, unless its case is pending review."""
    accepted = {Upload.Status.ACCEPTED, Upload.Status.REPLACED}
    if upload.status in accepted and upload.case is not None:
        queue_analysis(upload.case)
