"""Queue analyses by the task's name, so that the web process never loads the predictor."""

from __future__ import annotations

from studies.cases.models import Case, Upload
from studies.jobs.queue import send

LOCATE_LANDMARKS = "locate_landmarks"
ANALYSES = "analyses"
"""The queue that `studies.settings` routes the task to."""


def queue_analysis(case: Case) -> bool:
    """Queue the analysis of a case; False while the broker is away, and it is queued later."""
    return send(LOCATE_LANDMARKS, case.pk)


def queue_accepted(upload: Upload) -> None:
    """Queue the analysis of a file that was accepted; a case held for review waits."""
    queued = {Upload.Status.ACCEPTED, Upload.Status.REPLACED}
    if upload.status in queued and upload.case is not None:
        queue_analysis(upload.case)
