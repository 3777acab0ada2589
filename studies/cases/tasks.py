"""The analysis of cases as a task. Only a worker loads this module: it needs the predictor."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import heartbeat_sent, worker_ready
from django.conf import settings

from inference.image import UnreadableImage
from inference.pipeline import analyze
from inference.predictor import SHIPPED_WEIGHTS, Predictor
from inference.runtime.choice import usable_threads
from inference.weights_header import CheckpointError, read_header
from studies.cases.landmarks import begin_analysis, fail_analysis, store_analysis
from studies.cases.models import Case, Image
from studies.cases.queueing import LOCATE_LANDMARKS, queue_analysis
from studies.cases.stored import stored_image
from studies.celery import app
from studies.heartbeat import Heartbeat, publish_heartbeat

logger = logging.getLogger(__name__)


@cache
def predictor() -> Predictor:
    """The one warm session of this worker process, with its part of the processors."""
    threads = usable_threads(processes=app.conf.worker_concurrency)
    return Predictor.load(settings.WEIGHTS or None, threads=threads)


@app.task(
    bind=True, max_retries=3, retry_backoff=True, autoretry_for=(OSError,), name=LOCATE_LANDMARKS
)
def locate_landmarks_task(self: Any, case_id: str) -> None:
    """Analyse one case; run twice it finds nothing left to do."""
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


@worker_ready.connect
def queue_what_was_left(**_: Any) -> None:
    """A worker that was killed left its cases unfinished: take them up again."""
    for case in Case.objects.waiting_for_analysis().iterator():
        queue_analysis(case)


@cache
def model_problem() -> str:
    """Name the error that keeps this worker's weights from being read; empty when there is none."""
    try:
        read_header(settings.WEIGHTS or SHIPPED_WEIGHTS)
    except CheckpointError as error:
        logger.error("the weights cannot be used: %s", error)
        return type(error).__name__
    return ""


@heartbeat_sent.connect
def report_alive(**_: Any) -> None:
    publish_heartbeat(Heartbeat(model_problem=model_problem()))
