"""Queueing of analyses, by the name of the task: the web process must not load the predictor."""

from __future__ import annotations

from studies.cases.models import Case, Upload
from studies.jobs.queue import send

LOCATE_LANDMARKS = "locate_landmarks"
ANALYSES = "analyses"
"""The queue to which `studies.settings` routes the task."""


def queue_analysis(case: Case) -> bool:
    """Queue the analysis of a case.

    Return False while the broker is unavailable; `studies.jobs.requeue` then queues it later.
    """
    return send(LOCATE_LANDMARKS, case.pk)


def queue_accepted_upload(upload: Upload) -> None:
    """Queue the analysis of an accepted file, unless its case is pending review."""
    accepted = {Upload.Status.ACCEPTED, Upload.Status.REPLACED}
    if upload.status in accepted and upload.case is not None:
        queue_analysis(upload.case)
