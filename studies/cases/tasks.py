from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import heartbeat_sent, worker_ready
from django.conf import settings
from django.core.cache import cache as shared_cache

from inference.image import UnreadableImage
from inference.runtime.choice import usable_threads
from studies.cases.landmarks import begin_analysis, fail_analysis, store_analysis
from studies.cases.models import Case, Image, Upload
from studies.cases.stored import stored_image
from studies.celery import app

if TYPE_CHECKING:
    from inference.predictor import Predictor

logger = logging.getLogger(__name__)
HEARTBEAT_KEY = "worker-heartbeat"
HEARTBEAT_SECONDS = 60


@cache
def predictor() -> Predictor:
    """The one warm session of this worker process, with its part of the processors."""
    from inference.predictor import Predictor

    threads = usable_threads(processes=app.conf.worker_concurrency)
    return Predictor.load(settings.WEIGHTS or None, threads=threads)


@app.task(
    bind=True, max_retries=3, retry_backoff=True, autoretry_for=(OSError,), name="locate_landmarks"
)
def locate_landmarks_task(self: Any, case_id: str) -> None:
    """Analyse one case; run twice it finds nothing left to do."""
    from inference.pipeline import analyze

    case = begin_analysis(case_id=case_id)
    if case is None:
        return
    try:
        image = stored_image(Image.objects.get(case=case))
        store_analysis(case=case, analysis=analyze(image, predictor()))
    except UnreadableImage as error:
        fail_analysis(case=case, reason=error.text)
    except SoftTimeLimitExceeded:
        fail_analysis(case=case, reason="The analysis took too long. Try it again.")
    except OSError:
        if self.request.retries >= self.max_retries:
            fail_analysis(case=case, reason="The stored image cannot be read. Try it again.")
        raise
    except Exception:
        logger.exception("analysis of case %s failed", case_id)
        fail_analysis(case=case, reason="The analysis failed. The worker's log says more.")


def queue_analysis(case: Case) -> None:
    """Queue the analysis; a broker that is away is no reason to lose the case.

    A case that could not be queued stays "received" and is queued when a worker starts.
    """
    try:
        locate_landmarks_task.delay(str(case.pk))
    except locate_landmarks_task.OperationalError:
        logger.warning("the broker is away: case %s waits for the next worker", case.pk)


def queue_accepted(upload: Upload) -> None:
    if upload.status == Upload.Status.ACCEPTED and upload.case is not None:
        queue_analysis(upload.case)


@worker_ready.connect
def queue_what_was_left(**_: Any) -> None:
    """A worker that was killed left its cases unfinished: take them up again."""
    for case in Case.objects.waiting_for_analysis().iterator():
        queue_analysis(case)


@heartbeat_sent.connect
def tell_that_worker_lives(**_: Any) -> None:
    shared_cache.set(HEARTBEAT_KEY, "alive", timeout=HEARTBEAT_SECONDS)
