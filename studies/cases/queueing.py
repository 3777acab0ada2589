"""Queue analyses by the task's name, so that the web process never loads the predictor."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

from studies.cases.models import Case, Upload
from studies.celery import app

logger = logging.getLogger(__name__)
LOCATE_LANDMARKS = "locate_landmarks"


def queue_analysis(case: Case) -> None:
    """Queue the analysis of a case; a broker that is away does not lose the case.

    A case that could not be queued stays "received" and is queued when a worker starts.
    """
    try:
        app.send_task(LOCATE_LANDMARKS, args=[str(case.pk)], ignore_result=True)
    except OperationalError:
        logger.warning("the broker is away: case %s waits for the next worker", case.pk)


def queue_accepted(upload: Upload) -> None:
    """Queue the analysis of a file that was accepted; a case held for review waits."""
    if upload.status == Upload.Status.ACCEPTED and upload.case is not None:
        queue_analysis(upload.case)
